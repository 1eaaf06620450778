"""Kinect v2 CSV: no header; a time in 100 ns ticks, then 25 × (x, y, z, tracking state).

Metres, camera space, one person. Lines may end with a comma.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
    measured_rate_hz,
    single_body_frames,
    to_float32,
)
from sensor.skeleton import KINECT_V2

FORMAT = "kinect-v2-csv"
FIELDS = 1 + 25 * 4


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read a Kinect v2 CSV text. Tracking states 0, 1, 2 become confidence 0, 0.5, 1.

    Raises RecordingError.
    """
    lines = [(i, line.strip()) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    check_frame_count(name, len(lines), limits)
    rows = np.array([_numbers(name, i, line) for i, line in lines])
    where = [f"line {i}" for i, _ in lines]
    times = check_times(name, [round(ticks * 100) for ticks in rows[:, 0].tolist()], where)
    values = rows[:, 1:].reshape(-1, 25, 4)
    confidence = np.nan_to_num(np.clip(values[..., 3], 0, 2)) / 2
    frames = single_body_frames(
        name, KINECT_V2, times, to_float32(values[..., :3]), to_float32(confidence)
    )
    return checked_recording(name, FORMAT, KINECT_V2, frames, measured_rate_hz(times), limits)


def _numbers(name: str, number: int, line: str) -> NDArray[np.float64]:
    fields = line.removesuffix(",").split(",")
    if len(fields) != FIELDS:
        raise RecordingError(
            f"{name}: line {number} has {len(fields)} values; a Kinect v2 line has {FIELDS}: "
            "a time, then x, y, z and tracking state of 25 joints"
        )
    try:
        row = np.array([float(field) for field in fields])
    except ValueError as error:
        raise RecordingError(f"{name}: line {number}: {error}") from None
    if not math.isfinite(row[0]) or abs(row[0]) > 1e16:
        raise RecordingError(f"{name}: line {number}: the time {fields[0]} is not valid")
    return row


def write(recording: Recording) -> str:
    """Return the text of a one-person recording in Kinect v2's layout.

    Times are rounded to 100 ns. Frames without a body are left out.
    """
    lines = []
    for frame in recording.frames:
        if not frame.bodies:
            continue
        body = frame.bodies[0]
        fields = [str(round(frame.captured_ns / 100))]
        for (x, y, z), sure in zip(body.joints_m, body.confidence, strict=True):
            fields += [f"{x:.9g}", f"{y:.9g}", f"{z:.9g}", str(math.ceil(sure * 2))]
        lines.append(",".join(fields) + ",")
    return "\n".join(lines) + "\n"
