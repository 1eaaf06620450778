"""Finds walking, jumps, kicks and sitting in recordings of people who move freely.

All constants were chosen by hand and checked on plots of CMU's and UI-PRMD's recordings.
"""

from __future__ import annotations

import numpy as np

from models.datasets.active_span import moving_span, true_spans
from models.features import JOINT, FloatArray

Span = tuple[int, int]
"""The first frame of a stretch of motion, and the first frame after it."""

_RATE_HZ = 30.0
_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
_ANKLES = [JOINT["AnkleLeft"], JOINT["AnkleRight"]]
_WALKING_M_S = 0.25
"""Least speed of the hips over the floor while a person walks, as a mean over half a second."""
_HALF_FRAMES = 7
"""Frames before and after a moment over which this speed is measured."""
_OFF_FLOOR_M = 0.25
"""A person climbs while both ankles are higher than this above the floor."""
_SHORTEST_FRAMES = 15
"""Shorter walks, and shorter stops in a walk, are ignored (0.5 s)."""
_FLIGHT_M = 0.05
"""In a jump, both ankles are higher than this above the floor."""
_JUMP_FRAMES = 9
"""Frames of a jump before the feet leave the floor and after they land."""
_KICK_FRAMES = (14, 14)
"""Frames of a kick before and after the foot is fastest."""
_SEATED_SHARE = 0.15
"""A person is seated while the hips are in this lowest share of their range."""
_LEAN_FRAMES = 10
"""Frames of leaning forward before the hips rise from a seat, counted as getting up."""


def walking_spans(joints_m: FloatArray, climbs: bool = False) -> list[Span]:
    """The spans in which a person walks or runs, joints float32 (T, 18, 3) metres.

    Of a person who also `climbs`, only the motion on the floor counts.
    """
    hips_m = joints_m[:, _HIPS].mean(axis=1)[:, [0, 2]]
    last = len(hips_m) - 1
    at = np.arange(len(hips_m))
    before, after = np.maximum(at - _HALF_FRAMES, 0), np.minimum(at + _HALF_FRAMES, last)
    gone_m = np.linalg.norm(hips_m[after] - hips_m[before], axis=1)
    speed_m_s = gone_m / np.maximum(after - before, 1) * _RATE_HZ
    moving = speed_m_s > _WALKING_M_S
    if climbs:
        moving &= _lower_ankle(joints_m) < _OFF_FLOOR_M
    for state in (True, False):
        for start, end in true_spans(moving != state):
            inside = start > 0 and end < len(moving)
            if end - start < _SHORTEST_FRAMES and (inside or not state):
                moving[start:end] = state
    return true_spans(moving)


def jump_spans(joints_m: FloatArray) -> list[Span]:
    """The spans of jumps, from crouch to landing, joints float32 (T, 18, 3) metres."""
    flying = _lower_ankle(joints_m) > _FLIGHT_M
    around = np.convolve(flying, np.ones(2 * _JUMP_FRAMES + 1), "same") > 0
    return true_spans(around)


def kick_span(joints_m: FloatArray) -> Span:
    """The span around the moment at which a foot is fastest relative to the hips."""
    hips_m = joints_m[:, _HIPS].mean(axis=1, keepdims=True)
    steps_m = np.diff(joints_m[:, _ANKLES] - hips_m, axis=0)
    fastest = int(np.linalg.norm(steps_m, axis=2).max(axis=1).argmax())
    return max(fastest - _KICK_FRAMES[0], 0), min(fastest + _KICK_FRAMES[1], len(joints_m))


def seat_spans(joints_m: FloatArray) -> tuple[Span, Span]:
    """The spans of sitting down and of getting up in a clip of a standing person who does both."""
    start, end = moving_span(joints_m)
    height_m = joints_m[start:end, _HIPS, 1].mean(axis=1)
    low_m, high_m = float(height_m.min()), float(height_m.max())
    seated = np.flatnonzero(height_m <= low_m + _SEATED_SHARE * (high_m - low_m)) + start
    middle = (int(seated[0]) + int(seated[-1]) + 1) // 2
    return (start, middle), (max(middle, int(seated[-1]) - _LEAN_FRAMES), end)


def _lower_ankle(joints_m: FloatArray) -> FloatArray:
    """Height of the lower ankle above its usual height on the floor, (T,) metres."""
    height_m = joints_m[:, _ANKLES, 1]
    above: FloatArray = height_m.min(axis=1) - np.percentile(height_m, 2)
    return above
