"""The right labels of the motions that a test set shares with the training sets.

Each table maps the plain name of a class of the test set to labels of the training sets.
"""

from __future__ import annotations

from models.scoring.span_scores import Meaning

_KICKS = frozenset({"front_right_kick", "front_left_kick", "side_right_kick", "side_left_kick"})
_PUNCHES = frozenset({"right_punch", "left_punch", "boxing"})
_CIRCLES = frozenset({"draw_circle_cw", "draw_circle_ccw"})
SWIPES = frozenset({"swipe_left", "swipe_right"})
"""Only the one that matches the hand's direction is right."""


def _only(label: str) -> frozenset[str]:
    return frozenset({label})


KINDER_ANSWERS: dict[str, frozenset[str]] = {
    "draw_a_circle": _CIRCLES,
    "draw_a_triangle": _only("draw_triangle"),
    "draw_the_letter_x": _only("draw_x"),
    "do_a_forward_lunge": _only("lunge"),
    "run_in_place": _only("jog"),
    "run_in_place_as_fast_as_you_can": _only("jog"),
    "walk_in_place": _only("walk"),
    "walk_in_place_as_fast_as_you_can": frozenset({"walk", "jog"}),
    "punch": _PUNCHES,
    "wave_your_hand": _only("wave"),
    "wave_your_other_hand": _only("wave"),
    "throw_a_ball": _only("throw"),
    "throw_a_ball_as_far_as_you_can": _only("throw"),
    "throw_a_ball_as_far_as_you_can_with_the_other_arm": _only("throw"),
    "throw_a_ball_with_your_other_arm": _only("throw"),
    "swipe_across_an_imaginary_screen_in_front_of_you_from_left_to_right": SWIPES,
    "swipe_across_an_imaginary_screen_in_front_of_you_from_right_to_left": SWIPES,
    "kick_a_ball": _KICKS,
    "kick_a_ball_as_far_as_you_can": _KICKS,
    "kick_a_ball_as_far_as_you_can_with_the_other_leg": _KICKS,
    "kick_a_ball_with_the_other_leg": _KICKS,
}
"""Kinder-Gator's motions that UTD-MHAD and PRECOG have too (`wild`)."""

UTD_ANSWERS: dict[str, frozenset[str]] = {
    "draw_circle_cw": _CIRCLES,
    "draw_circle_ccw": _CIRCLES,
    "draw_triangle": _only("draw_triangle"),
    "draw_x": _only("draw_x"),
    "lunge": _only("lunge"),
    "jog": _only("jog"),
    "walk": frozenset({"walk", "jog"}),
    "boxing": _PUNCHES,
    "wave": _only("wave"),
    "throw": _only("throw"),
    "swipe_left": _only("swipe_left"),
    "swipe_right": _only("swipe_right"),
}
"""UTD-MHAD's motions that Kinder-Gator has too (`wild-reverse`)."""

PRECOG_ANSWERS: dict[str, frozenset[str]] = {
    "right_punch": _PUNCHES,
    "left_punch": _PUNCHES,
    "front_right_kick": _KICKS,
    "front_left_kick": _KICKS,
}
"""PRECOG's motions that Kinder-Gator has too (`wild-reverse`)."""

MSR_ANSWERS: dict[str, frozenset[str]] = {
    "high_arm_wave": _only("wave"),
    "hand_catch": _only("catch"),
    "forward_punch": _PUNCHES,
    "high_throw": _only("throw"),
    "draw_x": _only("draw_x"),
    "draw_circle": _CIRCLES,
    "hand_clap": _only("clap"),
    "side_boxing": _PUNCHES,
    "forward_kick": _KICKS,
    "side_kick": _KICKS,
    "jogging": _only("jog"),
    "tennis_swing": _only("tennis_swing"),
    "tennis_serve": _only("tennis_serve"),
    "pickup_throw": _only("pickup_throw"),
}
"""MSR-Action3D's motions that UTD-MHAD and PRECOG have too (`wild-choice`).

No recipe learns from MSR-Action3D.
"""

_WALK = _only("walk")
_PICK_UP = frozenset({"pick_up", "pickup_throw"})
_ON_FOOT = frozenset({"walk", "jog"})

MSR_MEANINGS: dict[str, Meaning] = {
    **{name: Meaning(labels) for name, labels in MSR_ANSWERS.items()},
    "two_hand_wave": Meaning(_only("wave")),
    "bend": Meaning(frozenset({"bow", "touch_toes"})),
    # The arm sweeps from side to side in front of the body.
    "horizontal_arm_wave": Meaning(also=_only("wave") | SWIPES),
}
"""MSR-Action3D's motions (`streams`); `hammer`, `draw_tick` and `golf_swing` are background."""

NW_UCLA_MEANINGS: dict[str, Meaning] = {
    "pick_up_with_one_hand": Meaning(_PICK_UP, _WALK),
    "pick_up_with_two_hands": Meaning(_PICK_UP, _WALK),
    "walk_around": Meaning(_WALK),
    "sit_down": Meaning(_only("stand2sit"), _WALK),
    "stand_up": Meaning(_only("sit2stand"), _WALK),
    "throw": Meaning(_only("throw"), _WALK),
    # Something is dropped into a bin, with a short throw by some.
    "drop_trash": Meaning(also=_only("throw") | _WALK),
    # Half of the clips show half a metre of walking.
    "carry": Meaning(also=_WALK),
    "donning": Meaning(also=_WALK),
    "doffing": Meaning(also=_WALK),
}
"""NW-UCLA's motions (`streams`). People walk in many of its clips."""

UI_PRMD_MEANINGS: dict[str, Meaning] = {
    "deep_squat": Meaning(_only("squat")),
    "hurdle_step": Meaning(frozenset({"hurdle_step", "raise_knee"})),
    "inline_lunge": Meaning(_only("lunge")),
    "side_lunge": Meaning(frozenset({"side_lunge", "lunge"})),
    "sit_to_stand": Meaning(frozenset({"sit2stand", "stand2sit"})),
    "standing_shoulder_abduction": Meaning(_only("raise_arm_to_the_side"), _only("raise_hand")),
    "standing_shoulder_scaption": Meaning(frozenset({"raise_arm_to_the_side", "raise_hand"})),
    "standing_active_straight_leg_raise": Meaning(
        _only("lift_leg_to_the_front"), _KICKS | {"lift_leg_to_the_side", "raise_knee"}
    ),
}
"""UI-PRMD's exercises (`streams`); the other two turn or stretch an arm and are background."""

CMU_MEANINGS: dict[str, Meaning] = {
    "walk": Meaning(_WALK),
    "walk_on_uneven_terrain": Meaning(also=_WALK),
    "run": Meaning(also=_ON_FOOT),
    "jump": Meaning(also=frozenset({"jump"}) | _ON_FOOT),
    "punch": Meaning(also=_PUNCHES),
    "soccer_kick": Meaning(also=_KICKS | _ON_FOOT),
    "bend_over,_scoop_up": Meaning(also=_PICK_UP | {"bow", "touch_toes", "squat"}),
    "basketball_dribble": Meaning(also=_ON_FOOT),
    "playground_climb": Meaning(also=_WALK | {"climb_ladder"}),
    "dance": Meaning(also=_WALK),
    "swordplay": Meaning(also=_WALK),
}
"""Motions of CMU between actions (`streams`). Parts are cut out of long ones, so only walks must be
found."""
