"""Azure Kinect CSV: a header with the names of the 32 joints, then one line per frame.

Each cell is `x y z`: metres in Azure Kinect axes (x right, y down, z forward), one person, no times
and no confidence. Names may be in any order and case, and a column of times may be among them.

A file may also have a column for each axis, such as `PELVIS_X`, and each joint's confidence level.
Its unit, millimetres or metres, is told from the body's size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.recording import (
    OPTICAL_AXES,
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    measured_rate_hz,
    metres_per_unit,
    single_body_frames,
    times_at_rate,
    times_in_any_unit,
    to_float32,
)
from sensor.skeleton import AZURE_KINECT, FloatArray

FORMAT = "azure-kinect-csv"
RATE_HZ = 30.0
CONFIDENCE = (0.0, 0.5, 1.0, 1.0)
"""Confidence of the levels none, low, medium, high. Current trackers never report high."""

_NAMES: dict[str, tuple[str, ...]] = {
    joint: (csv_text.plain(joint),) for joint in AZURE_KINECT.joints
}
_NAMES["SpineNavel"] += ("spinenaval",)  # the spelling of some programs
_JOINTS = {name: joint for joint, names in _NAMES.items() for name in names}

_Line = tuple[int, str]


@dataclass(frozen=True)
class _Values:
    """The file's positions (T, 32, 3), confidence (T, 32), and (T,) times in a unit of its own."""

    places: FloatArray
    sure: FloatArray
    times: list[float] | None


