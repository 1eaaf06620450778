"""MediaPipe Pose as JSON: a list of frames of 33 world landmarks, `{x, y, z, visibility}`.

A frame may also be a list of people, an object with the landmarks and a time, or a flat list of
numbers. Axes and units: see `mediapipe_landmarks`. A frame without landmarks has nobody in view.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sensor.errors import RecordingError
from sensor.formats.json_text import JsonFrames
from sensor.formats.other_tools import json_values
from sensor.formats.other_tools.mediapipe_landmarks import COUNT, to_joints
from sensor.formats.other_tools.people_frames import people_frames
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    to_float32,
)
from sensor.skeleton import KINECT_V2, Body, FloatArray

FORMAT = "mediapipe-json"
_WORLD = ("pose_world_landmarks", "poseworldlandmarks", "world_landmarks", "worldlandmarks")
_OTHER = ("keypoints3d", "landmarks", "pose_landmarks", "poselandmarks", "landmark")
_TIMES = ("timestamp_ms", "timestampms", "timestamp", "time_ms", "time_s", "time")
PRESENT = 0.5
"""A landmark of a lower presence is outside the picture."""


def is_frame(keys: frozenset[str]) -> bool:
    """Return whether a JSON text with these first keys holds landmarks."""
    low = {key.lower() for key in keys}
    axes = {"x", "y", "z"}
    return bool(low & {*_WORLD, *_OTHER}) or low == axes or low >= axes | {"visibility"}


def read(name: str, found: JsonFrames, limits: Limits) -> Recording:
    """Read world landmarks, at 30 Hz if neither times nor a rate are stated.

    The visibility is the confidence. Raises RecordingError, also for landmarks in the picture.
    """
    check_frame_count(name, len(found.frames), limits)
    people: list[list[FloatArray]] = []
    stamps: list[Any] = []
    for i in range(len(found.frames)):
        value = json_values.decoded(name, found, i)
        people.append(_people(f"{name}: frame {i}", value)[: limits.max_bodies + 1])
        stamps.append(_stamp(value))
    times, rate_hz = json_values.times_ns(name, found, stamps, limits)
    frames = people_frames(name, times, people, _bodies(name, people))
    return checked_recording(name, FORMAT, KINECT_V2, frames, rate_hz, limits)


def _bodies(name: str, people: list[list[FloatArray]]) -> list[Body]:
    rows = [body for group in people for body in group]
    if not rows:
        return []
    values = np.array(rows)
    joints, sure = to_joints(name, values[..., :3], values[..., 3])
    ids = [i for group in people for i in range(len(group))]
    return [Body(*body) for body in zip(ids, joints, sure, strict=True)]


def _stamp(value: Any) -> Any:
    if not isinstance(value, dict):
        return None
    return next((value[key] for key in _TIMES if value.get(key) is not None), None)


def _people(where: str, value: Any, depth: int = 5) -> list[FloatArray]:
    """Return the people of one frame, each float32 (33, 4): x, y, z and visibility."""
    if isinstance(value, dict) and depth:
        key = next((key for key in (*_WORLD, *_OTHER) if value.get(key)), None)
        return [] if key is None else _people(where, value[key], depth - 1)
    if value is None or value == "" or value == []:
        return []
    if not isinstance(value, list) or not depth:
        raise RecordingError(f"{where} should be a list of {COUNT} landmarks")
    if all(isinstance(inner, int | float) for inner in value) and len(value) in (
        3 * COUNT,
        4 * COUNT,
    ):
        width = len(value) // COUNT
        return [_body(where, [value[i : i + width] for i in range(0, len(value), width)])]
    if len(value) == COUNT and not _is_body(value[0]):
        return [_body(where, value)]
    if not all(_is_body(inner) for inner in value):
        raise RecordingError(f"{where} has {len(value)} landmarks; MediaPipe's pose has {COUNT}")
    return [body for inner in value for body in _people(where, inner, depth - 1)]


def _is_body(value: Any) -> bool:
    if isinstance(value, dict):
        return any(key in value for key in (*_WORLD, *_OTHER))
    return isinstance(value, list) and len(value) >= COUNT


def _body(where: str, rows: list[Any]) -> FloatArray:
    return to_float32([_row(where, row) for row in rows])


def _row(where: str, value: Any) -> list[float]:
    if isinstance(value, dict):
        place = json_values.position(where, value)
        sure = json_values.number(where, value.get("visibility", value.get("score", 1.0)))
        there = json_values.number(where, value.get("presence", 1.0)) >= PRESENT
        return [*place, sure] if there else [math.nan] * 4
    if not isinstance(value, list) or len(value) not in (3, 4, 5):
        raise RecordingError(f"{where}: a landmark should be x, y, z and visibility")
    row = [json_values.number(where, part) for part in value]
    return row[:4] if len(row) > 3 else [*row, 1.0]
