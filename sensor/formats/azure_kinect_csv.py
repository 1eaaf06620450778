"""Azure Kinect CSV: a header with the names of the 32 joints, then one line per frame.

Each cell is `x y z`: metres in Azure Kinect axes (x right, y down, z forward), one person, no times
and no confidence. Names may be in any order and case, and a column of times may be among them.

A file may also have a column for each axis, such as `PELVIS_X`, and each joint's confidence level.
Its unit, millimetres or metres, is told from the body's size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    even_times_ns,
    measured_rate_hz,
    metres_per_unit,
    single_body_frames,
    times_in_any_unit,
    to_float32,
)
from sensor.skeleton import AZURE_KINECT, FloatArray

FORMAT = "azure-kinect-csv"
RATE_HZ = 30.0
AXES = np.array((-1, -1, 1), np.float32)
"""Azure Kinect axes to camera space. Flipping y alone would mirror the body."""
CONFIDENCE = (0.0, 0.5, 1.0, 1.0)
"""Confidence of the levels none, low, medium, high. Current trackers never report high."""

_NAMES: dict[str, tuple[str, ...]] = {
    joint: (csv_text.plain(joint),) for joint in AZURE_KINECT.joints
}
_NAMES["SpineNavel"] += ("spinenaval",)  # the spelling of some programs
_JOINTS = {name: joint for joint, names in _NAMES.items() for name in names}

_Line = tuple[int, list[str]]


def is_header(line: str) -> bool:
    """Return whether a first line names at least one joint of the Azure Kinect."""
    cells = csv_text.cells_of(line, csv_text.separator(line))
    if any(cell in AZURE_KINECT.index for cell in cells):
        return True
    names = [csv_text.plain(cell) for cell in cells]
    return "pelvis" in names or "Pelvis" in csv_text.axis_columns(cells, _NAMES)


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read an Azure Kinect CSV text, at 30 Hz if the file has no times. Raises RecordingError."""
    found = [(i, line.strip()) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    mark = csv_text.separator(found[0][1])
    check_frame_count(name, len(found) - 1, limits)
    lines = [(i, csv_text.cells_of(line, mark)) for i, line in found]
    head = lines[0][1]
    if "Pelvis" in csv_text.axis_columns(head, _NAMES):
        clock, joints, sure = _axis_per_column(name, lines, mark)
    else:
        clock, joints = _joint_per_column(name, lines, mark)
        sure = np.ones(joints.shape[:2], np.float32)
    times, rate_hz = _times(name, lines, clock, mark)
    frames = single_body_frames(name, AZURE_KINECT, times, joints * AXES, sure)
    return checked_recording(name, FORMAT, AZURE_KINECT, frames, rate_hz, limits)


def _joint_per_column(name: str, lines: list[_Line], mark: str) -> tuple[int | None, FloatArray]:
    """Return the column of times and the file's positions (T, 32, 3), of cells `x y z`."""
    head = lines[0][1]
    order, clock = _column_order(name, head), csv_text.time_column(head)
    _check_frames(name, lines)
    wide = len(head) == len(order) + 1
    # Some files name a column of times that their lines do not have.
    timed = wide and clock is not None and len(lines[1][1]) == len(head)
    if wide and not timed:
        order = [at - (clock is not None and at > clock) for at in order]
    width = len(order) + timed
    places = [_places(name, line, order, width, mark) for line in lines[1:]]
    return clock if timed else None, np.array(places)


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


def _check_frames(name: str, lines: list[_Line]) -> None:
    if len(lines) == 1:
        raise RecordingError(f"{name}: the header is followed by no frames")


def _places(name: str, line: _Line, order: list[int], width: int, mark: str) -> FloatArray:
    number, cells = line
    if len(cells) != width:
        raise RecordingError(f"{name}: line {number} has {len(cells)} cells, not {width}")
    places = [cells[at].split() for at in order]
    wrong = next((at for at, place in zip(order, places, strict=True) if len(place) != 3), None)
    if wrong is not None:
        raise RecordingError(
            f"{name}: line {number}, cell {wrong + 1} should be three numbers, "
            f"not {cells[wrong][:40]!r}"
        )
    flat = [value for place in places for value in place]
    return to_float32(_numbers(name, number, flat, mark)).reshape(-1, 3)


def _axis_per_column(
    name: str, lines: list[_Line], mark: str
) -> tuple[int | None, FloatArray, FloatArray]:
    """Return the column of times, positions (T, 32, 3) in metres and confidence (T, 32)."""
    head = lines[0][1]
    found = csv_text.axis_columns(head, _NAMES)
    lost = [joint for joint in AZURE_KINECT.joints if joint not in found]
    if lost:
        raise RecordingError(
            f"{name}: the header should name x, y and z of the 32 joints of the Azure Kinect; "
            f"missing: {', '.join(lost[:5])}"
        )
    _check_frames(name, lines)
    short = next((line for line in lines if len(line[1]) != len(head)), None)
    if short is not None:
        raise RecordingError(f"{name}: line {short[0]} has {len(short[1])} cells, not {len(head)}")
    columns = [found[joint][axis] for joint in AZURE_KINECT.joints for axis in csv_text.AXES]
    levels = [found[joint].get("sure") for joint in AZURE_KINECT.joints]
    places = [_numbers(name, i, [cells[at] for at in columns], mark) for i, cells in lines[1:]]
    sure = [
        _numbers(name, i, ["2" if at is None else cells[at] for at in levels], mark)
        for i, cells in lines[1:]
    ]
    joints = to_float32(np.array(places)).reshape(-1, 32, 3)
    trunks = np.linalg.norm(joints[:, AZURE_KINECT.index["Neck"]] - joints[:, 0], axis=1)
    confidence = np.array(CONFIDENCE, np.float32)[_levels(sure)]
    return csv_text.time_column(head), joints * np.float32(metres_per_unit(trunks)), confidence


def _levels(values: list[NDArray[np.float64]]) -> NDArray[np.intp]:
    levels: NDArray[np.intp] = np.clip(np.nan_to_num(np.array(values)), 0, 3).astype(np.intp)
    return levels


def _times(
    name: str, lines: list[_Line], clock: int | None, mark: str
) -> tuple[NDArray[np.int64], float]:
    if clock is None:
        return even_times_ns(len(lines) - 1, RATE_HZ), RATE_HZ
    where = [f"line {i}" for i, _ in lines[1:]]
    values = [float(_numbers(name, i, [cells[clock]], mark)[0]) for i, cells in lines[1:]]
    times = times_in_any_unit(name, values, where)
    return times, measured_rate_hz(times)


def _numbers(name: str, number: int, cells: list[str], mark: str) -> NDArray[np.float64]:
    try:
        return csv_text.to_numbers(cells, mark)
    except ValueError as error:
        raise RecordingError(f"{name}: line {number}: {error}") from None


def write(recording: Recording) -> str:
    """Return the text of a one-person recording in the Azure Kinect's layout. Times are lost."""
    lines = ["\ufeff" + ",".join(AZURE_KINECT.joints)]
    for frame in recording.frames:
        if frame.bodies:
            places = frame.bodies[0].joints_m * AXES
            lines.append(",".join(f"{x:.9g} {y:.9g} {z:.9g}" for x, y, z in places))
    return "\n".join(lines) + "\n"
