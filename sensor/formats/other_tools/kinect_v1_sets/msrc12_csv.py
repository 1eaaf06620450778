"""MSRC-12 motion files: a time, then x, y, z and a fourth value of the 20 joints of Kinect v1.

The data set: S. Fothergill, H. Mentis, P. Kohli and S. Nowozin, "Instructing people for training
gestural interactive systems", CHI 2012. The files are named `.csv`; spaces or commas separate the
values. Metres, camera space of the Kinect (y up, z away from the sensor, x to its left), one
person, 30 Hz. The fourth value is the state of the joint: 1 tracked and 0 inferred, or, in a file
that has a 2, the states 0 to 2 of the Kinect SDK. A joint at 0, 0, 0 was not seen. The unit of the
time is the one that brings the step between frames nearest to 1/30 s.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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

FORMAT = "msrc-12-csv"
FIELDS = 1 + 20 * 4
RATE_HZ = 30.0
_UNITS_NS = (1.0, 1e2, 1e3, 1e6, 1e9)
"""Nanoseconds of the units of time that recorders use: ns, ticks of 100 ns, µs, ms, s."""


def is_header(line: str) -> bool:
    """Return whether a first line holds a time and 80 values."""
    return count_fields(line) == FIELDS


def read(name: str, text: str, limits: Limits) -> Recording:
    """Read an MSRC-12 motion file. Raises RecordingError."""
    content = "a time, then x, y, z and state of 20 joints"
    parser = parse_rows(name, text, FIELDS, content, limits)
    rows = parser.rows()
    times = _times_ns(name, rows[:, 0], parser.where(), limits)
    values = rows[:, 1:].reshape(-1, 20, 4)
    confidence = _confidence(values[..., 3])
    frames = single_body_frames(
        name, KINECT_V1, times, to_float32(values[..., :3]), to_float32(confidence)
    )
    return checked_recording(name, FORMAT, KINECT_V1, frames, measured_rate_hz(times), limits)


def _confidence(states: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the confidence of each state; a joint without a valid state was not seen."""
    states = np.nan_to_num(np.clip(states, 0, 2), nan=-1)
    if states.max() > 1:
        return np.maximum(states, 0) / 2
    return np.where(states < 0, 0, (states + 1) / 2)


def _times_ns(
    name: str, stamps: NDArray[np.float64], where: list[str], limits: Limits
) -> NDArray[np.int64]:
    if not (np.isfinite(stamps).all() and np.abs(stamps).max() < 2.0**63):
        raise RecordingError(f"{name}: a time is not a valid number")
    since = stamps - stamps[0]
    steps = np.diff(since)
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else 1 / RATE_HZ
    unit_ns = min(_UNITS_NS, key=lambda unit: abs(np.log(unit * step * RATE_HZ / 1e9)))
    return check_times(name, [round(value * unit_ns) for value in since.tolist()], where, limits)
