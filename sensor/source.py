"""The `Source` protocol, source URIs, and `Finding`, the answer of a search for cameras."""

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
    """An opened camera or recording that yields frames.

    `frames()` blocks until each frame is captured. It returns when the source has ended and raises
    `SensorError` when the source is lost. `close()` may be called from another thread; `frames()`
    returns soon after. `note` is a sentence for the people who watch, or "".

    Optional attributes: `restartable = True` marks a camera whose `frames()` may be called again
    after it raised, and then looks for the device again. `lossless = True` marks a recording that
    is played faster than real time and waits for its reader. `start_s` and `silence_s` are the
    longest waits for the first and for any later frame, if they exceed 30 s and 2.5 s.

    The function that opens a source checks its options, loads the SDK, and raises SensorError if an
    option is wrong or the SDK is missing. `frames()` opens the device itself, and yields a frame
    for every image, even without a person.
    """

    name: str
    kind: str
    note: str

    def frames(self) -> Iterator[Frame]:
        """Yield frames until the source ends."""
        ...

    def close(self) -> None:
        """Release the device or file."""
        ...


@dataclass(frozen=True)
class SourceUri:
    """The parts of `SCHEME:PATH?key=value&...`. The values of `options` are text."""

    text: str
    scheme: str
    path: str
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """The stream's name: the option `name`, else a slug of the path, else of the scheme.

        A path that is only a number, as a camera's is, is prefixed with the scheme.
        """
        stem = PurePath(self.path).stem
        place = f"{self.scheme}-{stem}" if stem.isdecimal() else stem or self.scheme
        return slug(self.options.get("name") or place)

    def check_options(self, known: Collection[str]) -> None:
        """Raise SourceUriError if there is an option other than `known` and `EVERYWHERE`."""
        strange = sorted(set(self.options) - set(known) - set(EVERYWHERE))
        if strange:
            raise SourceUriError(
                f"{self.text}: {self.scheme}: takes no option {strange[0]!r}; it takes "
                f"{', '.join([*known, *EVERYWHERE])}"
            )

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """Return an option as a number from `low` to `high`. Raises SourceUriError."""
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
        """Return an option as true or false. Raises SourceUriError."""
        text = self.options.get(key, str(default)).lower()
        if text not in ("true", "false"):
            raise SourceUriError(f"{self.text}: {key}={text} should be true or false")
        return text == "true"


EVERYWHERE = ("name", "rotate")
"""The options of every source."""

SourceFactory = Callable[[SourceUri], Source]


def slug(text: str) -> str:
    """Turn text into a stream name: lower case letters, digits, dots, dashes and underscores."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-.") or "stream"


def parse_uri(text: str) -> SourceUri:
    """Split a source URI into its parts. Raises SourceUriError."""
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

    `kind` is the scheme of its source. `uri` is the value for `--source`, or "" if it cannot be
    opened. `name` is what people call the camera. `ready` says whether it can be opened now. `text`
    says what was found or what is missing, `mend` what to do about it, or "".
    """

    kind: str
    uri: str
    name: str
    ready: bool
    text: str
    mend: str
