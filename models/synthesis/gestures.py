"""Gestures made from what their names mean, to learn from beside recorded ones.

A few recorded people do each of these in a way or two; what the name asks for leaves much more
open: where, how large, how quickly, how often, from where. So some of the actions in training are
drawn from the whole of that (domain randomisation: Tobin et al. 2017), on the body and from the
pose of a recorded person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from models.datasets.pieces import Piece, by_person
from models.features import FloatArray
from models.synthesis import arm_and_leg_paths as gestures
from models.synthesis import body_letters
from models.synthesis import drawn_figures as figures
from models.synthesis import fist_and_clap_paths as fists
from models.synthesis.arm_and_leg_paths import leg_up, reached_out
from models.synthesis.drawn_figures import Rng
from models.synthesis.inverse_kinematics import reached
from models.synthesis.limb_path import LimbPath

SYNTHETIC = "made"
"""The data set that made gestures stand in."""
_OF_EACH = 12
"""How many a person and class."""

GESTURES: dict[str, Callable[[Rng], LimbPath]] = {
    "swipe_left": partial(gestures.swipe, to_left=True),
    "swipe_right": partial(gestures.swipe, to_left=False),
    "wave": gestures.wave,
    "draw_circle_cw": partial(figures.circle, clockwise=True),
    "draw_circle_ccw": partial(figures.circle, clockwise=False),
    "draw_triangle": figures.triangle,
    "draw_square": figures.square,
    "draw_x": figures.letter_x,
    "draw_a": figures.letter_a,
    "draw_c": figures.letter_c,
    "draw_k": figures.letter_k,
    "draw_m": figures.letter_m,
    "throw": gestures.throw,
    "right_punch": fists.punch,
    "boxing": fists.boxing,
    "clap": fists.clap,
    "push_button": gestures.push_button,
    "come_here": gestures.come_here,
    "raise_hand": partial(reached_out, low=(-0.1, 0.6, -0.15), high=(0.4, 1.0, 0.5)),
    "point": gestures.point,
    "stop_sign": gestures.stop_sign,
    "raise_arm_to_the_side": partial(reached_out, low=(0.75, -0.3, -0.2), high=(1.0, 0.35, 0.35)),
    "make_the_letter_a": body_letters.letter_a,
    "make_the_letter_c": body_letters.letter_c,
    "make_the_letter_k": body_letters.letter_k,
    "make_the_letter_m": body_letters.letter_m,
    "make_the_letter_p": body_letters.letter_p,
    "make_the_letter_t": body_letters.letter_t,
    "make_the_letter_y": body_letters.letter_y,
    "raise_knee": partial(leg_up, low=(-0.1, -0.85, -0.05), high=(0.25, -0.35, 0.55)),
    "lift_leg_to_the_side": partial(leg_up, low=(0.25, -0.95, -0.15), high=(0.95, -0.05, 0.3)),
    "front_right_kick": gestures.front_kick,
    "side_right_kick": gestures.side_kick,
}
"""By the name of its class, where a right hand or foot goes."""
_WITHOUT = {"boxing": "right_punch"}
"""What a gesture is called where its own class is missing."""


def gesture(rng: Rng, label: str, pose_m: FloatArray) -> FloatArray:
    """One of `GESTURES`, by the right limb: (18, 3) metres to float32 (T, 18, 3)."""
    return reached(pose_m, GESTURES[label](rng), back_s=float(rng.uniform(0.3, 0.9)))


def synthesise(pieces: Sequence[Piece], labels: Sequence[str], seed: int) -> list[Piece]:
    """Gestures for each person of the pieces, of every class that has a name among `labels`.

    Each begins and ends in a pose in which a piece of that person begins.
    """
    rng = np.random.default_rng((seed, 7))
    called = {one: one if one in labels else _WITHOUT.get(one, one) for one in GESTURES}
    found = []
    for number, own in enumerate(by_person(pieces).values()):
        for one, label in called.items():
            for _ in range(_OF_EACH if label in labels else 0):
                pose_m = own[rng.integers(len(own))].joints_m[0]
                joints = gesture(rng, one, pose_m)
                classes = np.full(len(joints), labels.index(label))
                found.append(Piece(joints, classes, number, SYNTHETIC))
    return found
