"""Body proportions: the lengths that tell people apart, and a person from a chair."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import Body, FloatArray, Layout
from sensor.tracking.rows import length2

# The range in metres of each length, from a small child to a very tall man on a poor sensor.
_LENGTHS = {
    ("ShoulderLeft", "HipLeft"): (0.2, 0.85),
    ("ShoulderRight", "HipRight"): (0.2, 0.85),
    ("ShoulderLeft", "ShoulderRight"): (0.1, 0.65),
    ("ShoulderLeft", "ElbowLeft"): (0.1, 0.5),
    ("ShoulderRight", "ElbowRight"): (0.1, 0.5),
    ("ElbowLeft", "WristLeft"): (0.08, 0.5),
    ("ElbowRight", "WristRight"): (0.08, 0.5),
    ("HipLeft", "KneeLeft"): (0.15, 0.7),
    ("HipRight", "KneeRight"): (0.15, 0.7),
    ("KneeLeft", "AnkleLeft"): (0.15, 0.7),
    ("KneeRight", "AnkleRight"): (0.15, 0.7),
}
_SHORTEST_M, _LONGEST_M = np.array(list(_LENGTHS.values()), np.float32).T
BoolArray = NDArray[np.bool_]
Position = tuple[float, float, float]
"""x, y, z in metres, camera space. A tuple, since plain Python beats numpy on three numbers."""
UNKNOWN: Position = (math.nan, math.nan, math.nan)

_WITHIN = 0.75
_FEWEST = 3


class Measurer:
    """Measures bodies of one layout. Every layout has the joints that this needs."""

    LENGTHS = len(_LENGTHS)

    def __init__(self, layout: Layout) -> None:
        index = layout.index
        self._ends = np.array([[index[a], index[b]] for a, b in _LENGTHS], np.intp).T
        self._hips = np.array([index["HipLeft"], index["HipRight"]])
        self._shoulders = np.array([index["ShoulderLeft"], index["ShoulderRight"]])

    def lengths_m(self, body: Body) -> FloatArray:
        """Return the body's lengths in metres, float32 (11,); NaN if an end was not seen."""
        return self.all_lengths_m(body.joints_m, body.confidence)

    def all_lengths_m(self, joints_m: FloatArray, confidence: FloatArray) -> FloatArray:
        """Return lengths float32 (..., 11) in metres; NaN if an end was not seen.

        `joints_m` is (..., J, 3), `confidence` (..., J).
        """
        start, end = self._ends
        way_m = joints_m[..., start, :] - joints_m[..., end, :]
        length_m = np.sqrt(length2(way_m))
        length_m[(confidence[..., start] == 0) | (confidence[..., end] == 0)] = np.nan
        return np.asarray(length_m, np.float32)

    def positions_m(self, joints_m: FloatArray, confidence: FloatArray) -> NDArray[np.float64]:
        """Return `position_m` of N bodies, float64 (N, 3).

        `joints_m` is (N, J, 3), `confidence` (N, J).
        """
        seen = confidence > 0
        left, right = self._hips
        if seen[:, self._hips].all():
            middle_m = (joints_m[:, left] + joints_m[:, right]) / np.float32(2)
            return np.asarray(middle_m, np.float64)
        hips = np.zeros_like(seen)
        hips[:, self._hips] = seen[:, self._hips]
        used = np.where(hips.any(axis=1, keepdims=True), hips, seen)
        total_m = (joints_m * used[..., None]).sum(axis=1)
        with np.errstate(invalid="ignore"):  # a body without a seen joint has the position NaN
            middle_m = total_m / used.sum(axis=1, keepdims=True).astype(np.float32)
        return np.asarray(middle_m, np.float64)

    def position_m(self, body: Body) -> Position:
        """Return the mean of the seen hips, else of all seen joints; NaN if no joint was seen."""
        seen = self._hips[body.confidence[self._hips] > 0]
        if not len(seen):
            seen = np.flatnonzero(body.confidence)
        if not len(seen):
            return UNKNOWN
        x, y, z = (body.joints_m[seen].sum(axis=0) / len(seen)).tolist()
        return x, y, z

    def upright(self, body: Body) -> bool:
        """Return whether the trunk rises by at least half its length; True if it was not seen."""
        return bool(self.all_upright(body.joints_m, body.confidence))

    def all_upright(self, joints_m: FloatArray, confidence: FloatArray) -> BoolArray:
        """Return, bool (...), whether each trunk rises by at least half its length.

        True if the trunk was not seen. `joints_m` is (..., J, 3), `confidence` (..., J).
        """
        sides = (self._shoulders, self._hips)
        seen = np.logical_and.reduce([(confidence[..., s] > 0).all(axis=-1) for s in sides])
        above, below = (joints_m[..., side, :].sum(axis=-2) for side in sides)
        trunk_m = above - below
        rises = trunk_m[..., 1] > np.float32(0.5) * np.sqrt(length2(trunk_m))
        return np.asarray(rises | ~seen)


def looks_human(lengths_m: FloatArray) -> BoolArray:
    """Return whether lengths (..., 11) can be those of a person.

    At least three lengths must be seen, and three in four of those must lie in the human range.
    """
    seen = np.isfinite(lengths_m).sum(axis=-1)
    fits = ((lengths_m > _SHORTEST_M) & (lengths_m < _LONGEST_M)).sum(axis=-1)
    return np.asarray((seen >= _FEWEST) & (fits >= _WITHIN * seen))


def learn(mean: FloatArray, count: FloatArray, lengths_m: FloatArray) -> None:
    """Update running means of log lengths and their counts, (..., 11), in place.

    `lengths_m` (..., 11) are those of one more frame; NaN and zero are skipped.
    """
    seen = np.isfinite(lengths_m) & (lengths_m > 0)
    logs = np.log(np.where(seen, lengths_m, np.float32(1)))
    np.minimum(count + seen, np.float32(Proportions.MEMORY), out=count)
    mean += seen * (logs - mean) / np.maximum(count, 1)


class Proportions:
    """The usual lengths of one person.

    `mean` (11,) is a running mean of the lengths' logarithms, `count` (11,) the frames that it
    covers, at most `MEMORY`.
    """

    MEMORY = 60

    def __init__(self) -> None:
        self.mean: FloatArray = np.zeros(len(_LENGTHS), np.float32)
        self.count: NDArray[np.float32] = np.zeros(len(_LENGTHS), np.float32)

    def learn(self, lengths_m: FloatArray) -> None:
        """Take the lengths (11,) of one more frame."""
        learn(self.mean, self.count, lengths_m)

    def difference(self, other: Proportions) -> float:
        """Return the mean absolute log ratio of the lengths: 0.1 means one tenth; 0 if unknown.

        The two largest ratios are left out, since a joint or two may be misplaced.
        """
        both = (self.count > 0) & (other.count > 0)
        if both.sum() < 2 * _FEWEST:
            return 0.0
        apart = np.sort(np.abs(self.mean - other.mean)[both])
        return float(apart[:-2].mean())
