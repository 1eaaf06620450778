"""`Recording`, the result of every reader, and the checks that readers share.

To add a format, see `sensor/formats/__init__.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.limits import LOCAL_LIMITS as LOCAL_LIMITS
from sensor.formats.limits import MIB as MIB
from sensor.formats.limits import UPLOAD_LIMITS as UPLOAD_LIMITS
from sensor.formats.limits import Limits as Limits
from sensor.formats.limits import check_extent as check_extent
from sensor.formats.limits import check_frame_count as check_frame_count
from sensor.skeleton import Body, FloatArray, Frame, Layout
from sensor.stopping import stop_if_asked

SHORTEST_STEP_NS, LONGEST_STEP_NS = 10**6, 2 * 10**9
"""No camera has shorter steps between frames; longer steps do not show motion."""
SOME_FRAMES = 10
"""Fewer frames do not show the step between frames."""
FARTHEST_M = 100.0
"""Positions beyond this are not in metres."""
UNITS_S = (1.0, 1e-3, 1e-6, 1e-9)
FASTEST_S, SLOWEST_S = 1 / 250, 1 / 4
"""Steps between frames by which the unit of times is told."""
TRUNK_M = (0.2, 1.2)
"""Shortest and longest trunk by which the unit of positions is told."""
OPTICAL_AXES = np.array((-1, -1, 1), np.float32)
"""Signs that turn x right, y down, z forward into camera space; y alone would mirror the body."""


@dataclass(frozen=True)
class Span:
    """A stretch with one label: frames `first` to `last`, inclusive, and their times."""

    label: str
    first: int
    last: int
    start_ns: int
    end_ns: int


@dataclass(frozen=True, eq=False)
class Recording:
    """A whole recording in memory.

    `frames` are in order of time. Their `captured_ns` counts from the start of the recording, and
    the first is 0. All have the same `layout`. `rate_hz` is the rate that the recording states or
    shows. `format` names the reader. `notes` are lines for the user about doubtful content.
    """

    name: str
    format: str
    layout: Layout
    frames: tuple[Frame, ...]
    rate_hz: float
    notes: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """Seconds from the first frame to the last."""
        return self.frames[-1].captured_ns / 1e9 if self.frames else 0.0

    @property
    def spans(self) -> tuple[Span, ...]:
        """The stretches of equal labels, in order; empty for a recording without labels."""
        found: list[Span] = []
        for i, frame in enumerate(self.frames):
            if frame.truth is None:
                continue
            t = frame.captured_ns
            before = found[-1] if found else None
            if before and before.label == frame.truth and before.last == i - 1:
                found[-1] = Span(before.label, before.first, i, before.start_ns, t)
            else:
                found.append(Span(frame.truth, i, i, t, t))
        return tuple(found)


def even_times_ns(count: int, rate_hz: float) -> NDArray[np.int64]:
    """Return `count` times at an even rate from 0, int64 (count,) nanoseconds, rounded."""
    return np.round(np.arange(count, dtype=np.float64) * (1e9 / rate_hz)).astype(np.int64)


def times_at_rate(name: str, count: int, rate_hz: float, limits: Limits) -> NDArray[np.int64]:
    """Return the times of `count` frames at a rate, int64 (T,) nanoseconds. Raises RecordingError.

    A rate at which the frames would take longer than the limits allow is refused first.
    """
    check_extent(name, count, max(count - 1, 0) / rate_hz, limits)
    return even_times_ns(count, rate_hz)


def single_body_frames(
    name: str,
    layout: Layout,
    times_ns: NDArray[np.int64],
    joints_m: FloatArray,
    confidence: FloatArray,
) -> tuple[Frame, ...]:
    """Build frames of one person: times (T,), joints (T, J, 3) in metres, confidence (T, J).

    A frame without any seen joint has no body.
    """
    placed = np.isfinite(joints_m).all(axis=2) & joints_m.any(axis=2)
    seen = np.asarray((placed & (confidence > 0)).any(axis=1))
    return tuple(
        Frame(name, i, int(t), (Body(0, joints, sure),) if here else (), layout)
        for i, (t, joints, sure, here) in enumerate(
            zip(times_ns, joints_m, confidence, seen, strict=True)
        )
    )


def checked_recording(
    name: str,
    format_name: str,
    layout: Layout,
    frames: Iterable[Frame],
    rate_hz: float,
    limits: Limits,
) -> Recording:
    """Check all frames and return them as a recording. Raises RecordingError."""
    kept = tuple(frames)
    if not kept:
        raise RecordingError(f"{name}: the recording holds no frames")
    check_extent(name, len(kept), kept[-1].captured_ns / 1e9, limits)
    for frame in kept:
        stop_if_asked()
        if len(frame.bodies) > limits.max_bodies:
            raise RecordingError(
                f"{name}: frame {frame.sequence} holds {len(frame.bodies)} bodies; "
                f"at most {limits.max_bodies} are read"
            )
    farthest = max((np.abs(b.joints_m).max() for f in kept for b in f.bodies), default=None)
    if farthest is None or not any(b.confidence.any() for f in kept for b in f.bodies):
        raise RecordingError(
            f"{name}: no frame has a joint with finite coordinates other than 0, 0, 0"
        )
    if farthest > FARTHEST_M:
        raise RecordingError(
            f"{name}: a joint is {farthest:.0f} m away; positions must be in metres, "
            f"within {FARTHEST_M:.0f} m of the camera"
        )
    return Recording(name, format_name, layout, kept, rate_hz)


def check_times(
    name: str, times_ns: Sequence[int], where: Sequence[str], limits: Limits
) -> NDArray[np.int64]:
    """Return times since the first, int64 (T,). `where` names the place of each, such as "line 3".

    Raises RecordingError if time runs backwards, spans more than the limits allow, or has steps
    that no camera has.
    """
    for i in range(1, len(times_ns)):
        before, now = times_ns[i - 1], times_ns[i]
        if now < before:
            first = times_ns[0]
            raise RecordingError(
                f"{name}: time runs backwards at {where[i]}: "
                f"{_seconds(now - first):.4f} s after {_seconds(before - first):.4f} s"
            )
    if times_ns:
        check_extent(name, len(times_ns), _seconds(times_ns[-1] - times_ns[0]), limits)
    since_ns = np.array([t - times_ns[0] for t in times_ns], np.int64)
    _check_pace(name, since_ns)
    return since_ns


def _seconds(ns: int) -> float:
    """Convert to seconds; a number of any size, since JSON may hold one."""
    return max(min(ns, 10**30), -(10**30)) / 1e9


def _check_pace(name: str, times_ns: NDArray[np.int64]) -> None:
    if len(times_ns) < SOME_FRAMES:
        return
    step_ns = float(np.median(np.diff(times_ns)))
    if not SHORTEST_STEP_NS <= step_ns <= LONGEST_STEP_NS:
        raise RecordingError(
            f"{name}: a frame every {step_ns / 1e9:.2g} s; are the units of the times right?"
        )


def measured_rate_hz(times_ns: NDArray[np.int64], otherwise: float = 30.0) -> float:
    """Return the rate of the median step between frames; `otherwise` if there is no step."""
    steps = np.diff(times_ns)
    steps = steps[steps > 0]
    return float(1e9 / np.median(steps)) if len(steps) else otherwise


def to_float32(values: object) -> FloatArray:
    """Convert any numbers to float32. None becomes NaN; numbers beyond float32 become infinite."""
    with np.errstate(over="ignore"):
        return np.asarray(values, np.float64).astype(np.float32)


def times_in_any_unit(
    name: str,
    values: Sequence[float],
    where: Sequence[str],
    limits: Limits,
    units_s: Sequence[float] = UNITS_S,
) -> NDArray[np.int64]:
    """Return times since the first, int64 (T,) nanoseconds, of values whose unit is not stated.

    It is the first of `units_s` in which the median step is that of a camera. Raises
    RecordingError, as `check_times` does, or if a value is not finite.
    """
    lost = next((i for i, value in enumerate(values) if not math.isfinite(value)), None)
    if lost is not None:
        raise RecordingError(f"{name}: {where[lost]}: the time {values[lost]} is not valid")
    steps = np.diff(np.array(values, np.float64))
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    unit_s = next((unit for unit in units_s if FASTEST_S <= step * unit <= SLOWEST_S), units_s[0])
    first = values[0] if values else 0.0
    since_s = [(value - first) * unit_s for value in values]
    check_extent(name, len(values), max(map(abs, since_s), default=0.0), limits)
    return check_times(name, [round(t * 1e9) for t in since_s], where, limits)


def metres_per_unit(trunks: FloatArray) -> float:
    """Return the size of the file's unit in metres, told from lengths of the trunk in that unit.

    `trunks` holds distances from the middle of the hips to the neck or the shoulders. The unit is
    millimetres, centimetres or metres; it is metres where none gives a person's trunk.
    """
    lengths = trunks[np.isfinite(trunks) & (trunks > 0)]
    middle = float(np.median(lengths)) if len(lengths) else 0.0
    return next((u for u in (1.0, 1e-2, 1e-3) if TRUNK_M[0] <= middle * u <= TRUNK_M[1]), 1.0)
