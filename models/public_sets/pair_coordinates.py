"""Two actors in one input: the joints of SBU, and coordinates that both actors share."""

from __future__ import annotations

import numpy as np

from models.features import FeatureSettings, FloatArray
from models.mirroring import other_side
from models.public_sets.clip_coordinates import (
    ClipLayout,
    CoordinateSettings,
    low_passed,
    turned_to,
)

_BODY = {
    "Head": "Neck", "Neck": "Torso", "Torso": "Torso",
    "LeftShoulder": "Neck", "LeftElbow": "LeftShoulder", "LeftHand": "LeftElbow",
    "RightShoulder": "Neck", "RightElbow": "RightShoulder", "RightHand": "RightElbow",
    "LeftHip": "Torso", "LeftKnee": "LeftHip", "LeftFoot": "LeftKnee",
    "RightHip": "Torso", "RightKnee": "RightHip", "RightFoot": "RightKnee",
}  # fmt: skip
"""The 15 joints of SBU and their parents."""

_NAMES = list(_BODY)
_ANCHORS = ["Head", "Torso", "LeftHand", "RightHand", "LeftFoot", "RightFoot"]
_TORSO_A, _TORSO_B = _NAMES.index("Torso"), _NAMES.index("Torso") + len(_NAMES)


def _pair() -> ClipLayout:
    joints = tuple(f"{actor}_{name}" for actor in "AB" for name in _NAMES)
    parents = [_NAMES.index(parent) for parent in _BODY.values()]
    count = len(_NAMES)
    return ClipLayout(
        joints,
        np.array(parents + [count + parent for parent in parents]),
        other_side(joints),
        2,
        np.array([_NAMES.index(name) for name in _ANCHORS]),
        swap=np.r_[count : 2 * count, 0:count],
    )


PAIR = _pair()
"""Two people with SBU's 15 joints each. They are mirrored across the line between them."""


def pair_coordinates(
    joints_m: FloatArray, settings: CoordinateSettings, rate_hz: float
) -> FloatArray:
    """Express the joints of two actors, float32 (T, 30, 3), metres, in shared coordinates.

    The origin is midway between their torsos, x points from A to B, y up. Origin and direction
    follow slowly.
    """
    gains = FeatureSettings(rate_hz=rate_hz)
    a, b = joints_m[:, _TORSO_A], joints_m[:, _TORSO_B]
    midway = np.asarray((a + b) / 2, np.float32)
    origin = low_passed(midway, np.ones(len(a), bool), gains.gain(settings.origin_s))
    across = (b - a)[:, [0, 2]]
    apart = np.linalg.norm(across, axis=1, keepdims=True)
    unit = across / np.maximum(apart, np.float32(1e-6))
    direction = low_passed(unit, apart[:, 0] > 0.1, gains.gain(settings.facing_s))
    return turned_to(joints_m - origin[:, None], direction)


def swapped(positions: FloatArray) -> FloatArray:
    """Exchange A and B in positions (..., 30, 3), and turn the coordinates half round with them."""
    assert PAIR.swap is not None
    changed: FloatArray = positions[..., PAIR.swap, :] * np.array([-1, 1, -1], np.float32)
    return changed
