"""Turns bodies about the viewing axis, for cameras mounted on their side or upside down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from sensor.errors import SourceUriError
from sensor.skeleton import Body, FloatArray, Frame
from sensor.source import Source, SourceUri

TURNS = (90, 180, 270)
"""Degrees by which bodies can be turned, clockwise as the camera sees them."""
OPTION = "rotate"
_SINES = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}


def rotation(degrees: int) -> FloatArray:
    """Return the matrix (3, 3) that turns positions (..., 3) by `positions @ matrix`."""
    cosine, sine = _SINES[degrees]
    return np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]], np.float32)


def rotate_frame(frame: Frame, degrees: int) -> Frame:
    """Return the frame with its bodies turned; left and right stay right. 0 changes nothing."""
    if not degrees:
        return frame
    turn = rotation(degrees)
    bodies = (Body(body.id, body.joints_m @ turn, body.confidence) for body in frame.bodies)
    return replace(frame, bodies=tuple(bodies))


def rotation_of(uri: SourceUri) -> int:
    """Return the option `rotate` in degrees, 0 without one. Raises SourceUriError."""
    text = uri.options.get(OPTION, "0")
    if text not in ("0", *map(str, TURNS)):
        raise SourceUriError(f"{uri.text}: {OPTION}={text} should be 90, 180 or 270")
    return int(text)


class RotatedSource:
    """A source whose bodies are turned by some degrees. Its optional attributes are kept."""

    def __init__(self, source: Source, degrees: int) -> None:
        self.name = source.name
        self.kind = source.kind
        self.note = source.note
        self._source = source
        self._degrees = degrees

    def __getattr__(self, key: str) -> Any:
        if key.startswith("_"):
            raise AttributeError(key)
        return getattr(self._source, key)

    def frames(self) -> Iterator[Frame]:
        """Yield turned frames until the source ends."""
        for frame in self._source.frames():
            yield rotate_frame(frame, self._degrees)

    def close(self) -> None:
        """Release the device or file."""
        self._source.close()
