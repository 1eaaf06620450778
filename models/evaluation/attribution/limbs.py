"""The joints that the top joint of an explanation should be one of, by the limbs that act."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from models.acting_limbs import LEFT_ARM, LEGS, RIGHT_ARM, TRUNK, acting_groups
from models.datasets.pieces import Piece
from models.features import JOINT, BoolArray

_ARM, _LEG = ("Shoulder", "Elbow", "Wrist", "Hand"), ("Hip", "Knee", "Ankle", "Foot")
_SIDES = ("Left", "Right")
_JOINTS_OF = {
    LEFT_ARM: [f"{joint}Left" for joint in _ARM],
    RIGHT_ARM: [f"{joint}Right" for joint in _ARM],
    LEGS: [joint + side for joint in _LEG for side in _SIDES],
    TRUNK: ["Head", "SpineShoulder", *(j + side for j in ("Shoulder", "Hip") for side in _SIDES)],
}

CERTAIN = frozenset(
    {
        "wave", "throw", "clap", "boxing", "knock", "catch", "push", "arm_cross", "arm_curl",
        "swipe_left", "swipe_right", "draw_x", "draw_circle_cw", "draw_circle_ccw",
        "draw_triangle", "right_punch", "left_punch", "back_fist", "elbow_strike",
        "front_right_kick", "front_left_kick", "side_right_kick", "side_left_kick",
        "walk", "jog", "squat", "lunge",
    }
)  # fmt: skip
"""Classes that beyond doubt their acting limbs decide, as `models.acting_limbs` lists them.

Left out are motions of the whole body, such as bowling, and those that some people also show by
other limbs.
"""


def joints_of(groups: Collection[str]) -> BoolArray:
    """Which joints belong to groups of `models.acting_limbs`, bool (18,)."""
    mask = np.zeros(len(JOINT), bool)
    mask[[JOINT[name] for group in groups for name in _JOINTS_OF[group]]] = True
    return mask


def acting_joints(pieces: Sequence[Piece], labels: Sequence[str] | NDArray[np.str_]) -> BoolArray:
    """Which joints belong to the acting limbs of N pieces with the labels (N,), bool (N, 18)."""
    pairs = zip(pieces, labels, strict=True)
    return np.array(
        [joints_of(acting_groups(label, piece.joints_m)) for piece, label in pairs]
    ).reshape(len(pieces), len(JOINT))
