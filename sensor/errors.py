"""What can go wrong between a device or a recording and a `Frame`."""


class SensorError(Exception):
    """A source cannot be opened or read. The text is one line that names problem and mend."""


class SourceUriError(SensorError):
    """The URI of a source names no known kind, or an option it does not take."""


class RecordingError(SensorError):
    """A recording is empty, damaged, too large, or not of a format that Jointwise reads."""
