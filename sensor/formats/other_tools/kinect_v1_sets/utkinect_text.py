"""UTKinect-Action3D joint text: a frame number, then x, y, z of the 20 joints of Kinect v1.

The data set: L. Xia, C.-C. Chen and J. K. Aggarwal, "View invariant human action recognition using
histograms of 3D joints", CVPR Workshops 2012. Metres, camera space of the Kinect (y up, z away from
the sensor, x to its left), one person. The numbers count frames at 30 Hz and jump where no skeleton
was tracked. Some frames occur twice with slightly different joints; the first is read.
"""

from __future__ import annotations

import numpy as np

from sensor.errors import RecordingError
from sensor.formats.other_tools.kinect_v1_sets.number_rows import count_fields, parse_rows
from sensor.formats.recording import (
    Limits,
    Recording,
    check_times,
    checked_recording,
    measured_rate_hz,
    single_body_frames,
    to_float32,
)
from sensor.skeleton import KINECT_V1

FORMAT = "utkinect-text"
FIELDS = 1 + 20 * 3
RATE_HZ = 30.0


def is_header(line: str) -> bool:
    """Return whether a first line holds a frame number and 60 coordinates."""
    return count_fields(line) == FIELDS


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read a UTKinect joint text. A joint at 0, 0, 0 was not seen. Raises RecordingError."""
    content = "a frame number, then x, y, z of 20 joints"
    parser = parse_rows(name, text, FIELDS, content, limits)
    rows = parser.rows()
    numbers = rows[:, 0]
    if not (np.isfinite(numbers).all() and np.abs(numbers).max() < 1e12):
        raise RecordingError(f"{name}: a frame number is not a valid number")
    first = np.concatenate(([True], numbers[1:] != numbers[:-1]))
    rows, numbers = rows[first], numbers[first]
    where = [line for line, kept in zip(parser.where(), first, strict=True) if kept]
    times = check_times(
        name, [round(n * 1e9 / RATE_HZ) for n in (numbers - numbers[0]).tolist()], where, limits
    )
    joints = to_float32(rows[:, 1:].reshape(-1, 20, 3))
    sure = np.ones(joints.shape[:2], np.float32)
    frames = single_body_frames(name, KINECT_V1, times, joints, sure)
    return checked_recording(name, FORMAT, KINECT_V1, frames, measured_rate_hz(times), limits)
