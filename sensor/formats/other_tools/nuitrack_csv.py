"""Nuitrack's CSV recorder: `timestamp, serial, id`, then `JOINT_WAIST.x` and so on.

Metres; x to the sensor's right, y up, z away from the sensor, so x is negated. `timestamp` is in
microseconds. A line is one person; lines with one timestamp are one frame. There is no confidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.other_tools import json_values
from sensor.formats.other_tools.joint_means import to_kinect_v2
from sensor.formats.other_tools.nuitrack_json import AXES, JOINTS, SOURCES
from sensor.formats.other_tools.people_frames import people_frames
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
    measured_rate_hz,
    to_float32,
)
from sensor.skeleton import KINECT_V2, Body, FloatArray

FORMAT = "nuitrack-csv"
_NAMES = {joint: (csv_text.plain(f"joint{joint}"),) for joint in JOINTS}


class _Row(NamedTuple):
    line: int
    stamp_ns: int
    id: int
    points: FloatArray


@dataclass(frozen=True)
class _Header:
    """The number of columns, and those of the time, the id and each joint's x, y and z.

    -1 stands for a column that the file does not have.
    """

    mark: str
    width: int
    clock: int | None
    user: int | None
    picks: list[int]

    @classmethod
    def of(cls, cells: list[str], mark: str) -> _Header:
        names = [csv_text.plain(cell) for cell in cells]
        columns = csv_text.axis_columns(cells, _NAMES)
        none = dict.fromkeys(csv_text.AXES, -1)
        picks = [columns.get(joint, none)[axis] for joint in JOINTS for axis in csv_text.AXES]
        clock, user = (names.index(n) if n in names else None for n in ("timestamp", "id"))
        return cls(mark, len(cells), clock, user, picks)


def is_first_line(line: str) -> bool:
    """Return whether a line is a header that names Nuitrack's joints."""
    cells = csv_text.cells_of(line, csv_text.separator(line))
    return csv_text.axis_columns(cells, _NAMES).keys() >= {"WAIST", "NECK"}


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read Nuitrack's CSV with its ids. Raises RecordingError."""
    lines = csv_text.NumberedLines.of(text)
    check_frame_count(name, (len(lines) - 1) // limits.max_bodies, limits)
    mark = csv_text.separator(lines[0][1])
    header = _Header.of(csv_text.cells_of(lines[0][1], mark), mark)
    if header.clock is None or len(lines) == 1:
        raise RecordingError(f"{name}: a column `timestamp` and lines of frames should follow")
    rows = [_row(name, line, header) for line in lines[1:]]
    groups = [list(group) for _, group in groupby(rows, lambda row: row.stamp_ns)]
    stamps = [group[0].stamp_ns for group in groups]
    times = check_times(name, stamps, [f"line {group[0].line}" for group in groups], limits)
    # The recorder may write a line twice.
    picked = [list({row.id: row for row in group}.values()) for group in groups]
    picked = [people[: limits.max_bodies + 1] for people in picked]
    frames = people_frames(
        name, times, picked, _bodies([row for people in picked for row in people])
    )
    return checked_recording(name, FORMAT, KINECT_V2, frames, measured_rate_hz(times), limits)


def _row(name: str, line: tuple[int, str], header: _Header) -> _Row:
    number, cells = line[0], csv_text.cells_of(line[1], header.mark)
    if len(cells) != header.width:
        raise RecordingError(
            f"{name}: line {number} has {len(cells)} values; the header has {header.width}"
        )
    places = ["nan" if pick < 0 else cells[pick] for pick in header.picks]
    values = csv_text.numbers_of_line(name, number, places, header.mark)
    id_ = 0 if header.user is None else json_values.body_id(cells[header.user])
    stamp = cells[header.clock or 0]
    return _Row(number, _stamp_ns(name, number, stamp), id_, to_float32(values).reshape(-1, 3))


def _stamp_ns(name: str, number: int, stamp: str) -> int:
    try:
        value = float(stamp)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e16:
        raise RecordingError(f"{name}: line {number}: the time {stamp} is not valid")
    return round(value) * 1000


def _bodies(rows: list[_Row]) -> list[Body]:
    points = np.array([row.points for row in rows])
    sure = np.ones(points.shape[:2], np.float32)
    joints, confidence = to_kinect_v2(points, sure, JOINTS, SOURCES)
    ids = [row.id for row in rows]
    return [Body(*body) for body in zip(ids, joints * AXES, confidence, strict=True)]
