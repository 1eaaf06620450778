"""Origin, facing and size of bodies, which follow what is measured in each frame.

A value begins as the median of its first measurements, so that one bad frame does not decide where
a body is. Then a low-pass filter follows the measurements.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
RowIndices = NDArray[np.intp]
Picks = RowIndices | slice

TORSO_M = 0.48
"""The usual length of a torso, hips to neck, in metres; the unit of body size."""
BEGINNING_S = 0.3
"""A value is the median of its measurements until it has this many seconds of them. Chosen by hand:
long enough for a few good frames, short enough that a walk or a turn still shows."""
_USUAL = np.array([0, 0, 0, 1, 0, TORSO_M], np.float32)


def beginning_frames(rate_hz: float) -> int:
    """Return the number of measurements that make the beginning of a value; at least 1."""
    return max(round(BEGINNING_S * rate_hz), 1)


@dataclass(eq=False)
class FeatureState:
    """Origin, facing and size of N bodies, carried from frame to frame.

    `value` float32 (N, 6) holds the origin in metres, the facing as the direction from the left
    to the right side in the x-z plane, and the torso length in metres. `early` float32 (N, K, 6)
    are the first K measurements of each value, infinity for those to come, and `count` (N, 6) is
    how many there are.
    """

    value: FloatArray
    early: FloatArray
    count: RowIndices

    @classmethod
    def new(cls, count: int, frames: int) -> FeatureState:
        """Return the state of `count` bodies before their first frame: facing the camera.

        The first `frames` measurements of a value are its beginning.
        """
        early = np.full((count, frames, len(_USUAL)), np.inf, np.float32)
        return cls(np.tile(_USUAL, (count, 1)), early, np.zeros((count, len(_USUAL)), np.intp))

    def grown(self, more: int) -> FeatureState:
        """Return a copy with `more` new bodies behind the present ones."""
        fresh = FeatureState.new(more, self.early.shape[1])
        return FeatureState(
            np.concatenate([self.value, fresh.value]),
            np.concatenate([self.early, fresh.early]),
            np.concatenate([self.count, fresh.count]),
        )

    def reset(self, row: int) -> None:
        """Forget the body of a row."""
        self.value[row], self.early[row], self.count[row] = _USUAL, np.inf, 0

    def copy(self, row: int, to: int) -> None:
        """Copy the body of a row to another row."""
        for array in (self.value, self.early, self.count):
            array[to] = array[row]

    def follow(
        self, rows: Picks, measured: FloatArray, ok: BoolArray, gains: FloatArray
    ) -> tuple[FloatArray, BoolArray]:
        """Take the measurements of one frame, (n, 6), of the n bodies in `rows`, where `ok`.

        `gains` (6,) are the shares of a step that the filter covers. Returns the values (n, 6), and
        bool (n, 6): which of them were measured at least once.
        """
        value, count = self.value[rows], self.count[rows]
        begins = ok & (count < self.early.shape[1])
        if begins.any():
            value = value + gains * (ok & ~begins) * (measured - value)
            self._begin(np.arange(len(self.value))[rows], measured, begins, value)
            count = self.count[rows]
        else:
            value = value + gains * ok * (measured - value)
        self.value[rows] = value
        return value, count > 0

    def _begin(
        self, rows: RowIndices, measured: FloatArray, begins: BoolArray, value: FloatArray
    ) -> None:
        """Set `value` (n, 6), where it `begins`, to the median of all its measurements so far."""
        at = np.flatnonzero(begins.any(axis=1))
        rows, new = rows[at], begins[at]
        early, count = self.early[rows], self.count[rows]
        here = np.arange(early.shape[1])[:, None] == count[:, None]
        early = np.where(here & new[:, None], measured[at, None], early)
        count = count + new
        self.early[rows], self.count[rows] = early, count
        ordered = np.sort(early, axis=1)
        low, high = (
            np.take_along_axis(ordered, n[:, None] // 2, axis=1)[:, 0]
            for n in (np.maximum(count - 1, 0), count)
        )
        value[at] = np.where(new, (low + high) / np.float32(2), value[at])
