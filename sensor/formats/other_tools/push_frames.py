"""The `frame` messages of the push socket, saved one per line or as a list.

Metres in camera space, in the layout that the first frame names. `captured_ns` is any clock that
rises. A joint is missing if it is null, and without `confidence` all other joints are seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec
import numpy as np

from sensor.errors import RecordingError
from sensor.formats import json_text
from sensor.formats.json_text import JsonFrames, Number
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
    measured_rate_hz,
    to_float32,
)
from sensor.skeleton import KINECT_V2, LAYOUTS, Body, Frame, Layout

FORMAT = "jointwise-push-frames"

_Triple = Annotated[list[Number], msgspec.Meta(min_length=3, max_length=3)]


class _Body(msgspec.Struct):
    id: int
    joints_m: list[_Triple | None]
    confidence: list[Number] | None = None


class _Frame(msgspec.Struct):
    bodies: list[_Body]
    captured_ns: int
    sequence: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] = 0
    layout: str = KINECT_V2.name
    truth: str | None = None


def is_frame(keys: frozenset[str]) -> bool:
    """Return whether a JSON text with these first keys holds `frame` messages."""
    return keys >= {"captured_ns", "bodies"}


def read(name: str, found: JsonFrames, limits: Limits) -> Recording:
    """Read saved `frame` messages. Raises RecordingError."""
    check_frame_count(name, len(found.frames), limits)
    frames, stamps, layout = [], [], KINECT_V2
    for i, raw in enumerate(found.frames):
        where = f"{name}: frame {i}"
        frame = json_text.decode(where, bytes(raw), _Frame)
        if i == 0:
            layout = _layout(where, frame.layout)
        if frame.layout != layout.name:
            raise RecordingError(f"{where} has the layout {frame.layout!r}, not {layout.name!r}")
        bodies = tuple(_body(where, b, layout) for b in frame.bodies[: limits.max_bodies + 1])
        stamps.append(frame.captured_ns)
        frames.append(Frame(name, frame.sequence or i, 0, bodies, layout, frame.truth))
    times = check_times(name, stamps, [f"frame {i}" for i in range(len(stamps))], limits)
    timed = [replace(f, captured_ns=int(t)) for f, t in zip(frames, times, strict=True)]
    return checked_recording(name, FORMAT, layout, timed, measured_rate_hz(times), limits)


def _layout(where: str, layout_name: str) -> Layout:
    layout = LAYOUTS.get(layout_name)
    if layout is None:
        raise RecordingError(
            f"{where} has the layout {layout_name[:40]!r}; known: {', '.join(LAYOUTS)}"
        )
    return layout


def _body(where: str, found: _Body, layout: Layout) -> Body:
    count = len(layout.joints)
    sure = found.confidence
    if len(found.joints_m) != count or (sure is not None and len(sure) != count):
        raise RecordingError(
            f"{where}: body {found.id} should have {count} joints of {layout.name}, and as many "
            "confidences if it has any"
        )
    joints = to_float32([joint or (None, None, None) for joint in found.joints_m])
    confidence = np.ones(count, np.float32) if sure is None else np.nan_to_num(to_float32(sure))
    id_ = found.id if -1 <= found.id < 2**63 else -1
    return Body(id_, joints, confidence)
