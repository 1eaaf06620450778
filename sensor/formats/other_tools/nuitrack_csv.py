"""Nuitrack's CSV recorder: `timestamp, serial, id`, then `JOINT_WAIST.x` and so on.

Metres; x to the sensor's right, y up, z away from the sensor, so x is negated. `timestamp` is in
microseconds. A line is one person; lines with one timestamp are one frame. There is no confidence.
"""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.other_tools import json_values
from sensor.formats.other_tools.joint_means import to_kinect_v2
from sensor.formats.other_tools.nuitrack_json import AXES, JOINTS, SOURCES
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
    measured_rate_hz,
    to_float32,
)
from sensor.skeleton import KINECT_V2, Body, Frame

FORMAT = "nuitrack-csv"
_NAMES = {joint: (csv_text.plain(f"joint{joint}"),) for joint in JOINTS}
_Line = tuple[int, list[str]]
_Person = tuple[int, _Line]


def is_first_line(line: str) -> bool:
    """Return whether a line is a header that names Nuitrack's joints."""
    cells = csv_text.cells_of(line, csv_text.separator(line))
    return csv_text.axis_columns(cells, _NAMES).keys() >= {"WAIST", "NECK"}


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read Nuitrack's CSV with its ids. Raises RecordingError."""
    mark = csv_text.separator(text.lstrip().split("\n", 1)[0])
    lines = [
        (i, csv_text.cells_of(line.strip(), mark))
        for i, line in enumerate(text.split("\n"), 1)
        if line.strip()
    ]
    check_frame_count(name, (len(lines) - 1) // limits.max_bodies, limits)
    head = [csv_text.plain(cell) for cell in lines[0][1]]
    if "timestamp" not in head or len(lines) == 1:
        raise RecordingError(f"{name}: a column `timestamp` and lines of frames should follow")
    for number, cells in lines[1:]:
        if len(cells) != len(head):
            raise RecordingError(
                f"{name}: line {number} has {len(cells)} values; the header has {len(head)}"
            )
    clock, user = head.index("timestamp"), head.index("id") if "id" in head else None
    groups = [list(group) for _, group in groupby(lines[1:], lambda line: line[1][clock])]
    stamps = [_stamp(name, group[0], clock) for group in groups]
    times = check_times(name, stamps, [f"line {group[0][0]}" for group in groups])
    columns = csv_text.axis_columns(lines[0][1], _NAMES)
    picked = [_people(group, user)[: limits.max_bodies + 1] for group in groups]
    bodies = iter(_bodies(name, [one for people in picked for one in people], columns, mark))
    frames = [
        Frame(name, i, int(t), tuple(next(bodies) for _ in people), KINECT_V2)
        for i, (t, people) in enumerate(zip(times, picked, strict=True))
    ]
    return checked_recording(name, FORMAT, KINECT_V2, frames, measured_rate_hz(times), limits)


def _stamp(name: str, line: _Line, clock: int) -> int:
    try:
        value = float(line[1][clock])
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > 1e16:
        raise RecordingError(f"{name}: line {line[0]}: the time {line[1][clock]} is not valid")
    return round(value) * 1000


def _people(group: list[_Line], user: int | None) -> list[_Person]:
    # The recorder may write a line twice.
    found = {"0" if user is None else line[1][user]: line for line in group}
    return [(json_values.body_id(id_), line) for id_, line in found.items()]


def _bodies(
    name: str, people: list[_Person], columns: dict[str, dict[str, int]], mark: str
) -> list[Body]:
    at = [JOINTS.index(joint) for joint in columns]
    picks = [axes[axis] for axes in columns.values() for axis in csv_text.AXES]
    points = np.zeros((len(people), len(JOINTS), 3), np.float32)
    for i, (_, (number, cells)) in enumerate(people):
        try:
            values = csv_text.to_numbers([cells[pick] for pick in picks], mark)
        except ValueError as error:
            raise RecordingError(f"{name}: line {number}: {error}") from None
        points[i, at] = to_float32(values).reshape(-1, 3)
    sure = np.ones(points.shape[:2], np.float32)
    joints, confidence = to_kinect_v2(points, sure, JOINTS, SOURCES)
    ids = [id_ for id_, _ in people]
    return [Body(*body) for body in zip(ids, joints * AXES, confidence, strict=True)]
