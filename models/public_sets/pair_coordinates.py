"""Two actors in one input: SBU's joints, and coordinates that both share."""

from __future__ import annotations

import numpy as np

from models.features import FeatureSettings, FloatArray
from models.mirroring import other_side
from models.public_sets.clip_coordinates import Frame, Rig, followed, turned_to

_BODY = {
    "Head": "Neck", "Neck": "Torso", "Torso": "Torso",
    "LeftShoulder": "Neck", "LeftElbow": "LeftShoulder", "LeftHand": "LeftElbow",
    "RightShoulder": "Neck", "RightElbow": "RightShoulder", "RightHand": "RightElbow",
    "LeftHip": "Torso", "LeftKnee": "LeftHip", "LeftFoot": "LeftKnee",
    "RightHip": "Torso", "RightKnee": "RightHip", "RightFoot": "RightKnee",
}  # fmt: skip
"""SBU's 15 joints, and the joint that each hangs on."""

_NAMES = list(_BODY)
_ANCHORS = ["Head", "Torso", "LeftHand", "RightHand", "LeftFoot", "RightFoot"]
_TORSO_A, _TORSO_B = _NAMES.index("Torso"), _NAMES.index("Torso") + len(_NAMES)


def _pair() -> Rig:
    joints = tuple(f"{actor}_{name}" for actor in "AB" for name in _NAMES)
    parents = [_NAMES.index(parent) for parent in _BODY.values()]
    count = len(_NAMES)
    return Rig(
        joints,
        np.array(parents + [count + parent for parent in parents]),
        other_side(joints),
        2,
        np.array([_NAMES.index(name) for name in _ANCHORS]),
        swap=np.r_[count : 2 * count, 0:count],
    )


PAIR = _pair()
"""Two people in SBU's 15 joints each; mirrored across the line between them."""


def pair_frame(joints_m: FloatArray, rule: Frame, rate_hz: float) -> FloatArray:
    """Both actors' joints, float32 (T, 30, 3), in coordinates that they share.

    The origin is midway between their torsos, x points from A to B and y up; both follow slowly.
    """
    gains = FeatureSettings(rate_hz=rate_hz)
    a, b = joints_m[:, _TORSO_A], joints_m[:, _TORSO_B]
    midway = np.asarray((a + b) / 2, np.float32)
    origin = followed(midway, np.ones(len(a), bool), gains.gain(rule.origin_s))
    across = (b - a)[:, [0, 2]]
    apart = np.linalg.norm(across, axis=1, keepdims=True)
    unit = across / np.maximum(apart, np.float32(1e-6))
    direction = followed(unit, apart[:, 0] > 0.1, gains.gain(rule.facing_s))
    return turned_to(joints_m - origin[:, None], direction)


def swapped(places: FloatArray) -> FloatArray:
    """The same moment with A and B changing names: (..., 30, 3), turned half round with them."""
    assert PAIR.swap is not None
    changed: FloatArray = places[..., PAIR.swap, :] * np.array([-1, 1, -1], np.float32)
    return changed
