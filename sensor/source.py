"""The `Source` protocol, whatever yields `Frame`s, and `open_source`, which opens one by URI."""

from __future__ import annotations

import importlib
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

BUILT_IN = {
    "azure-kinect": "sensor.cameras.azure_kinect.camera:open_azure_kinect",
    "kinect-v2": "sensor.cameras.kinect_v2:open_kinect_v2",
    "mkv": "sensor.cameras.azure_kinect.recording:open_mkv",
    "realsense": "sensor.cameras.realsense:open_realsense",
    "replay": "sensor.cameras.replay:open_replay",
    "video": "sensor.cameras.video:open_video",
    "webcam": "sensor.cameras.webcam:open_webcam",
}
"""What opens each scheme, as `module:function`."""

ISOLATED = frozenset({"azure-kinect", "mkv", "kinect-v2", "webcam", "video", "realsense"})
"""Schemes whose code is a vendor's: each source runs in a process of its own, as it may crash."""

FINDERS: dict[str, str] = {
    "azure-kinect": "sensor.cameras.azure_kinect.camera:find",
    "kinect-v2": "sensor.cameras.kinect_v2:find",
    "realsense": "sensor.cameras.realsense:find",
    "webcam": "sensor.cameras.webcam:find",
}
"""What looks for cameras, as `module:function` that answers Findings, by the chief kind."""


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


def open_source(text: str, extra: Mapping[str, SourceFactory] | None = None) -> Source:
    """Open the source that a URI names, such as `replay:walk.jsonl?pace=2`.

    `extra` adds schemes that this package cannot know, each with what opens it. Raises
    SourceUriError for an unknown scheme or option, RecordingError for a file that cannot be read.
    """
    uri = parse_uri(text)
    schemes = extra or {}
    if uri.scheme in schemes:
        return schemes[uri.scheme](uri)
    if uri.scheme not in BUILT_IN:
        known = ", ".join(f"{scheme}:" for scheme in sorted({*BUILT_IN, *schemes}))
        raise SourceUriError(f"{text}: no source is called {uri.scheme!r}; known are {known}")
    if uri.scheme in ISOLATED:
        from sensor.isolation.source import isolated

        return isolated(uri, BUILT_IN[uri.scheme])
    return _factory(BUILT_IN[uri.scheme])(uri)


def _factory(place: str) -> SourceFactory:
    """The function at `module:name`; imported only now, for a device's SDK is large."""
    module, _, name = place.partition(":")
    factory: SourceFactory = getattr(importlib.import_module(module), name)
    return factory
