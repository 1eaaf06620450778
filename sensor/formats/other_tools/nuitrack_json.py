"""Nuitrack's skeletons as JSON: frames with `Timestamp` and `Skeletons`, each with `joints`.

A joint has a `type` (a number or a name such as `JOINT_HEAD`), `real` {x, y, z} in millimetres and
a `confidence`. Axes: x to the sensor's right, y up, z away from the sensor, so x is negated. The
unit of `Timestamp` is told from its steps; Nuitrack's own is microseconds.

Nuitrack's joint 0 is "none" and never seen. Files in which it is seen number the joints as Kinect
v2 does, and their x points to the sensor's left, as Kinect's does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.json_text import JsonFrames
from sensor.formats.other_tools import json_values
from sensor.formats.other_tools.joint_means import to_kinect_v2
from sensor.formats.other_tools.people_frames import people_frames
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    to_float32,
)
from sensor.skeleton import KINECT_V2, Body, FloatArray

FORMAT = "nuitrack-json"
METRES_PER_UNIT = np.float32(0.001)
AXES = np.array((-1, 1, 1), np.float32)
"""Nuitrack's axes to camera space."""
JOINTS = (
    "NONE", "HEAD", "NECK", "TORSO", "WAIST", "LEFT_COLLAR", "LEFT_SHOULDER", "LEFT_ELBOW",
    "LEFT_WRIST", "LEFT_HAND", "LEFT_FINGERTIP", "RIGHT_COLLAR", "RIGHT_SHOULDER", "RIGHT_ELBOW",
    "RIGHT_WRIST", "RIGHT_HAND", "RIGHT_FINGERTIP", "LEFT_HIP", "LEFT_KNEE", "LEFT_ANKLE",
    "LEFT_FOOT", "RIGHT_HIP", "RIGHT_KNEE", "RIGHT_ANKLE", "RIGHT_FOOT",
)  # fmt: skip
"""Nuitrack's joints by number; left and right are the person's own."""

SOURCES: dict[str, tuple[str, ...]] = {
    "Head": ("HEAD",),
    "Neck": ("NECK",),
    "SpineShoulder": ("LEFT_COLLAR", "RIGHT_COLLAR"),
    "SpineMid": ("TORSO", "LEFT_COLLAR", "RIGHT_COLLAR"),
    "SpineBase": ("WAIST",),
    **{
        f"{ours}{side}": (f"{side.upper()}_{theirs}",)
        for ours, theirs in (
            ("Shoulder", "SHOULDER"), ("Elbow", "ELBOW"), ("Wrist", "WRIST"), ("Hand", "HAND"),
            ("HandTip", "FINGERTIP"), ("Hip", "HIP"), ("Knee", "KNEE"), ("Ankle", "ANKLE"),
            ("Foot", "FOOT"),
        )
        for side in ("Left", "Right")
    },
}  # fmt: skip
"""Kinect's SpineMid lies between Nuitrack's torso and collar."""

_NUMBERS = {csv_text.plain(name): i for i, name in enumerate(JOINTS)}
_Skeleton = tuple[int, FloatArray]


def is_frame(keys: frozenset[str]) -> bool:
    """Return whether a JSON text with these first keys is Nuitrack's."""
    return "skeletons" in {key.lower() for key in keys}


def read(name: str, found: JsonFrames, limits: Limits) -> Recording:
    """Read Nuitrack's skeletons with their ids and confidence. Raises RecordingError."""
    check_frame_count(name, len(found.frames), limits)
    skeletons: list[list[_Skeleton]] = []
    stamps: list[Any] = []
    for i in range(len(found.frames)):
        where, value = f"{name}: frame {i}", json_values.decoded(name, found, i)
        value = value or {}
        if not isinstance(value, dict):
            raise RecordingError(f"{where} should be an object with a list `Skeletons`")
        listed = json_values.list_of(where, value.get("skeletons"), "`Skeletons`")
        skeletons.append([_skeleton(where, s) for s in listed[: limits.max_bodies + 1]])
        stamps.append(value.get("timestamp"))
    times, rate_hz = json_values.times_ns(name, found, stamps, limits)
    frames = people_frames(
        name, times, skeletons, _bodies([one for group in skeletons for one in group])
    )
    return checked_recording(name, FORMAT, KINECT_V2, frames, rate_hz, limits)


def _skeleton(where: str, value: Any) -> _Skeleton:
    """Return an id, and float32 (25, 4) by joint number: x, y, z and confidence."""
    if not isinstance(value, dict):
        raise RecordingError(f"{where}: a skeleton should be an object with a list `joints`")
    points = np.zeros((len(JOINTS), 4), np.float32)
    for joint in json_values.list_of(where, value.get("joints"), "`joints`"):
        if not isinstance(joint, dict):
            raise RecordingError(f"{where}: a joint should be an object with `type` and `real`")
        place = json_values.position(where, joint.get("real"))
        sure = json_values.number(where, joint.get("confidence", 1.0))
        row = to_float32([*place, sure])
        seen = np.isfinite(row).all() and row[:3].any()
        points[_number(where, joint.get("type"))] = row if seen else 0.0
    return json_values.body_id(value.get("id")), points


def _number(where: str, value: Any) -> int:
    if isinstance(value, str) and not value.isdigit():
        value = _NUMBERS.get(csv_text.plain(value).removeprefix("joint"), -1)
    number = json_values.number(where, value)
    if not (number.is_integer() and 0 <= number < len(JOINTS)):
        raise RecordingError(f"{where}: a joint has the type {str(value)[:40]!r}; 0 to 24 are read")
    return int(number)


def _bodies(skeletons: list[_Skeleton]) -> list[Body]:
    if not skeletons:
        return []
    points = np.array([values for _, values in skeletons])
    places, sure = points[..., :3] * METRES_PER_UNIT, points[..., 3]
    if not (sure[:, 0] > 0).any():
        joints, sure = to_kinect_v2(places, sure, JOINTS, SOURCES)
        places = joints * AXES
    ids = [id_ for id_, _ in skeletons]
    return [Body(*body) for body in zip(ids, places, sure, strict=True)]
