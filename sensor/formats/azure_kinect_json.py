"""Azure Kinect body tracking as JSON, from Microsoft's `offline_processor` or pykinect_azure.

Both are in millimetres and Azure Kinect axes (x right, y down, z forward), with 32 joints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import numpy as np

from sensor.errors import RecordingError
from sensor.formats import json_text
from sensor.formats.azure_kinect_csv import CONFIDENCE
from sensor.formats.json_text import Number
from sensor.formats.recording import (
    OPTICAL_AXES,
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
    measured_rate_hz,
    times_at_rate,
    to_float32,
)
from sensor.skeleton import AZURE_KINECT, Body, FloatArray, Frame

OFFLINE_FORMAT = "azure-kinect-offline-json"
PYKINECT_FORMAT = "pykinect-azure-json"
UNTIMED_RATE_HZ = 30.0

_Triple = Annotated[list[Number], msgspec.Meta(min_length=3, max_length=3)]


class _OfflineBody(msgspec.Struct):
    body_id: int
    joint_positions: list[_Triple]


class _OfflineFrame(msgspec.Struct):
    timestamp_usec: int
    bodies: list[_OfflineBody] = []


def read_offline(name: str, data: bytes, limits: Limits) -> Recording:
    """Read JSON of the offline processor. It has no confidence, so all joints count as seen.

    Body ids may be -1. Raises RecordingError.
    """
    raw = json_text.frames_of(name, data).frames
    check_frame_count(name, len(raw), limits)
    stamps, bodies = [], []
    # One by one, since all numbers at once would take several times the memory of the frames.
    for i, text in enumerate(raw):
        found = json_text.decode(f"{name}: frames[{i}]", bytes(text), _OfflineFrame)
        stamps.append(found.timestamp_usec * 1000)
        bodies.append(_offline_bodies(name, i, found, limits))
    times = check_times(name, stamps, [f"frames[{i}]" for i in range(len(raw))], limits)
    frames = [
        Frame(name, i, int(t), people, AZURE_KINECT)
        for i, (t, people) in enumerate(zip(times, bodies, strict=True))
    ]
    return checked_recording(
        name, OFFLINE_FORMAT, AZURE_KINECT, frames, measured_rate_hz(times), limits
    )


def _offline_bodies(
    name: str, number: int, frame: _OfflineFrame, limits: Limits
) -> tuple[Body, ...]:
    bodies = []
    for body in frame.bodies[: limits.max_bodies + 1]:
        joints = joints_from_mm(f"{name}: frames[{number}]", body.joint_positions)
        id_ = body.body_id if -1 <= body.body_id < 2**63 else -1
        bodies.append(Body(id_, joints, np.ones(32, np.float32)))
    return tuple(bodies)


def joints_from_mm(where: str, places: list[Any]) -> FloatArray:
    """Convert positions from millimetres and Azure axes to camera space metres, float32 (32, 3)."""
    if len(places) != 32:
        raise RecordingError(f"{where}: a body has {len(places)} joints; an Azure Kinect has 32")
    return to_float32(places) * OPTICAL_AXES / np.float32(1000)


class _Place(msgspec.Struct):
    x: Number
    y: Number
    z: Number


class _Wrapped(msgspec.Struct):
    xyz: _Place


class _Joint(msgspec.Struct):
    position: msgspec.Raw
    confidence_level: int = 2


class _Skeleton(msgspec.Struct):
    joints: list[_Joint]


class _Entry(msgspec.Struct):
    id: int
    skeleton: _Skeleton


def read_pykinect(name: str, data: bytes, limits: Limits) -> Recording:
    """Read a JSON list of pykinect_azure's bodies at 30 Hz, since it has no times.

    A list in the list holds the bodies of one frame, and `""` is a frame with nobody in view. In a
    flat list a new frame starts when a body id occurs again. Raises RecordingError.
    """
    groups = _groups(name, json_text.decode(name, data, list[list[_Entry] | _Entry | str | None]))
    check_frame_count(name, len(groups), limits)
    times = times_at_rate(name, len(groups), UNTIMED_RATE_HZ, limits)
    frames = []
    for i, (t, group) in enumerate(zip(times, groups, strict=True)):
        bodies = tuple(_body(f"{name}: frame {i}", e) for e in group[: limits.max_bodies + 1])
        frames.append(Frame(name, i, int(t), bodies, AZURE_KINECT))
    return checked_recording(name, PYKINECT_FORMAT, AZURE_KINECT, frames, UNTIMED_RATE_HZ, limits)


def _groups(name: str, found: Sequence[list[_Entry] | _Entry | str | None]) -> list[list[_Entry]]:
    groups: list[list[_Entry]] = []
    ids: set[int] = set()
    open_group = False
    for item in found:
        if isinstance(item, _Entry):
            if not open_group or item.id in ids:
                groups.append([])
                ids = set()
            groups[-1].append(item)
            ids.add(item.id)
            open_group = True
        elif item:
            if isinstance(item, str):
                raise RecordingError(f"{name}: frame {len(groups)} is a text, not a list of bodies")
            groups.append(item)
            open_group = False
        else:
            groups.append([])
            open_group = False
    return groups


def _body(where: str, entry: _Entry) -> Body:
    joints = entry.skeleton.joints
    places = [_place(where, joint.position) for joint in joints]
    confidence = [CONFIDENCE[min(max(joint.confidence_level, 0), 3)] for joint in joints]
    id_ = entry.id if -1 <= entry.id < 2**63 else -1
    return Body(id_, joints_from_mm(where, places), to_float32(confidence))


def _place(where: str, raw: msgspec.Raw) -> list[Number]:
    data = bytes(raw)
    if data.startswith(b"["):
        return json_text.decode(where, data, _Triple)
    if b'"xyz"' in data:
        inner = json_text.decode(where, data, _Wrapped).xyz
    else:
        inner = json_text.decode(where, data, _Place)
    return [inner.x, inner.y, inner.z]
