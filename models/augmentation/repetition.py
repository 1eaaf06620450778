"""Repeats cyclic motions: finds where a motion returns to its pose, and plays that part again."""

from __future__ import annotations

import numpy as np

from models.features import FloatArray

MOST_APART_M = 0.12
"""Greatest distance of any joint, in metres, between the two ends of a cycle. Chosen by hand.

The distance includes the difference of the joint's motion over the last three frames.
"""
_SHORTEST_FRAMES = 12
"""Shortest cycle (0.4 s). Chosen by hand."""
_SEAM_FRAMES = 5
"""Frames after a seam that are blended. Chosen by hand."""


def find_cycle(joints_m: FloatArray) -> tuple[int, int] | None:
    """The frames (start, end) whose poses are most alike, None if none are alike enough.

    Both lie in the middle 70 % of the clip and at least `_SHORTEST_FRAMES` apart. `joints_m`
    float32 (T, J, 3) metres at 30 Hz.
    """
    frames = len(joints_m)
    first, last = int(frames * 0.15), int(frames * 0.85)
    at = np.arange(max(first, 3), last)
    if len(at) <= _SHORTEST_FRAMES:
        return None
    place = joints_m - joints_m.mean(axis=1, keepdims=True)
    states = np.concatenate([place, place - np.roll(place, 3, axis=0)], axis=2)[at]
    apart = _greatest_squares(states.swapaxes(0, 1))
    early, late = np.indices(apart.shape)
    apart[late - early < _SHORTEST_FRAMES] = np.inf
    i, j = np.unravel_index(int(apart.argmin()), apart.shape)
    return (int(at[i]), int(at[j])) if apart[i, j] < MOST_APART_M**2 else None


def _greatest_squares(states: FloatArray) -> FloatArray:
    """The squared distance of states (J, T, C) to each other, greatest over joints: (T, T).

    It is computed as |a|² + |b|² - 2ab, because one product of matrices is much faster.
    """
    squares = (states**2).sum(axis=2)
    products = states @ states.swapaxes(1, 2)
    apart: FloatArray = (squares[:, :, None] + squares[:, None] - 2 * products).max(axis=0)
    return apart


def repeat_cycle(joints_m: FloatArray, cycle: tuple[int, int], times: int) -> FloatArray:
    """The clip (T, J, 3) with its cycle played `times` more, blended at the seams."""
    start, end = cycle
    seam = joints_m[end] - joints_m[start]
    fade = np.clip(1 - np.arange(end - start) / _SEAM_FRAMES, 0, 1)[:, None, None]
    again = joints_m[start:end] + (fade * seam).astype(np.float32)
    rest = joints_m[end:]
    return np.concatenate([joints_m[:end], *([again] * times), rest])
