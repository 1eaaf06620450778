"""The limbs that carry each action: a class without them is no longer shown.

All other limbs may do anything: hang, rest, carry something, or take part in another activity. So
augmentation may exchange them, and a model must give the same label. Body parts come in groups:
each arm, both legs (they balance the body together), and the trunk with head and hips.

The trunk is listed with a limb if the limb cannot act without it (a squat lowers the hips, a bow
bends the trunk). Then it is kept and frozen together with that limb.
"""

from __future__ import annotations

import numpy as np

from models.features import JOINT, FloatArray

LEFT_ARM, RIGHT_ARM, LEGS, TRUNK = "left_arm", "right_arm", "legs", "trunk"
GROUPS = (LEFT_ARM, RIGHT_ARM, LEGS, TRUNK)
EITHER_ARM = "either_arm"
"""The arm that moves further, or both if they move nearly as far: see `acting_groups`."""
_BOTH_FROM = 0.75
"""Both arms act if the hand that moves less covers this share of the other's path.

Chosen by hand: of one-handed actions of UTD-MHAD and Kinder-Gator, the other hand covers 0.03 to
0.3 (the median of each class; 0.66 for long throws), of two-handed ones 0.8 to 0.95.
"""

_EITHER = frozenset({EITHER_ARM})
_EITHER_AND_TRUNK = _EITHER | {TRUNK}
_ARMS = frozenset({LEFT_ARM, RIGHT_ARM})
_ARMS_AND_TRUNK = _ARMS | {TRUNK}
_LEGS = frozenset({LEGS})
_LEGS_AND_TRUNK = frozenset({LEGS, TRUNK})
_ARMS_AND_LEGS = _ARMS | {LEGS}
_TRUNK = frozenset({TRUNK})

_BY_GROUPS: dict[frozenset[str], tuple[str, ...]] = {
    _EITHER: (
        "swipe_left", "swipe_right", "wave", "throw", "knock", "catch", "back_fist",
        "elbow_strike", "point", "push_button", "raise_arm_to_the_side", "raise_hand",
        "come_here", "stop_sign", "draw_x", "draw_circle_cw", "draw_circle_ccw", "draw_triangle",
        "draw_square", "draw_a", "draw_c", "draw_k", "draw_m",
        # The trunk turns with the racket, but the arm alone shows the swing.
        "tennis_swing",
    ),
    frozenset({LEFT_ARM}): ("left_punch",),
    frozenset({RIGHT_ARM}): ("right_punch",),
    # People step and bend while they bowl; the trunk's bend belongs to it, the steps do not.
    _EITHER_AND_TRUNK: ("bowling",),
    _ARMS: (
        "clap", "arm_cross", "arm_curl", "boxing", "push", "fly_like_a_bird",
        # Some bend their knees and jump a little; the hands' throw shows the action.
        "basketball_shoot",
        # Some tilt their trunk; the spread arms show the action.
        "fly_like_an_airplane",
        # Some roll their trunk and kick; the arm strokes show the action.
        "swim",
        # A letter is a pose of both arms, also of the one that hangs.
        "make_the_letter_a", "make_the_letter_c", "make_the_letter_k", "make_the_letter_m",
        "make_the_letter_p", "make_the_letter_t", "make_the_letter_y",
    ),
    # The trunk leans back or turns and swings with the arms.
    _ARMS_AND_TRUNK: (
        "baseball_swing", "tennis_serve",
        # Hands without the bend reach no toes, and a bend with other arms is a bow.
        "touch_toes",
    ),
    # Two of three people spread their legs; without them an X is a Y.
    _ARMS_AND_LEGS: ("jumping_jack", "climb_ladder", "make_the_letter_x"),
    _LEGS: (
        "walk", "jog", "raise_knee", "lift_leg_to_the_side",
        "lift_leg_to_the_front", "front_right_kick",
        "front_left_kick", "side_right_kick", "side_left_kick",
    ),
    # The hips sink or rise with the legs, and the trunk leans for balance.
    _LEGS_AND_TRUNK: (
        "squat", "lunge", "side_lunge", "sit2stand", "stand2sit", "jump",
        # Arms may reach out, hang or be pinned when a body goes down or up.
        "fall", "lie", "get_up",
    ),
    # The hand, and the bend of legs and trunk that brings it to the floor.
    _EITHER | _LEGS_AND_TRUNK: ("pickup_throw",),
    # Hands on the hips are part of the instruction, not of the motion.
    _TRUNK: ("bow", "lean_to_the_side", "twist"),
}  # fmt: skip

ACTING: dict[str, frozenset[str]] = {
    label: groups for groups, labels in _BY_GROUPS.items() for label in labels
}
"""For each label, its acting groups: those of `GROUPS`, or `EITHER_ARM`."""

LIMBS_OF: dict[str, tuple[str, ...]] = {
    LEFT_ARM: ("ArmLeft",),
    RIGHT_ARM: ("ArmRight",),
    LEGS: ("LegLeft", "LegRight"),
    TRUNK: (),
}
"""The limbs of each group, as `models.augmentation.limbs.transplant_limbs` names them."""


def acting_groups(label: str, joints_m: FloatArray) -> frozenset[str]:
    """The groups of `GROUPS` that act in a motion of a class, joints float32 (T, 18, 3) metres.

    `EITHER_ARM` becomes the arm or arms that act here. All groups act in a class that `ACTING`
    does not list, because nothing is known to be free.
    """
    groups = ACTING.get(label, frozenset(GROUPS))
    if EITHER_ARM in groups:
        groups = groups - _EITHER | _busier_arms(joints_m)
    return groups


def free_limbs(label: str, joints_m: FloatArray) -> tuple[str, ...]:
    """The groups of arms and legs that play no part in a motion of a class, (T, 18, 3) metres."""
    acting = acting_groups(label, joints_m)
    return tuple(group for group in GROUPS if group not in acting and group != TRUNK)


def needed_sets(groups: frozenset[str]) -> list[frozenset[str]]:
    """Sets of acting groups, each of which the action needs: arms, and legs, with their trunk.

    A motion in which all groups of one set are frozen no longer shows the action.
    """
    arms, legs, trunk = groups & _ARMS, groups & _LEGS, groups & _TRUNK
    limbs = [limb | trunk for limb in (arms, legs) if limb]
    return limbs or [trunk]


def _busier_arms(joints_m: FloatArray) -> frozenset[str]:
    """The arm whose hand moves further relative to its shoulder, or both, see `_BOTH_FROM`."""
    left_m, right_m = (_hand_path_m(joints_m, side) for side in ("Left", "Right"))
    if min(left_m, right_m) >= _BOTH_FROM * max(left_m, right_m):
        return _ARMS
    return frozenset({LEFT_ARM if left_m > right_m else RIGHT_ARM})


def _hand_path_m(joints_m: FloatArray, side: str) -> float:
    """The path in metres of a hand relative to its shoulder, by every third frame."""
    hand = joints_m[:, JOINT[f"Hand{side}"]] - joints_m[:, JOINT[f"Shoulder{side}"]]
    return float(np.linalg.norm(np.diff(hand[::3], axis=0), axis=1).sum())
