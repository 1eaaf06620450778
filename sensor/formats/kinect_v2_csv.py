"""Kinect v2 CSV: a time in 100 ns ticks, then 25 × (x, y, z, tracking state). Often no header.

Metres, camera space, one person. Lines may end with a separator. A header may name the columns in
any order, such as `SpineBase_x`; then the time may have another unit, and the states may be absent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.recording import (
    UNITS_S,
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
    measured_rate_hz,
    single_body_frames,
    times_at_rate,
    times_in_any_unit,
    to_float32,
)
from sensor.skeleton import KINECT_V2

FORMAT = "kinect-v2-csv"
FIELDS = 1 + 25 * 4
RATE_HZ = 30.0
TICK_S = 1e-7
_NAMES = {joint: (csv_text.plain(joint),) for joint in KINECT_V2.joints}
_STATES = {"nottracked": "0", "inferred": "1", "tracked": "2"}

_Line = tuple[int, str]


def is_first_line(line: str) -> bool:
    """Return whether a line is a header that names Kinect v2's joints, or a line of numbers."""
    mark = csv_text.separator(line)
    if mark not in line:
        return False
    cells = csv_text.cells_of(line, mark)
    return (cells[0] != "" and _is_number(cells[0], mark)) or _is_header(cells)


def _is_header(cells: list[str]) -> bool:
    return "SpineBase" in csv_text.axis_columns(cells, _NAMES)


def _is_number(cell: str, mark: str) -> bool:
    try:
        csv_text.to_number(cell, mark)
    except ValueError:
        return False
    return True


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read a Kinect v2 CSV text. Tracking states 0, 1, 2 become confidence 0, 0.5, 1.

    Raises RecordingError.
    """
    lines = csv_text.NumberedLines.of(text)
    mark = csv_text.separator(lines[0][1])
    head = csv_text.cells_of(lines[0][1], mark)
    if _is_header(head):
        check_frame_count(name, len(lines) - 1, limits)
        times, values = _named_columns(name, lines, head, mark, limits)
    else:
        check_frame_count(name, len(lines), limits)
        rows = np.array([_numbers(name, line, mark) for line in lines])
        where = [f"line {i}" for i, _ in lines]
        times = check_times(
            name, [round(ticks * 100) for ticks in rows[:, 0].tolist()], where, limits
        )
        values = rows[:, 1:].reshape(-1, 25, 4)
    confidence = np.nan_to_num(np.clip(values[..., 3], 0, 2)) / 2
    frames = single_body_frames(
        name, KINECT_V2, times, to_float32(values[..., :3]), to_float32(confidence)
    )
    return checked_recording(name, FORMAT, KINECT_V2, frames, measured_rate_hz(times), limits)


def _numbers(name: str, line: _Line, mark: str) -> NDArray[np.float64]:
    fields = csv_text.cells_of(line[1], mark)
    if len(fields) != FIELDS:
        raise RecordingError(
            f"{name}: line {line[0]} has {len(fields)} values; a Kinect v2 line has {FIELDS}: "
            "a time, then x, y, z and tracking state of 25 joints"
        )
    row = csv_text.numbers_of_line(name, line[0], fields, mark)
    if not math.isfinite(row[0]) or abs(row[0]) > 1e16:
        raise RecordingError(f"{name}: line {line[0]}: the time {fields[0]} is not valid")
    return row


def _named_columns(
    name: str, lines: Sequence[_Line], head: list[str], mark: str, limits: Limits
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return times int64 (T,) nanoseconds, and values (T, 25, 4) of a file with a header."""
    found = csv_text.axis_columns(head, _NAMES)
    lost = [joint for joint in KINECT_V2.joints if joint not in found]
    if lost:
        raise RecordingError(
            f"{name}: the header should name x, y and z of Kinect v2's 25 joints; "
            f"missing: {', '.join(lost[:5])}"
        )
    if len(lines) == 1:
        raise RecordingError(f"{name}: the header is followed by no frames")
    clock = csv_text.time_column(head)
    columns = [found[joint].get(key, -1) for joint in KINECT_V2.joints for key in "xyz"]
    states = [found[joint].get("sure", -1) for joint in KINECT_V2.joints]
    values, stamps = np.full((len(lines) - 1, 25, 4), 2.0), []
    for i, (number, line) in enumerate(lines[1:]):
        cells = csv_text.cells_of(line, mark)
        if len(cells) != len(head):
            raise RecordingError(
                f"{name}: line {number} has {len(cells)} values; the header has {len(head)}"
            )
        picked = [cells[at] for at in columns]
        picked += ["2" if at < 0 else _state(cells[at]) for at in states]
        picked.append("0" if clock is None else cells[clock])
        row = csv_text.numbers_of_line(name, number, picked, mark)
        values[i, :, :3], values[i, :, 3] = row[:75].reshape(25, 3), row[75:100]
        stamps.append(float(row[100]))
    where = [f"line {i}" for i, _ in lines[1:]]
    if clock is None:
        return times_at_rate(name, len(stamps), RATE_HZ, limits), values
    return times_in_any_unit(name, stamps, where, limits, (*UNITS_S, TICK_S)), values


def _state(cell: str) -> str:
    return _STATES.get(csv_text.plain(cell), cell)


def write(recording: Recording) -> str:
    """Return the text of a one-person recording in Kinect v2's layout.

    Times are rounded to 100 ns. A frame without a body has zeros and tracking state 0.
    """
    lines = []
    for frame in recording.frames:
        fields = [str(round(frame.captured_ns / 100))]
        for body in frame.bodies[:1]:
            for (x, y, z), sure in zip(body.joints_m, body.confidence, strict=True):
                fields += [f"{x:.9g}", f"{y:.9g}", f"{z:.9g}", str(math.ceil(sure * 2))]
        fields += ["0"] * (FIELDS - len(fields))
        lines.append(",".join(fields) + ",")
    return "\n".join(lines) + "\n"
