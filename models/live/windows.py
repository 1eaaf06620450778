"""`Windows`: the newest features of many bodies, and when the next prediction of each is due."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.features import (
    CANONICAL_PICKS,
    CHANNELS,
    FeatureState,
    FloatArray,
    measured_of,
    seen_from,
)

KEPT_FRAMES = 96
"""A window can still be had while at most so many frames came after it."""

Count = NDArray[np.intp]


class Windows:
    """A sliding window for each body, in rows of shared arrays, at the card's rate.

    Before the first frame stands the first pose held still, as the network has it. Rows are
    opened and closed; what is kept of a body is about 80 KB.
    """

    def __init__(self, card: ModelCard, capacity: int = 8) -> None:
        self.card = card
        self._settings = card.features
        self._stride = card.stride_frames
        kept = card.window_frames + KEPT_FRAMES
        self._frames = kept - kept % self._stride  # four features of a step never wrap around
        self._inputs = len(card.joints_used) * CHANNELS
        self._ring = np.zeros((capacity, self._frames, self._inputs), np.float32)
        self._features = FeatureState.new(capacity)
        self._count = np.zeros(capacity, np.int64)
        self._free = list(range(capacity))[::-1]

    def __len__(self) -> int:
        return len(self._count) - len(self._free)

    def open(self) -> int:
        """A row for somebody new."""
        if not self._free:
            self._grow()
        row = self._free.pop()
        self.reset(row)
        return row

    def close(self, row: int) -> None:
        """The row may be somebody else's."""
        self._free.append(row)

    def _grow(self) -> None:
        size = len(self._count)
        self._ring = np.concatenate([self._ring, np.zeros_like(self._ring)])
        fresh = FeatureState.new(size)
        value, seen = self._features.value, self._features.seen
        self._features = FeatureState(
            np.concatenate([value, fresh.value]), np.concatenate([seen, fresh.seen])
        )
        self._count = np.concatenate([self._count, np.zeros_like(self._count)])
        self._free = list(range(size, 2 * size))[::-1]

    def reset(self, row: int) -> None:
        """Forget the body of a row: its next frame is the first."""
        fresh = FeatureState.new(1)
        self._features.value[row], self._features.seen[row] = fresh.value[0], fresh.seen[0]
        self._count[row] = 0

    def push(self, rows: Count, joints_m: FloatArray, confidence: FloatArray) -> NDArray[np.bool_]:
        """Add one frame to each of the rows (N,), which are different ones.

        Places float32 (N, 25, 3) metres and confidence (N, 25), canonical layout. Answers where
        a prediction is due, (N,).
        """
        ((due, _),) = self.push_all([(rows, joints_m, confidence)])
        return due

    def push_all(
        self, frames: Sequence[tuple[Count, FloatArray, FloatArray]]
    ) -> list[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
        """Add frames one after the other, each of some rows, places and confidence as in `push`.

        Answers of each frame where a prediction is due by it, and how many frames its rows had by
        then, (N,) both. What needs nothing of the past is worked out for all of them together.
        """
        if not frames:
            return []
        joints_m = _joined([frame[1][:, CANONICAL_PICKS] for frame in frames])
        seen = _joined([frame[2][:, CANONICAL_PICKS] for frame in frames]) > 0
        measured, ok = measured_of(joints_m, seen)
        values, known = np.empty_like(measured), np.empty_like(ok)
        ends = list(accumulate(len(frame[0]) for frame in frames))
        parts = [slice(a, b) for a, b in zip([0, *ends], ends, strict=False)]
        for (rows, _, _), part in zip(frames, parts, strict=True):
            state = FeatureState(self._features.value[rows], self._features.seen[rows])
            state.follow(measured[part], ok[part], self._settings.gains())
            self._features.value[rows], self._features.seen[rows] = state.value, state.seen
            values[part], known[part] = state.value, state.seen
        made = seen_from(values, joints_m, seen & known[:, :1]).reshape(len(values), -1)
        return [
            self._add(rows, made[part]) for (rows, _, _), part in zip(frames, parts, strict=True)
        ]

    def _add(
        self, rows: Count, features: FloatArray
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        count = self._count[rows]
        self._ring[rows, count % self._frames] = features
        count += 1
        self._count[rows] = count
        return count % self._stride == 0, count

    def counts(self, rows: Count) -> NDArray[np.int64]:
        """How many frames each of the rows has had, (N,)."""
        return self._count[rows]

    def newest(self, rows: Count, counts: NDArray[np.int64] | None = None) -> FloatArray:
        """The four features of rows by which a prediction became due, (N, 4, J, 4).

        That is after the first `counts` (N,) frames, None for all there are.
        """
        stride = self._stride
        counts = self._count[rows] if counts is None else counts
        at = (counts - stride) % self._frames // stride
        fours = self._ring.reshape(len(self._ring), -1, stride, self._inputs)[rows, at]
        return np.asarray(fours.reshape(len(rows), stride, -1, CHANNELS))

    def window(self, row: int, count: int) -> FloatArray:
        """The network's input after the first `count` frames of a row, float32 (T, J, 4). A copy.

        Raises ValueError where too many frames came since, or the body is another.
        """
        came = int(self._count[row])
        if not 0 < count <= came <= count + self._frames - self.card.window_frames:
            raise ValueError(f"the window after {count} frames is gone: {came} came")
        at = np.maximum(np.arange(count - self.card.window_frames, count), 0) % self._frames
        return np.asarray(self._ring[row, at].reshape(len(at), -1, CHANNELS))


def _joined(arrays: list[FloatArray]) -> FloatArray:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
