"""A body's build: the lengths that tell one person from another, and a person from a chair."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import Body, FloatArray, Layout

# Each length with what a person can have, a small child or a very tall man, on a poor sensor.
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
Place = tuple[float, float, float]
"""x, y, z in metres, camera space: few numbers, on which plain Python is quicker than numpy."""
NOWHERE: Place = (math.nan, math.nan, math.nan)

_WITHIN = 0.75
_FEWEST = 3


class Build:
    """Measures bodies of one layout; every layout names the joints it needs."""

    def __init__(self, layout: Layout) -> None:
        index = layout.index
        self._ends = np.array([[index[a], index[b]] for a, b in _LENGTHS], np.intp).T
        self._hips = np.array([index["HipLeft"], index["HipRight"]])
        self._shoulders = np.array([index["ShoulderLeft"], index["ShoulderRight"]])

    def lengths_m(self, body: Body) -> FloatArray:
        """The body's lengths in metres, float32 (11,), NaN where an end was not seen."""
        start, end = self._ends
        way_m = body.joints_m[start] - body.joints_m[end]
        length_m = np.sqrt((way_m * way_m).sum(axis=1))
        length_m[(body.confidence[start] == 0) | (body.confidence[end] == 0)] = np.nan
        return np.asarray(length_m, np.float32)

    def place_m(self, body: Body) -> Place:
        """Where the hips are; the middle of what is seen where they are not; NaN for nothing."""
        seen = self._hips[body.confidence[self._hips] > 0]
        if not len(seen):
            seen = np.flatnonzero(body.confidence)
        if not len(seen):
            return NOWHERE
        x, y, z = (body.joints_m[seen].sum(axis=0) / len(seen)).tolist()
        return x, y, z

    def upright(self, body: Body) -> bool:
        """Whether the trunk rises by half its length; True where that was not seen."""
        corners = np.concatenate([self._shoulders, self._hips])
        if (body.confidence[corners] == 0).any():
            return True
        trunk_m = body.joints_m[corners[:2]].sum(axis=0) - body.joints_m[corners[2:]].sum(axis=0)
        return bool(trunk_m[1] > 0.5 * np.sqrt((trunk_m * trunk_m).sum()))


def human(lengths_m: FloatArray) -> bool:
    """Whether lengths (11,) could be a person's: three in four of those seen, three at least."""
    seen = int(np.isfinite(lengths_m).sum())
    fits = int(((lengths_m > _SHORTEST_M) & (lengths_m < _LONGEST_M)).sum())
    return seen >= _FEWEST and fits >= _WITHIN * seen


class Shape:
    """What a person's lengths usually are, and how surely that is known."""

    MEMORY = 60

    def __init__(self) -> None:
        self.mean: FloatArray = np.zeros(len(_LENGTHS), np.float32)
        self.count: NDArray[np.float32] = np.zeros(len(_LENGTHS), np.float32)

    def learn(self, lengths_m: FloatArray) -> None:
        """Take the lengths (11,) of one more frame."""
        seen = np.isfinite(lengths_m) & (lengths_m > 0)
        logs = np.log(np.where(seen, lengths_m, np.float32(1)))
        self.count = np.minimum(self.count + seen, np.float32(self.MEMORY))
        self.mean += seen * (logs - self.mean) / np.maximum(self.count, 1)

    def unlike(self, other: Shape) -> float:
        """How far two shapes differ: the mean of the log ratios, 0.1 for a tenth; 0 if unknown.

        The two largest are left out: a joint or two may be misplaced.
        """
        both = (self.count > 0) & (other.count > 0)
        if both.sum() < 2 * _FEWEST:
            return 0.0
        apart = np.sort(np.abs(self.mean - other.mean)[both])
        return float(apart[:-2].mean())
