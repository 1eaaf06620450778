"""One vocabulary for several data sets: the same motion has the same label in each.

A label names a side or direction (`left_punch`, `swipe_left`, `draw_circle_cw`) if the data set
names it or the motion shows it. A label without a side (`wave`, `throw`, `raise_hand`) stands for
either hand, because people use either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from models.features import JOINT, FloatArray

UTD, PRECOG, KINDER = "utd_mhad", "precog2016_s1to8", "kinder_gator_12people"
UI_PRMD, CMU, FALLS = "ui_prmd_s1to8", "cmu_mocap_parts", "simulated_falls"
"""Names of the data sets that the shipped model learns from, equal to their file names."""

BACKGROUND = "background"
"""Label of class 0: no known action."""

_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
_ENDS = ("Hand", "Ankle")
"""Joints of each side whose paths decide which side is busier."""
_SWEEP_M = 0.1
"""Least sideways travel of the hand, in metres, that decides the direction of a swipe."""


def plain_label(name: str) -> str:
    """Turn a data set's class name into a label: `front right kick (E)` to `front_right_kick`."""
    return name.split(" (")[0].strip().lower().replace(" ", "_").replace("-", "_")


def _path_m(joints_m: FloatArray, joint: str) -> float:
    """Return the length of a joint's path relative to the hips, by every third frame (T, 18, 3)."""
    hips = joints_m[:, _HIPS].mean(axis=1)
    steps = np.diff((joints_m[:, JOINT[joint]] - hips)[::3], axis=0)
    return float(np.linalg.norm(steps, axis=1).sum())


def _side(joints_m: FloatArray, joint: str) -> str:
    """`left` or `right`: the side whose joint moves further."""
    return max(("left", "right"), key=lambda side: _path_m(joints_m, joint + side.capitalize()))


def busier_side(joints_m: FloatArray) -> str:
    """`left` or `right`: the side whose hand and ankle move further, joints float32 (T, 18, 3)."""
    return max(
        ("left", "right"),
        key=lambda side: sum(_path_m(joints_m, f"{end}{side.capitalize()}") for end in _ENDS),
    )


def _turn(joints_m: FloatArray) -> str:
    """`cw` or `ccw`: the direction of the busier hand's circle, as the person sees it.

    It is the sign of the enclosed area (Green's theorem).
    """
    hand = joints_m[:, JOINT["Hand" + _side(joints_m, "Hand").capitalize()], :2]
    x, y = (hand - hand.mean(axis=0)).T
    area = float((x[:-1] * np.diff(y) - y[:-1] * np.diff(x)).sum())
    return "ccw" if area > 0 else "cw"


def _sweep(joints_m: FloatArray, named: str) -> str:
    """`left` or `right`: the direction in which the busier hand moves while it is raised.

    Raised means above the middle of the trunk; the hand usually returns below it, so the return
    does not count. If the raised hand travels less than `_SWEEP_M`, the direction is `named`, which
    the class name states.
    """
    hips = joints_m[:, _HIPS].mean(axis=1)
    neck = joints_m[:, JOINT["SpineShoulder"]]
    across = (joints_m[:, JOINT["ShoulderRight"]] - joints_m[:, JOINT["ShoulderLeft"]]).mean(axis=0)
    across[1] = 0
    hand = joints_m[:, JOINT["Hand" + _side(joints_m, "Hand").capitalize()]]
    right = (hand - neck) @ (across / max(float(np.linalg.norm(across)), 1e-6))
    high = hand[:, 1] > (neck[:, 1] + hips[:, 1]) / 2
    travel_m = float(np.diff(right)[high[1:] & high[:-1]].sum())
    return named if abs(travel_m) < _SWEEP_M else "right" if travel_m > 0 else "left"


@dataclass(frozen=True)
class _BySide:
    """A class of a data set that becomes one of two labels, picked by the motion."""

    choices: tuple[str, str]
    pick: Callable[[FloatArray], str]


@dataclass(frozen=True)
class _InTurn:
    """A class of a data set whose clips show several actions, one after the other."""

    choices: tuple[str, ...]


_KICK = _BySide(
    ("front_right_kick", "front_left_kick"), lambda joints: f"front_{_side(joints, 'Ankle')}_kick"
)
_PUNCH = _BySide(("right_punch", "left_punch"), lambda joints: f"{_side(joints, 'Hand')}_punch")
_CIRCLE = _BySide(
    ("draw_circle_cw", "draw_circle_ccw"), lambda joints: f"draw_circle_{_turn(joints)}"
)


def _swipe(named: str) -> _BySide:
    """A swipe, labelled by its motion: 11 of 24 in Kinder-Gator go against the instruction."""
    choices = ("swipe_left", "swipe_right")
    return _BySide(choices, lambda joints: f"swipe_{_sweep(joints, named)}")


