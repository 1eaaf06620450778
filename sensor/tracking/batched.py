"""Tracks people who are alone in their stream, all streams at once.

Does to many bodies as arrays what `IdentityTracker`, `OutlierFilter` and `Resampler` do to one,
frame by frame. While a person is alone in view under one tracker id and their frames keep coming,
no identity has to be decided. The results that a model reads are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray, Layout
from sensor.tracking.joint_acceptance import accept_joints
from sensor.tracking.outlier_rows import (
    OUTLIER_LIMITS,
    Anatomy,
    OutlierLimits,
    OutlierRows,
)
from sensor.tracking.proportions import BoolArray, Measurer
from sensor.tracking.resampling import SNAP_NS, Resampler, SampleRows, Times, between, held
from sensor.tracking.track import CERTAIN_S, Track, TrackRows, update_rows

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class FrameBatch:
    """Frames of R bodies: `t_ns` (R, F), `joints_m` (R, F, J, 3) and `confidence` (R, F, J).

    `rows` (R,) are the bodies' rows. `counts` (R,) says how many frames each body has; it never
    rises, so bodies with the most frames come first. Entries beyond a body's count have no meaning.
    """

    rows: Indices
    counts: Indices
    t_ns: Times
    joints_m: FloatArray
    confidence: FloatArray


@dataclass(frozen=True, eq=False)
class SampleBatch:
    """Samples of n bodies at one moment of each body's even grid.

    They were completed by frame number `frame` of the batch. `which` (n,) are indices into the
    batch, `t_ns` (n,), `joints_m` (n, J, 3) and `confidence` (n, J) the samples. `certain` (n,)
    says which bodies count as people by then.
    """

    frame: int
    certain: BoolArray
    which: Indices
    t_ns: Times
    joints_m: FloatArray
    confidence: FloatArray


class BatchedTracker:
    """State of all bodies that are alone in their stream. `layout` is the layout of every batch."""

    def __init__(
        self,
        layout: Layout,
        rate_hz: float,
        limits: OutlierLimits = OUTLIER_LIMITS,
        capacity: int = 64,
    ) -> None:
        self._limits = limits
        self._anatomy = Anatomy.of(layout, limits)
        self._measurer = Measurer(layout)
        self._step_ns = 1e9 / rate_hz
        self._outliers = OutlierRows.new(capacity, self._anatomy)
        self._tracks = TrackRows.new(capacity)
        self._samples = SampleRows.new(capacity, len(layout.joints))
        self._free = list(range(capacity))[::-1]
        self._postponed: tuple[TrackRows, FloatArray, FloatArray, Times] | None = None

    def enter(self, track: Track, outliers: OutlierRows, samples: SampleRows) -> int:
        """Take over a body with its state; return its row."""
        self.settle()
        if not self._free:
            self._grow()
        row = self._free.pop()
        here = slice(row, row + 1)
        self._outliers.put(here, outliers)
        self._tracks.put(here, TrackRows.of(track))
        self._samples.put(here, samples)
        return row

    def leave(self, row: int, track: Track, outliers: OutlierRows, resampler: Resampler) -> None:
        """Give a body's state back and free its row."""
        self.settle()
        here = slice(row, row + 1)
        outliers.put(slice(None), self._outliers.take(here))
        self._tracks.take(here).give(track)
        resampler.set_row(self._samples.take(here))
        self._free.append(row)

    def _grow(self) -> None:
        size = len(self._outliers)
        self._outliers = self._outliers.grown(2 * size)
        self._tracks = self._tracks.grown(2 * size)
        self._samples = self._samples.grown(2 * size)
        self._free = list(range(size, 2 * size))[::-1]

    def settle(self) -> None:
        """Do the postponed update of a single body's track, which only later frames need.

        It can wait until the frame's prediction is out, since a certain body stays certain. `push`
        calls it too.
        """
        postponed, self._postponed = self._postponed, None
        if postponed is not None:
            tracks, joints_m, confidence, now_ns = postponed
            update_rows(tracks, self._measurer, joints_m, confidence, now_ns)

    def certain(self, rows: Indices) -> BoolArray:
        """Return which of the bodies in these rows count as people."""
        return self._tracks.evidence_s[rows] >= CERTAIN_S

    def push(self, batch: FrameBatch) -> Iterator[SampleBatch]:
        """Take the frames of many bodies; yield the samples that they complete, in order.

        Times must rise by at most the resampler's longest gap, also from the frame before. Changes
        `joints_m` and `confidence` of the batch: rejected joints become missing.
        """
        self.settle()
        # A single row is changed in place, which saves copying it out and back.
        alone = len(batch.rows) == 1
        rows = slice(batch.rows[0], batch.rows[0] + 1) if alone else batch.rows
        outliers, tracks = self._outliers.take(rows), self._tracks.take(rows)
        samples = self._samples.take(rows)
        active = outliers, tracks, samples
        fewest = int(batch.counts[-1])
        for i in range(batch.joints_m.shape[1]):
            first = slice(None)
            if i >= fewest:
                first = slice(int((batch.counts > i).sum()))
                active = outliers.take(first), tracks.take(first), samples.take(first)
            now_ns = batch.t_ns[first, i]
            joints_m, sure = batch.joints_m[first, i], batch.confidence[first, i]
            certain = tracks.evidence_s[first] >= CERTAIN_S
            if alone and i == fewest - 1 and certain[0]:
                self._postponed = active[1], joints_m.copy(), sure.copy(), now_ns
            else:
                update_rows(active[1], self._measurer, joints_m, sure, now_ns)
                certain = tracks.evidence_s[first] >= CERTAIN_S
            self._reject_outliers(active[0], joints_m, sure, now_ns)
            made = self._resample(active[2], now_ns, joints_m, sure)
            yield from (SampleBatch(i, certain[w], w, t, m, c) for w, t, m, c in made)
        if not alone:
            self._outliers.put(rows, outliers)
            self._tracks.put(rows, tracks)
            self._samples.put(rows, samples)

    def _reject_outliers(
        self, outliers: OutlierRows, joints_m: FloatArray, confidence: FloatArray, now_ns: Times
    ) -> None:
        there = confidence > 0
        ok = there & (confidence >= self._limits.confidence)
        ok = accept_joints(outliers, self._anatomy, joints_m, ok, now_ns)
        if (ok != there).any():
            joints_m *= ok[..., None]
            confidence *= ok

    def _resample(
        self,
        old: SampleRows,
        now_ns: Times,
        joints_m: FloatArray,
        confidence: FloatArray,
    ) -> Iterator[tuple[Indices, Times, FloatArray, FloatArray]]:
        everybody = np.arange(len(now_ns))
        while True:
            moment_ns = old.origin_ns + np.rint(old.next * self._step_ns).astype(np.int64)
            due = moment_ns <= now_ns + SNAP_NS
            if not due.any():
                break
            which = everybody if due.all() else np.flatnonzero(due)
            if which is everybody:
                made = self._interpolate(moment_ns, old, now_ns, joints_m, confidence)
            else:
                made = self._interpolate(
                    moment_ns[which],
                    old.take(which),
                    now_ns[which],
                    joints_m[which],
                    confidence[which],
                )
            yield which, *made
            old.next += due
        old.t_ns[:], old.joints_m[:], old.confidence[:] = now_ns, joints_m, confidence

    def _interpolate(
        self,
        moment_ns: Times,
        old: SampleRows,
        now_ns: Times,
        joints_m: FloatArray,
        confidence: FloatArray,
    ) -> tuple[Times, FloatArray, FloatArray]:
        """Interpolate linearly between two samples; keep a sample that is at the moment itself."""
        at_new = np.abs(moment_ns - now_ns) <= SNAP_NS
        pair = old.joints_m, joints_m, old.confidence, confidence
        if at_new.any() and not confidence.all():
            joints_m, confidence = held(old.t_ns, now_ns, *pair, self._step_ns)
        if at_new.all():
            return now_ns, joints_m, confidence
        at_old = ~at_new & (np.abs(moment_ns - old.t_ns) <= SNAP_NS)
        positions_m, sure = between(moment_ns, old.t_ns, now_ns, *pair, self._step_ns)
        for at, t_ns, m, c in (
            (at_new, now_ns, joints_m, confidence),
            (at_old, old.t_ns, old.joints_m, old.confidence),
        ):
            moment_ns = np.where(at, t_ns, moment_ns)
            positions_m = np.where(at[:, None, None], m, positions_m)
            sure = np.where(at[:, None], c, sure)
        return moment_ns, positions_m, sure