def is_header(line: str) -> bool:
    """Return whether a first line names at least one joint of the Azure Kinect."""
    cells = csv_text.cells_of(line, csv_text.separator(line))
    if any(cell in AZURE_KINECT.index for cell in cells):
        return True
    names = [csv_text.plain(cell) for cell in cells]
    return "pelvis" in names or "Pelvis" in csv_text.axis_columns(cells, _NAMES)


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read an Azure Kinect CSV text, at 30 Hz if the file has no times. Raises RecordingError."""
    lines = csv_text.NumberedLines.of(text)
    check_frame_count(name, len(lines) - 1, limits)
    mark = csv_text.separator(lines[0][1])
    head = csv_text.cells_of(lines[0][1], mark)
    if "Pelvis" in csv_text.axis_columns(head, _NAMES):
        found = _axis_per_column(name, lines, head, mark)
    else:
        found = _joint_per_column(name, lines, head, mark)
    times, rate_hz = times_at_rate(name, len(lines) - 1, RATE_HZ, limits), RATE_HZ
    if found.times is not None:
        times = times_in_any_unit(name, found.times, [f"line {i}" for i, _ in lines[1:]], limits)
        rate_hz = measured_rate_hz(times)
    frames = single_body_frames(name, AZURE_KINECT, times, found.places * OPTICAL_AXES, found.sure)
    return checked_recording(name, FORMAT, AZURE_KINECT, frames, rate_hz, limits)


def _joint_per_column(name: str, lines: Sequence[_Line], head: list[str], mark: str) -> _Values:
    """Return the values of cells `x y z`."""
    order, clock = _column_order(name, head), csv_text.time_column(head)
    _check_frames(name, lines)
    wide = len(head) == len(order) + 1
    # Some files name a column of times that their lines do not have.
    timed = wide and len(csv_text.cells_of(lines[1][1], mark)) == len(head)
    if wide and not timed:
        order = [at - (clock is not None and at > clock) for at in order]
        clock = None
    width = len(order) + timed
    places, times = [], []
    for number, line in lines[1:]:
        cells = csv_text.cells_of(line, mark)
        if len(cells) != width:
            raise RecordingError(f"{name}: line {number} has {len(cells)} cells, not {width}")
        places.append(_places(name, number, cells, order, mark))
        if clock is not None:
            times += csv_text.numbers_of_line(name, number, [cells[clock]], mark).tolist()
    sure = np.ones((len(places), len(order)), np.float32)
    return _Values(np.array(places), sure, times if timed else None)


def _column_order(name: str, columns: list[str]) -> list[int]:
    joints = [_JOINTS.get(csv_text.plain(cell)) for cell in columns]
    lost = [joint for joint in AZURE_KINECT.joints if joint not in joints]
    clock = csv_text.time_column(columns) is not None
    if lost or len(columns) != len(AZURE_KINECT.joints) + clock:
        raise RecordingError(
            f"{name}: the header has {len(columns)} columns and should name the 32 joints of the "
            f"Azure Kinect; missing: {', '.join(lost[:5]) or 'none'}"
        )
    return [joints.index(joint) for joint in AZURE_KINECT.joints]


def _check_frames(name: str, lines: Sequence[_Line]) -> None:
    if len(lines) == 1:
        raise RecordingError(f"{name}: the header is followed by no frames")


def _places(name: str, number: int, cells: list[str], order: list[int], mark: str) -> FloatArray:
    places = [cells[at].split() for at in order]
    wrong = next((at for at, place in zip(order, places, strict=True) if len(place) != 3), None)
    if wrong is not None:
        raise RecordingError(
            f"{name}: line {number}, cell {wrong + 1} should be three numbers, "
            f"not {cells[wrong][:40]!r}"
        )
    flat = [value for place in places for value in place]
    return to_float32(csv_text.numbers_of_line(name, number, flat, mark)).reshape(-1, 3)


def _axis_per_column(name: str, lines: Sequence[_Line], head: list[str], mark: str) -> _Values:
    """Return the values of a file with a column for each axis, in metres."""
    found = csv_text.axis_columns(head, _NAMES)
    lost = [joint for joint in AZURE_KINECT.joints if joint not in found]
    if lost:
        raise RecordingError(
            f"{name}: the header should name x, y and z of the 32 joints of the Azure Kinect; "
            f"missing: {', '.join(lost[:5])}"
        )
    _check_frames(name, lines)
    clock = csv_text.time_column(head)
    picks = [found[joint][axis] for joint in AZURE_KINECT.joints for axis in csv_text.AXES]
    picks += [found[joint].get("sure", -1) for joint in AZURE_KINECT.joints]
    picks.append(-1 if clock is None else clock)
    rows = np.array([_picked(name, line, len(head), picks, mark) for line in lines[1:]])
    joints = to_float32(rows[:, :96]).reshape(-1, 32, 3)
    with np.errstate(over="ignore", invalid="ignore"):
        trunks = np.linalg.norm(joints[:, AZURE_KINECT.index["Neck"]] - joints[:, 0], axis=1)
    levels = np.clip(np.nan_to_num(rows[:, 96:128]), 0, 3).astype(np.intp)
    confidence = np.array(CONFIDENCE, np.float32)[levels]
    places = joints * np.float32(metres_per_unit(trunks))
    return _Values(places, confidence, None if clock is None else rows[:, 128].tolist())


def _picked(name: str, line: _Line, width: int, picks: list[int], mark: str) -> NDArray[np.float64]:
    cells = csv_text.cells_of(line[1], mark)
    if len(cells) != width:
        raise RecordingError(f"{name}: line {line[0]} has {len(cells)} cells, not {width}")
    return csv_text.numbers_of_line(
        name, line[0], ["2" if at < 0 else cells[at] for at in picks], mark
    )


def write(recording: Recording) -> str:
    """Return the text of a one-person recording in the Azure Kinect's layout. Times are lost."""
    lines = ["\ufeff" + ",".join(AZURE_KINECT.joints)]
    for frame in recording.frames:
        if frame.bodies:
            places = frame.bodies[0].joints_m * OPTICAL_AXES
            lines.append(",".join(f"{x:.9g} {y:.9g} {z:.9g}" for x, y, z in places))
    return "\n".join(lines) + "\n"