# Classes of Kinder-Gator whose label differs from their plain name.
_KINDER: dict[str, str | _BySide] = {
    "bend_your_knee_while_raising_your_leg": "raise_knee",
    "bend_your_other_knee_while_raising_your_leg": "raise_knee",
    "climb_and_imaginary_ladder": "climb_ladder",
    "do_a_forward_lunge": "lunge",
    "do_two_jumping_jacks": "jumping_jack",
    "draw_a_circle": _CIRCLE,
    "draw_a_square": "draw_square",
    "draw_a_triangle": "draw_triangle",
    "draw_the_letter_a": "draw_a",
    "draw_the_letter_c": "draw_c",
    "draw_the_letter_k": "draw_k",
    "draw_the_letter_m": "draw_m",
    "draw_the_letter_x": "draw_x",
    "jump_as_high_as_you_can": "jump",
    "kick_a_ball": _KICK,
    "kick_a_ball_as_far_as_you_can": _KICK,
    "kick_a_ball_as_far_as_you_can_with_the_other_leg": _KICK,
    "kick_a_ball_with_the_other_leg": _KICK,
    "lift_your_leg_to_one_side": "lift_leg_to_the_side",
    "lift_your_leg_to_the_other_side": "lift_leg_to_the_side",
    "point_at_the_camera": "point",
    "punch": _PUNCH,
    "push_an_imaginary_button_in_front_of_you": "push_button",
    "put_your_hands_on_your_hips_and_lean_to_the_other_side": "lean_to_the_side",
    "put_your_hands_on_your_hips_and_lean_to_the_side": "lean_to_the_side",
    "put_your_hands_on_your_hips_and_twist": "twist",
    "raise_your_arm_to_one_side": "raise_arm_to_the_side",
    "raise_your_arm_to_the_other_side": "raise_arm_to_the_side",
    "raise_your_hand": "raise_hand",
    "raise_your_other_hand": "raise_hand",
    "run_in_place": "jog",
    "run_in_place_as_fast_as_you_can": "jog",
    "signal_someone_to_come_here": "come_here",
    "signal_someone_to_stop": "stop_sign",
    "swipe_across_an_imaginary_screen_in_front_of_you_from_left_to_right": _swipe("right"),
    "swipe_across_an_imaginary_screen_in_front_of_you_from_right_to_left": _swipe("left"),
    "throw_a_ball": "throw",
    "throw_a_ball_as_far_as_you_can": "throw",
    "throw_a_ball_as_far_as_you_can_with_the_other_arm": "throw",
    "throw_a_ball_with_your_other_arm": "throw",
    "touch_your_toes": "touch_toes",
    "walk_in_place": "walk",
    "walk_in_place_as_fast_as_you_can": "walk",
    "wave_your_hand": "wave",
    "wave_your_other_hand": "wave",
}


# Classes of UI-PRMD. In both classes of shoulder rotation, one arm moves as in idle gestures.
_UI_PRMD: dict[str, str | _InTurn] = {
    "deep_squat": "squat",
    "hurdle_step": "raise_knee",
    "inline_lunge": "lunge",
    "side_lunge": "side_lunge",
    "sit_to_stand": _InTurn(("stand2sit", "sit2stand")),
    "standing_active_straight_leg_raise": "lift_leg_to_the_front",
    "standing_shoulder_abduction": "raise_arm_to_the_side",
    "standing_shoulder_extension": BACKGROUND,
    "standing_shoulder_internal_external_rotation": BACKGROUND,
    "standing_shoulder_scaption": "raise_arm_to_the_side",
}

_NO_LABEL = _InTurn(())
# Classes of CMU. Those without a label are like a known action without being one, or contain one.
_CMU: dict[str, str | _BySide | _InTurn] = {
    "basketball_dribble": _InTurn((BACKGROUND, "walk")),
    "basketball_signals": BACKGROUND,
    "bend_over,_scoop_up": _NO_LABEL,
    "dance": BACKGROUND,
    "direct_traffic": _NO_LABEL,
    "jump": _InTurn((BACKGROUND, "jump")),
    "playground_climb": _InTurn((BACKGROUND, "walk")),
    "punch": _NO_LABEL,
    "run": "jog",
    "soccer_kick": _KICK,
    "swordplay": _NO_LABEL,
    "walk": _InTurn((BACKGROUND, "walk")),
    "walk_on_uneven_terrain": _InTurn((BACKGROUND, "walk")),
    "wash_self": BACKGROUND,
    "wash_windows": BACKGROUND,
}

LEFT_OUT_CLIPS: dict[str, tuple[str, ...]] = {
    CMU: ("bvh_06_14", "bvh_06_15"),
    FALLS: ("drop_on_chair", "sit_on_chair", "pick_up", "live", "chair_rising"),
}
"""First words of the names of clips that are not used, by data set.

Both clips of CMU end in a shot at the basket. The simulated clips show actions that other sets
name, such as `stand2sit`, but call them background. Falls of the kind `chair_rising` test models
(`evaluate falls`), so that one kind is never learnt from.
"""

_TABLES: dict[str, Mapping[str, str | _BySide | _InTurn]] = {
    KINDER: _KINDER,
    UI_PRMD: _UI_PRMD,
    CMU: _CMU,
}


def _rule(data_set: str, name: str) -> str | _BySide | _InTurn:
    """The label of a set's class, or the rule that picks it."""
    plain = plain_label(name)
    return _TABLES.get(data_set, {}).get(plain, plain)


def possible_labels(data_set: str, name: str) -> tuple[str, ...]:
    """The labels that clips of a set's class can have in the merged vocabulary.

    Empty for a class that is not used.
    """
    rule = _rule(data_set, name)
    return (rule,) if isinstance(rule, str) else rule.choices


def merged_label(data_set: str, name: str, joints_m: FloatArray) -> str:
    """The label of one clip, float32 (T, 18, 3) metres, in the merged vocabulary.

    The clip shows one action of its class. Raises ValueError for a class whose clips show several
    in turn, or that is not used.
    """
    rule = _rule(data_set, name)
    if isinstance(rule, _InTurn):
        raise ValueError(f"{data_set}: a clip of {name!r} has no single label")
    return rule if isinstance(rule, str) else rule.pick(joints_m)
