"""Sliding windows of features for many bodies, which say when a prediction is due."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.features import (
    CANONICAL_PICKS,
    CHANNELS,
    FloatArray,
    measured_of,
    seen_from,
)

KEPT_FRAMES = 96
"""A window stays available while at most this many frames have followed it."""

RowIndices = NDArray[np.intp]


class Windows:
    """One sliding window of features per body, in the rows of shared arrays.

    Frames arrive at the card's rate. A window that begins before the first frame repeats the first
    frame's features, as the network expects. Each row takes about 80 KB. The number of rows
    doubles when all are open.
    """

    def __init__(self, card: ModelCard, capacity: int = 8) -> None:
        self.card = card
        self._settings = card.features
        self._stride = card.stride_frames
        kept = card.window_frames + KEPT_FRAMES
        self._frames = kept - kept % self._stride  # a stride never wraps around the ring
        self._inputs = len(card.joints_used) * CHANNELS
        self._ring = np.zeros((capacity, self._frames, self._inputs), np.float32)
        self._features = card.features.new_state(capacity)
        self._count = np.zeros(capacity, np.int64)
        self._free = list(range(capacity))[::-1]

    def __len__(self) -> int:
        return len(self._count) - len(self._free)

    def open(self) -> int:
        """Return an empty row for a new body."""
        if not self._free:
            self._grow()
        row = self._free.pop()
        self.reset(row)
        return row

    def copy(self, row: int) -> int:
        """Return a new row with the frames and the body of another."""
        to = self.open()
        self._ring[to], self._count[to] = self._ring[row], self._count[row]
        self._features.copy(row, to)
        return to

    def close(self, row: int) -> None:
        """Free a row for another body."""
        self._free.append(row)

    def _grow(self) -> None:
        size = len(self._count)
        self._ring = np.concatenate([self._ring, np.zeros_like(self._ring)])
        self._features = self._features.grown(size)
        self._count = np.concatenate([self._count, np.zeros_like(self._count)])
        self._free = list(range(size, 2 * size))[::-1]

    def reset(self, row: int) -> None:
        """Forget the body of a row: its next frame counts as the first."""
        self._features.reset(row)
        self._count[row] = 0

    def push(
        self, rows: RowIndices, joints_m: FloatArray, confidence: FloatArray
    ) -> NDArray[np.bool_]:
        """Add one frame to each of the `rows`, int (N,), which must differ.

        `joints_m` float32 (N, 25, 3) in metres and `confidence` float32 (N, 25) have the canonical
        layout. Returns a mask of the rows with a due prediction, bool (N,).
        """
        ((due, _),) = self.push_all([(rows, joints_m, confidence)])
        return due

    def push_all(
        self, frames: Sequence[tuple[RowIndices, FloatArray, FloatArray]]
    ) -> list[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
        """Add several frames in order, each with arguments as in `push`.

        Returns for each frame the mask of its rows with a due prediction, bool (N,), and the number
        of frames in each of its rows by then, int64 (N,). Everything that does not depend on
        earlier frames is computed for all frames at once, for speed.
        """
        if not frames:
            return []
        joints_m = _joined([frame[1][:, CANONICAL_PICKS] for frame in frames])
        seen = _joined([frame[2][:, CANONICAL_PICKS] for frame in frames]) > 0
        measured, ok = measured_of(joints_m, seen)
        values, known = np.empty_like(measured), np.empty_like(ok)
        gains = self._settings.gains()
        ends = list(accumulate(len(frame[0]) for frame in frames))
        parts = [slice(a, b) for a, b in zip([0, *ends], ends, strict=False)]
        for (rows, _, _), part in zip(frames, parts, strict=True):
            values[part], known[part] = self._features.follow(rows, measured[part], ok[part], gains)
        features = seen_from(values, joints_m, seen & known[:, :1]).reshape(len(values), -1)
        return [
            self._add(rows, features[part])
            for (rows, _, _), part in zip(frames, parts, strict=True)
        ]

    def _add(
        self, rows: RowIndices, features: FloatArray
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        count = self._count[rows]
        self._ring[rows, count % self._frames] = features
        count += 1
        self._count[rows] = count
        return count % self._stride == 0, count

    def counts(self, rows: RowIndices) -> NDArray[np.int64]:
        """Return the number of frames of each of the rows, int64 (N,)."""
        return self._count[rows]

    def newest(self, rows: RowIndices, counts: NDArray[np.int64] | None = None) -> FloatArray:
        """Return the features of the newest stride of rows, float32 (N, stride, J, 4).

        The stride ends after the first `counts` frames, int64 (N,), or after all frames if None.
        """
        stride = self._stride
        counts = self._count[rows] if counts is None else counts
        at = (counts - stride) % self._frames // stride
        strides = self._ring.reshape(len(self._ring), -1, stride, self._inputs)[rows, at]
        return np.asarray(strides.reshape(len(rows), stride, -1, CHANNELS))

    def window(self, row: int, count: int) -> FloatArray:
        """Return the window after the first `count` frames of a row, float32 (T, J, 4), as a copy.

        Raises ValueError if the row has fewer frames, or too many since (see `KEPT_FRAMES`).
        """
        self._check_kept(row, count)
        at = np.maximum(np.arange(count - self.card.window_frames, count), 0) % self._frames
        return np.asarray(self._ring[row, at].reshape(len(at), -1, CHANNELS))

    def history(self, row: int, count: int) -> tuple[FloatArray, bool]:
        """Return all kept frames up to the first `count` frames of a row, and whether it is all.

        The frames are float32 (F, J, 4), a copy, and at least a window unless the row has had
        fewer. Raises ValueError as `window` does.
        """
        self._check_kept(row, count)
        first = max(0, int(self._count[row]) - self._frames)
        at = np.arange(first, count) % self._frames
        return np.asarray(self._ring[row, at].reshape(len(at), -1, CHANNELS)), first == 0

    def _check_kept(self, row: int, count: int) -> None:
        total = int(self._count[row])
        if not 0 < count <= total <= count + self._frames - self.card.window_frames:
            raise ValueError(f"the window after {count} frames is gone: the row has had {total}")


def _joined(arrays: list[FloatArray]) -> FloatArray:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
