"""MediaPipe Pose as CSV: a header, then one line per frame with 33 world landmarks.

Columns are named by landmark, such as `left_wrist_x`, or by its number from 0, such as `x15`,
`landmark_15_x`; `visibility` and a column of times may be among them. One person. Axes and units:
see `mediapipe_landmarks`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats import csv_text
from sensor.formats.other_tools.mediapipe_landmarks import COUNT, to_joints
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    checked_recording,
    measured_rate_hz,
    single_body_frames,
    times_at_rate,
    times_in_any_unit,
    to_float32,
)
from sensor.landmarks import LANDMARKS
from sensor.skeleton import KINECT_V2

FORMAT = "mediapipe-csv"
RATE_HZ = 30.0
_STEMS = ("", "landmark", "lm", "pose", "point", "kp", "keypoint", "joint", "worldlandmark")


def _numbered(first: int) -> dict[str, tuple[str, ...]]:
    return {mark: tuple(f"{s}{first + i}" for s in _STEMS) for i, mark in enumerate(LANDMARKS)}


def _named() -> dict[str, tuple[str, ...]]:
    plain = {mark: csv_text.plain(mark) for mark in LANDMARKS}
    return {m: (p, f"pose{p}", f"world{p}", f"poseworld{p}") for m, p in plain.items()}


_SPELLINGS = (_named(), _numbered(0), _numbered(1))


def _columns(head: list[str]) -> dict[str, dict[str, int]]:
    found = (csv_text.axis_columns(head, names) for names in _SPELLINGS)
    return next((columns for columns in found if len(columns) == COUNT), {})


def is_first_line(line: str) -> bool:
    """Return whether a line is a header that names x, y and z of all 33 landmarks."""
    return bool(_columns(csv_text.cells_of(line, csv_text.separator(line))))


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read world landmarks, at 30 Hz if there are no times. The visibility is the confidence.

    Raises RecordingError, also for landmarks in the picture.
    """
    lines = csv_text.NumberedLines.of(text)
    check_frame_count(name, len(lines) - 1, limits)
    if len(lines) == 1:
        raise RecordingError(f"{name}: the header is followed by no frames")
    mark = csv_text.separator(lines[0][1])
    head = csv_text.cells_of(lines[0][1], mark)
    found, clock = _columns(head), csv_text.time_column(head)
    picks = [found[m].get(key, -1) for m in LANDMARKS for key in (*csv_text.AXES, "sure")]
    if clock is not None:
        picks.append(clock)
    rows = np.array([_numbers(name, i, line, mark, len(head), picks) for i, line in lines[1:]])
    values = to_float32(rows[:, : 4 * COUNT]).reshape(-1, COUNT, 4)
    joints, sure = to_joints(name, values[..., :3], values[..., 3])
    where = [f"line {i}" for i, _ in lines[1:]]
    times, rate_hz = times_at_rate(name, len(rows), RATE_HZ, limits), RATE_HZ
    if clock is not None:
        times = times_in_any_unit(name, rows[:, -1].tolist(), where, limits)
        rate_hz = measured_rate_hz(times)
    frames = single_body_frames(name, KINECT_V2, times, joints, sure)
    return checked_recording(name, FORMAT, KINECT_V2, frames, rate_hz, limits)


def _numbers(
    name: str, number: int, line: str, mark: str, width: int, picks: list[int]
) -> NDArray[np.float64]:
    cells = csv_text.cells_of(line, mark)
    if len(cells) != width:
        raise RecordingError(
            f"{name}: line {number} has {len(cells)} values; the header has {width}"
        )
    picked = ["1" if at < 0 else cells[at] for at in picks]
    return csv_text.numbers_of_line(name, number, picked, mark)
