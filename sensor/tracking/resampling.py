"""Brings a body's frames from uneven times to the model's even rate."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray
from sensor.tracking.rows import Rows

SNAP_NS = 2_000
Times = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sample:
    """One body at one moment of the even grid.

    `joints_m` is float32 (J, 3), zero where `confidence` float32 (J,) is 0. `reset` is True if this
    sample must not be joined to the one before: the body is new or was away for too long. `lost` is
    True if the body was not seen then, in a long gap that is bridged.
    """

    t_ns: int
    joints_m: FloatArray
    confidence: FloatArray
    reset: bool
    lost: bool = False


@dataclass(eq=False)
class SampleRows(Rows):
    """State of N bodies: the newest sample and its time, the grid's origin and its next moment."""

    t_ns: Times
    joints_m: FloatArray
    confidence: FloatArray
    origin_ns: Times
    next: Times

    @classmethod
    def new(cls, count: int, joints: int) -> SampleRows:
        """Return zeroed rows for `count` bodies."""
        times, places = np.zeros((3, count), np.int64), np.zeros((count, joints, 3), np.float32)
        return cls(times[0], places, np.zeros((count, joints), np.float32), times[1], times[2])


class Resampler:
    """Resamples one body from uneven times to an even rate.

    The grid is `origin_ns + k / rate_hz`; without an origin it starts at the body's first sample.
    Give all bodies of a stream the same origin, and their samples fall on the same moments. A
    moment is output as soon as a sample at or after it has arrived, by linear interpolation between
    that sample and the one before. A sample within 2 µs of a moment is taken for that moment, so an
    even recording with all joints comes out as it is. A joint that only one of the two samples has
    is copied from it if that sample is within one step of the moment; else it is missing. In a
    gap of more than `max_gap_s` and at most `most_lost_s`, the samples are marked as `lost`. After
    a longer gap, or when time runs backwards (counted in `backwards`), the next sample starts
    anew. A sample with the same time as the last is dropped (counted in `duplicates`). The output
    depends on the samples alone, not on how they arrive.
    """

    def __init__(
        self,
        rate_hz: float = 30.0,
        max_gap_s: float = 0.35,
        origin_ns: int | None = None,
        most_lost_s: float = 0.0,
    ) -> None:
        self.backwards = 0
        self.duplicates = 0
        self._step_ns = 1e9 / rate_hz
        self.max_gap_ns = round(max_gap_s * 1e9)
        self._most_lost_ns = round(max(most_lost_s, max_gap_s) * 1e9)
        self._origin_ns = origin_ns
        self._next = 0
        self._reset = True
        self._last: tuple[int, FloatArray, FloatArray] | None = None

    def push(
        self, t_ns: int, joints_m: FloatArray, confidence: FloatArray, bridged: bool = True
    ) -> list[Sample]:
        """Take one sample and return the moments that it completes, oldest first; often one.

        `joints_m` is (J, 3) in metres, `confidence` (J,), 0 for a missing joint. The arrays are
        kept and must not be changed afterwards. Unless `bridged`, a gap of more than `max_gap_s`
        before this sample is not bridged.
        """
        now = (t_ns, joints_m, confidence)
        before = self._last
        if before is not None and t_ns == before[0]:
            self.duplicates += 1
            return []
        longest_ns = self._most_lost_ns if bridged and not self._reset else self.max_gap_ns
        if before is None or not 0 < t_ns - before[0] <= longest_ns:
            self._begin(t_ns, before)
            before = now
        self._last = now
        lost = t_ns - before[0] > self.max_gap_ns
        made = []
        while (moment_ns := self._moment_ns(self._next)) <= t_ns + SNAP_NS:
            sample = self._sample(moment_ns, before, now)
            made.append(replace(sample, lost=True) if lost and sample.t_ns < t_ns else sample)
            self._next += 1
            self._reset = False
        return made

    def hold(self, count: int) -> list[Sample]:
        """Repeat the newest sample for `count` steps; return the moments that this completes."""
        assert self._last is not None
        t_ns, joints_m, confidence = self._last
        made = []
        for number in range(1, count + 1):
            made += self.push(t_ns + round(number * self._step_ns), joints_m, confidence)
        return made

    def row(self) -> SampleRows | None:
        """Return the state as one row; None if the next sample starts anew anyway."""
        if self._last is None or self._reset or self._origin_ns is None:
            return None
        t_ns, joints_m, confidence = self._last
        times = (np.array([number]) for number in (t_ns, self._origin_ns, self._next))
        newest, origin, following = times
        return SampleRows(newest, joints_m[None], confidence[None], origin, following)

    def set_row(self, row: SampleRows) -> None:
        """Replace the state by the only row."""
        self._last = (int(row.t_ns[0]), row.joints_m[0].copy(), row.confidence[0].copy())
        self._next, self._reset = int(row.next[0]), False

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
        t_ns, joints_m, sure = after
        at_after = abs(moment_ns - t_ns) <= SNAP_NS
        if at_after and (before is after or sure.all()):
            return Sample(t_ns, joints_m, sure, self._reset)
        if not at_after and abs(moment_ns - before[0]) <= SNAP_NS:
            return Sample(*before, self._reset)
        times = (np.array([t_ns]) for t_ns in (moment_ns, before[0], after[0]))
        moments, old, new = times
        pair = before[1][None], after[1][None], before[2][None], after[2][None]
        if at_after:
            places, sures = held(old, new, *pair, self._step_ns)
            return Sample(t_ns, places[0], sures[0], self._reset)
        places, sures = between(moments, old, new, *pair, self._step_ns)
        return Sample(moment_ns, places[0], sures[0], self._reset)


def held(
    before_ns: Times,
    after_ns: Times,
    before_m: FloatArray,
    after_m: FloatArray,
    before_sure: FloatArray,
    after_sure: FloatArray,
    step_ns: float,
) -> tuple[FloatArray, FloatArray]:
    """Interpolate N bodies at the later of two samples each, with arguments as in `between`.

    Joints that only the earlier sample has, within one step, are copied from it.
    """
    lost = (before_sure > 0) & ~(after_sure > 0)
    lost &= (after_ns - before_ns <= step_ns + SNAP_NS)[:, None]
    positions_m = np.where(lost[..., None], before_m, after_m)
    return positions_m, np.where(lost, before_sure, after_sure)


def between(
    moment_ns: Times,
    before_ns: Times,
    after_ns: Times,
    before_m: FloatArray,
    after_m: FloatArray,
    before_sure: FloatArray,
    after_sure: FloatArray,
    step_ns: float,
) -> tuple[FloatArray, FloatArray]:
    """Interpolate N bodies between two samples each: positions (N, J, 3), confidence (N, J).

    Times are int64 (N,), positions (N, J, 3), confidences (N, J). `Resampler` states the rules.
    """
    share = ((moment_ns - before_ns) / (after_ns - before_ns))[:, None]
    near = step_ns + SNAP_NS
    has_before, has_after = before_sure > 0, after_sure > 0
    there_before = has_before & (has_after | (np.abs(moment_ns - before_ns) <= near)[:, None])
    there_after = has_after & (has_before | (np.abs(moment_ns - after_ns) <= near)[:, None])
    old = (np.where(there_after, 1 - share, 1) * there_before).astype(np.float32)
    new = (np.where(there_before, share, 1) * there_after).astype(np.float32)
    positions_m = old[..., None] * before_m + new[..., None] * after_m
    return positions_m, old * before_sure + new * after_sure
