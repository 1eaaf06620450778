"""Motions that repeat: where one returns to where it was, so that it can be gone through again."""

from __future__ import annotations

import numpy as np

from models.features import FloatArray

NEAR_M = 0.12
"""How near all joints must come to where they were, their motion in three frames included."""
_SHORTEST_FRAMES, _BLEND_FRAMES = 12, 5


def find_cycle(joints_m: FloatArray) -> tuple[int, int] | None:
    """The frames (from, to) of the best cycle in the middle of a clip; None where there is none.

    `joints_m` float32 (T, J, 3) metres at 30 Hz.
    """
    frames = len(joints_m)
    first, last = int(frames * 0.15), int(frames * 0.85)
    at = np.arange(max(first, 3), last)
    if len(at) <= _SHORTEST_FRAMES:
        return None
    place = joints_m - joints_m.mean(axis=1, keepdims=True)
    what = np.concatenate([place, place - np.roll(place, 3, axis=0)], axis=2)[at]
    apart = np.array([np.linalg.norm(what - one, axis=2).max(axis=1) for one in what])
    early, late = np.indices(apart.shape)
    apart[late - early < _SHORTEST_FRAMES] = np.inf
    i, j = np.unravel_index(int(apart.argmin()), apart.shape)
    return (int(at[i]), int(at[j])) if apart[i, j] < NEAR_M else None


def repeated(joints_m: FloatArray, cycle: tuple[int, int], times: int) -> FloatArray:
    """The clip with its cycle gone through `times` more, seams smoothed."""
    start, end = cycle
    seam = joints_m[end] - joints_m[start]
    fade = np.clip(1 - np.arange(end - start) / _BLEND_FRAMES, 0, 1)[:, None, None]
    again = joints_m[start:end] + (fade * seam).astype(np.float32)
    rest = joints_m[end:]
    return np.concatenate([joints_m[:end], *([again] * times), rest])
