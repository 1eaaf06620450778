"""The `Source` protocol, whatever yields `Frame`s, and `open_source`, which opens one by URI."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol
from urllib.parse import parse_qsl, unquote

from sensor.errors import SourceUriError
from sensor.skeleton import Frame


class Source(Protocol):
    """An opened camera or recording.

    `frames()` yields each frame as it is captured and blocks between them; it returns when the
    source has ended and raises `SensorError` when the source is lost. `close()` may be called
    from another thread and makes `frames()` return soon. `note` is a sentence that people who
    watch should read, or "". A source may also say `restartable = True` (a camera, whose
    `frames()` may be called again after it raised, and then looks for the device anew) or
    `lossless = True` (a recording played faster than real time, which waits for its reader).

    What opens a source checks its options and loads the SDK, and raises SensorError where one is
    wrong or missing. The device itself is opened by `frames()`, which yields a frame for each
    image even where nobody is in it. A device that may need more than 30 s for its first frame,
    or may pause for more than 2.5 s, says so in `start_s` and `silence_s`.
    """

    name: str
    kind: str
    note: str

    def frames(self) -> Iterator[Frame]:
        """Yield frames until the source ends."""
        ...

    def close(self) -> None:
        """Let go of the device or file."""
        ...


@dataclass(frozen=True)
class SourceUri:
    """`SCHEME:PATH?key=value&...` in its parts. `options` keep their text."""

    text: str
    scheme: str
    path: str
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """The stream's name: the option `name`, else a slug of the path, else of the scheme.

        A path that is a number only, as a camera's is, gets the scheme before it.
        """
        stem = PurePath(self.path).stem
        place = f"{self.scheme}-{stem}" if stem.isdecimal() else stem or self.scheme
        return slug(self.options.get("name") or place)

    def only(self, known: Collection[str]) -> None:
        """Raise SourceUriError where an option is none of `known`; `name` is always one."""
        strange = sorted(set(self.options) - set(known) - {"name"})
        if strange:
            raise SourceUriError(
                f"{self.text}: {self.scheme}: takes no option {strange[0]!r}; it takes "
                f"{', '.join([*known, 'name'])}"
            )

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """The option as a number from `low` to `high`. Raises SourceUriError."""
        text = self.options.get(key)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise SourceUriError(
                f"{self.text}: {key}={text} should be a number from {low:g} to {high:g}"
            )
        return value

    def flag(self, key: str, default: bool) -> bool:
        """The option as true or false. Raises SourceUriError."""
        text = self.options.get(key, str(default)).lower()
        if text not in ("true", "false"):
            raise SourceUriError(f"{self.text}: {key}={text} should be true or false")
        return text == "true"


SourceFactory = Callable[[SourceUri], Source]


def slug(text: str) -> str:
    """A name for a stream: lower case letters, digits, dots, dashes and underscores."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-.") or "stream"


def parse_uri(text: str) -> SourceUri:
    """Take a source URI apart. Raises SourceUriError."""
    scheme, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[a-z][a-z0-9-]+", scheme):
        raise SourceUriError(
            f"{text!r} is not a source; a source looks like replay:clip.npz or demo:"
        )
    path, _, query = rest.partition("?")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise SourceUriError(f"{text}: options look like key=value&key=value: {error}") from None
    options = dict(pairs)
    if len(options) != len(pairs):
        raise SourceUriError(f"{text}: an option is given twice; separate values by commas")
    return SourceUri(text, scheme, unquote(path), options)


@dataclass(frozen=True)
class Finding:
    """A camera that was found, or a kind of camera that cannot be used yet.

    `kind` is the scheme of its source, `uri` what to give to `--source` ("" where nothing can be
    opened), `name` what people call it, `ready` whether it can be opened as it is. `text` says
    what was found or what is missing, `mend` what to do about it, or "".
    """

    kind: str
    uri: str
    name: str
    ready: bool
    text: str
    mend: str
