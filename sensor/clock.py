"""Time: a device's clock on the host's, and uneven frames at the model's even rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray

SNAP_NS = 2_000


class DeviceClock:
    """Puts device times on the host's monotonic clock.

    The offset follows slowly (weight `smoothing` for each new frame), so that the jitter of the
    hand-over does not reach the times; a step of more than `snap_ms` is taken at once.
    """

    def __init__(self, smoothing: float = 0.1, snap_ms: float = 10.0) -> None:
        self._smoothing = smoothing
        self._snap_ns = snap_ms * 1e6
        self._offset_ns: float | None = None

    def host_ns(self, device_ns: int, received_ns: int) -> int:
        """When, on the host's clock, the frame of `device_ns` was captured.

        `received_ns` is the host's clock as the frame was handed over.
        """
        seen = received_ns - device_ns
        if self._offset_ns is None or abs(seen - self._offset_ns) > self._snap_ns:
            self._offset_ns = float(seen)
        self._offset_ns += self._smoothing * (seen - self._offset_ns)
        return device_ns + round(self._offset_ns)


@dataclass(frozen=True, eq=False)
class Sample:
    """One body at one moment of the even grid.

    `joints_m` float32 (J, 3), zero where `confidence` float32 (J,) is 0. `reset` says that what
    came before is not to be joined to this: the body is new, or was gone for too long.
    """

    t_ns: int
    joints_m: FloatArray
    confidence: FloatArray
    reset: bool


class Resampler:
    """One body's samples at uneven times become samples at an even rate.

    The grid is `origin_ns + k / rate_hz`; without an origin it starts at the body's first
    sample. Give all bodies of a stream one origin and their samples fall on the same moments. A
    moment is given out as soon as a sample at or after it has come, as the straight line between
    that sample and the one before. A sample within 2 µs of its moment is given out as it is, so
    an even recording comes out unchanged. A joint that only one of the two samples has is taken
    from it as it stands where that sample is within one step of the moment, else it is missing.
    After a gap of more than `max_gap_s`, or when time ran backwards (counted in `backwards`), the
    next sample is a new beginning. A sample of the same time as the last is dropped (counted in
    `duplicates`). What comes out depends on the samples alone, not on how they arrive.
    """

    def __init__(
        self, rate_hz: float = 30.0, max_gap_s: float = 0.35, origin_ns: int | None = None
    ) -> None:
        self.backwards = 0
        self.duplicates = 0
        self._step_ns = 1e9 / rate_hz
        self._max_gap_ns = round(max_gap_s * 1e9)
        self._origin_ns = origin_ns
        self._next = 0
        self._reset = True
        self._last: tuple[int, FloatArray, FloatArray] | None = None

    def push(self, t_ns: int, joints_m: FloatArray, confidence: FloatArray) -> list[Sample]:
        """Take one sample and return the moments it completes, oldest first, often one.

        `joints_m` is (J, 3) metres, `confidence` (J,) 0 for a missing joint; the arrays are kept
        and must not be changed afterwards.
        """
        now = (t_ns, joints_m, confidence)
        before = self._last
        if before is not None and t_ns == before[0]:
            self.duplicates += 1
            return []
        if before is None or not 0 < t_ns - before[0] <= self._max_gap_ns:
            self._begin(t_ns, before)
            before = now
        self._last = now
        made = []
        while self._moment_ns(self._next) <= t_ns + SNAP_NS:
            made.append(self._sample(self._moment_ns(self._next), before, now))
            self._next += 1
            self._reset = False
        return made

    def _begin(self, t_ns: int, before: tuple[int, FloatArray, FloatArray] | None) -> None:
        went_back = before is not None and t_ns < before[0]
        self.backwards += went_back
        if self._origin_ns is None or t_ns < self._origin_ns:
            self._origin_ns = t_ns
        self._next = max(0, int((t_ns - self._origin_ns - SNAP_NS) / self._step_ns) - 1)
        while self._moment_ns(self._next) < t_ns - SNAP_NS:
            self._next += 1
        self._reset = True

    def _moment_ns(self, number: int) -> int:
        assert self._origin_ns is not None
        return self._origin_ns + round(number * self._step_ns)

    def _sample(
        self,
        moment_ns: int,
        before: tuple[int, FloatArray, FloatArray],
        after: tuple[int, FloatArray, FloatArray],
    ) -> Sample:
        for t_ns, joints, sure in (after, before):
            if abs(moment_ns - t_ns) <= SNAP_NS:
                return Sample(t_ns, joints, sure, self._reset)
        share = (moment_ns - before[0]) / (after[0] - before[0])
        there_before = (before[2] > 0) & self._near(moment_ns, before[0], after[2] > 0)
        there_after = (after[2] > 0) & self._near(moment_ns, after[0], before[2] > 0)
        old = (np.where(there_after, 1 - share, 1) * there_before).astype(np.float32)
        new = (np.where(there_before, share, 1) * there_after).astype(np.float32)
        places = old[:, None] * before[1] + new[:, None] * after[1]
        return Sample(moment_ns, places, old * before[2] + new * after[2], self._reset)

    def _near(self, moment_ns: int, t_ns: int, other: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Joints for which the sample of `t_ns` may speak: both have them, or it is close."""
        return other | (abs(moment_ns - t_ns) <= self._step_ns + SNAP_NS)
