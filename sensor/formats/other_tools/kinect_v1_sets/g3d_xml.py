"""The XML of G3D and G3Di: an `ArrayOfSkeleton` per frame, as .NET writes the Kinect's skeletons.

A `Skeleton` has a `Position`, and `Joints` if it is tracked. A `Joint` has a `Position` with X, Y
and Z, a `JointType`, and perhaps a `TrackingState`; its places in the pictures are not used.

Document types and entities are refused, so nothing outside of the file is read and nothing grows.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

import numpy as np

from sensor.errors import RecordingError
from sensor.formats.other_tools import json_values
from sensor.formats.recording import Limits, check_frame_count, to_float32
from sensor.skeleton import KINECT_V1, Body

FRAME = "ArrayOfSkeleton"
DEEPEST = 12
LONGEST_TEXT = 200
_STATES = {"NotTracked": 0.0, "Inferred": 0.5, "Tracked": 1.0, "0": 0.0, "1": 0.5, "2": 1.0}
_AXES = ("X", "Y", "Z")


def parse(name: str, data: bytes, limits: Limits) -> list[tuple[Body, ...]]:
    """Return the bodies of each frame in a UTF-8 document. Raises RecordingError."""
    handler = _Handler(name, limits)
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.characters
    parser.StartDoctypeDeclHandler = handler.refuse
    parser.EntityDeclHandler = handler.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise RecordingError(f"{name}: invalid or incomplete XML: {error}") from None
    finally:
        # The parser and its handlers refer to each other.
        nothing: Callable[..., None] | None = None
        parser.StartElementHandler = parser.EndElementHandler = nothing
        parser.CharacterDataHandler = parser.StartDoctypeDeclHandler = nothing
        parser.EntityDeclHandler = nothing
    return handler.frames


class _Handler:
    """Collects the frames of a document while it is parsed."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.frames: list[tuple[Body, ...]] = []
        self._name = name
        self._limits = limits
        self._path: list[str] = []
        self._text = ""
        self._bodies: list[Body] = []
        self._skeletons = 0
        self._id = -1
        self._rows = np.zeros((0, 4), np.float32)
        self._joint: dict[str, str] = {}

    def refuse(self, *_: object) -> None:
        """Refuse document types and entities."""
        raise RecordingError(
            f"{self._name}: XML with a document type or entities is not read; remove <!DOCTYPE ...>"
        )

    def start(self, tag: str, _: dict[str, str]) -> None:
        """Begin an element."""
        self._path.append(tag)
        self._text = ""
        if len(self._path) > DEEPEST:
            raise RecordingError(f"{self._name}: the XML is nested too deeply for a recording")
        if tag == FRAME:
            self._bodies, self._skeletons = [], 0
        elif tag == "Skeleton":
            self._id = self._skeletons
            self._skeletons += 1
            self._rows = np.zeros((len(KINECT_V1.joints), 4), np.float32)
        elif tag == "Joint":
            self._joint = {}

    def characters(self, text: str) -> None:
        """Take a piece of text; only the beginning of a long one is kept."""
        if len(self._text) < LONGEST_TEXT:
            self._text += text

    def end(self, tag: str) -> None:
        """End an element."""
        self._path.pop()
        text, self._text = self._text[:LONGEST_TEXT].strip(), ""
        if self._path[-1:] == ["Joint"] or self._path[-2:] == ["Joint", "Position"]:
            self._joint[tag] = text
        elif [*self._path[-1:], tag] == ["Skeleton", "TrackingId"] and text not in ("", "0"):
            self._id = json_values.body_id(text)
        elif tag == "Joint":
            self._end_joint()
        elif tag == "Skeleton":
            self._end_skeleton()
        elif tag == FRAME:
            check_frame_count(self._name, len(self.frames) + 1, self._limits)
            self.frames.append(tuple(self._bodies))

    def _end_joint(self) -> None:
        where = f"{self._name}: frame {len(self.frames)}"
        kind = self._joint.get("JointType", "")
        if kind not in KINECT_V1.index:
            raise RecordingError(f"{where}: a Kinect v1 has no joint {kind[:40]!r}")
        state = self._joint.get("TrackingState", "Tracked")
        if state not in _STATES:
            raise RecordingError(f"{where}: the tracking state {state[:40]!r} is unknown")
        if any(axis not in self._joint for axis in _AXES):
            raise RecordingError(f"{where}: {kind} should have a Position with X, Y and Z")
        place = [json_values.number(where, self._joint[axis]) for axis in _AXES]
        if len(self._rows):
            self._rows[KINECT_V1.index[kind]] = to_float32([*place, _STATES[state]])

    def _end_skeleton(self) -> None:
        body = Body(self._id, self._rows[:, :3], self._rows[:, 3])
        # A skeleton without joints is a place that is tracked, or an empty entry of the array.
        if body.confidence.any() and len(self._bodies) <= self._limits.max_bodies:
            self._bodies.append(body)
