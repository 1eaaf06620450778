"""Kinect v2 as several programs write it to JSON: kinect2json, Kinect2JSON, KinectToJSON.

Metres in camera space, as Kinect v2 gives them. `Joints` is an object by joint name, or a list of
joints with a `name` or a `JointType`. A joint has `Position` or `location` or x, y, z of its own,
and perhaps a `TrackingState`: 0, 1, 2 or its name. The list holds bodies, lists of the bodies of
one frame, or objects with the list `bodies`. Without times: 30 Hz.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.json_text import JsonFrames
from sensor.formats.other_tools import json_values
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    to_float32,
)
from sensor.skeleton import KINECT_V2, Body, Frame

FORMAT = "kinect-v2-json"
_STATES = {"0": 0.0, "1": 0.5, "2": 1.0, "nottracked": 0.0, "inferred": 0.5, "tracked": 1.0}
_NUMBERS = {csv_text.plain(joint): i for i, joint in enumerate(KINECT_V2.joints)}
_PLACES = ("position", "location", "cameraspacepoint")
_TIMES = ("timestamp", "time", "relativetime")


def is_frame(keys: frozenset[str]) -> bool:
    """Return whether a JSON text with these first keys holds Kinect v2's bodies by joint name."""
    low = {key.lower() for key in keys}
    named = bool(low & _NUMBERS.keys()) or bool(low & {"name", "jointtype"})
    return "joints" in low and named and "skeleton" not in low and "skeletons" not in low


def read(name: str, found: JsonFrames, limits: Limits) -> Recording:
    """Read Kinect v2's bodies. A body without a seen joint is nobody. Raises RecordingError.

    In a list of bodies a new frame starts when an id occurs again.
    """
    groups: list[list[Body]] = []
    stamps: list[Any] = []
    alone = False
    for i in range(len(found.frames)):
        where, value = f"{name}: frame {i}", json_values.decoded(name, found, i)
        if isinstance(value, dict) and "joints" in value:
            body = _body(where, value)
            if not alone or any(body.id == other.id for other in groups[-1]):
                groups.append([])
                stamps.append(_stamp(value))
            groups[-1].append(body)
            alone = True
            continue
        inner = value.get("bodies") if isinstance(value, dict) else value
        listed = json_values.list_of(where, inner, "the bodies")[: limits.max_bodies + 1]
        groups.append([_body(where, body) for body in listed])
        stamps.append(_stamp(value))
        alone = False
    check_frame_count(name, len(groups), limits)
    times, rate_hz = json_values.times_ns(name, found, stamps, limits)
    frames = [
        Frame(name, i, int(t), tuple(b for b in group if b.confidence.any()), KINECT_V2)
        for i, (t, group) in enumerate(zip(times, groups, strict=True))
    ]
    return checked_recording(name, FORMAT, KINECT_V2, frames, rate_hz, limits)


def _stamp(value: Any) -> Any:
    if not isinstance(value, dict):
        return None
    stamp = next((value[key] for key in _TIMES if key in value), None)
    return stamp if isinstance(stamp, int | float) else None


def _body(where: str, value: Any) -> Body:
    joints = value.get("joints") if isinstance(value, dict) else None
    if isinstance(joints, dict):
        pairs = list(joints.items())
    elif isinstance(joints, list):
        pairs = [(_name(where, joint), joint) for joint in joints]
    else:
        raise RecordingError(f"{where}: a body should have `Joints`")
    rows = np.zeros((len(KINECT_V2.joints), 4), np.float32)
    for key, joint in pairs:
        at = _NUMBERS.get(csv_text.plain(str(key)))
        if at is None:
            raise RecordingError(f"{where}: Kinect v2 has no joint {str(key)[:40]!r}")
        rows[at] = to_float32([*_place(where, joint), _confidence(where, joint)])
    id_ = value.get("trackingid", value.get("id", -1))
    return Body(json_values.body_id(id_), rows[:, :3], np.nan_to_num(rows[:, 3]))


def _name(where: str, joint: Any) -> str:
    found = joint.get("name", joint.get("jointtype")) if isinstance(joint, dict) else None
    if isinstance(found, int) and 0 <= found < len(KINECT_V2.joints):
        return KINECT_V2.joints[found]
    if not isinstance(found, str):
        raise RecordingError(f"{where}: a joint should have a `name` or a `JointType`")
    return found


def _place(where: str, joint: Any) -> list[float]:
    if not isinstance(joint, dict):
        return json_values.position(where, joint)
    inner = next((joint[key] for key in _PLACES if key in joint), joint)
    return json_values.position(where, inner)


def _confidence(where: str, joint: Any) -> float:
    if not isinstance(joint, dict):
        return 1.0
    state = joint.get("trackingstate", joint.get("state", 2))
    known = _STATES.get(csv_text.plain(str(state)))
    if known is None:
        raise RecordingError(f"{where}: the tracking state {str(state)[:40]!r} is not 0, 1 or 2")
    return known
