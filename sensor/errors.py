"""Errors between a device or a recording and a `Frame`."""


class SensorError(Exception):
    """A source cannot be opened or read. The text is one line: the problem and the remedy."""


class SourceUriError(SensorError):
    """A source URI names an unknown kind or an unknown option."""


class RecordingError(SensorError):
    """A recording is empty, damaged, too large, or in a format that Jointwise does not read."""


def name_file(text: str, title: str, file_name: str) -> str:
    """Return an error's text with the name of the file in place of the title that it begins with.

    Readers know a recording by its title; people know the file.
    """
    return file_name + text.removeprefix(title) if text.startswith(title) else text
