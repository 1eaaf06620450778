"""Synthetic gestures: the table of all gestures, and the pieces that training uses.

Each gesture is made on the body and from a pose of a recorded person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from models.datasets.pieces import Piece, by_person
from models.features import FloatArray
from models.synthesis import arm_and_leg_paths as limbs
from models.synthesis import body_letters
from models.synthesis import drawn_figures as figures
from models.synthesis import fist_and_clap_paths as fists
from models.synthesis import hip_motions as hips
from models.synthesis.arm_and_leg_paths import raise_leg, reach_and_hold
from models.synthesis.drawn_figures import Rng
from models.synthesis.inverse_kinematics import follow_path
from models.synthesis.limb_path import LimbPath

SYNTHETIC = "made"
"""Name of the data set of synthetic gestures, as in `TrainConfig.set_share`."""
_PER_CLASS = 12
"""Synthetic gestures for each person and class. Chosen by hand."""
_SEED_BRANCH = 7
"""Second part of the seed of the generator that draws them."""

GESTURES: dict[str, Callable[[Rng], LimbPath]] = {
    "swipe_left": partial(limbs.swipe, to_left=True),
    "swipe_right": partial(limbs.swipe, to_left=False),
    "wave": limbs.wave,
    "draw_circle_cw": partial(figures.circle, clockwise=True),
    "draw_circle_ccw": partial(figures.circle, clockwise=False),
    "draw_triangle": figures.triangle,
    "draw_square": figures.square,
    "draw_x": figures.letter_x,
    "draw_a": figures.letter_a,
    "draw_c": figures.letter_c,
    "draw_k": figures.letter_k,
    "draw_m": figures.letter_m,
    "throw": limbs.throw,
    "right_punch": fists.punch,
    "boxing": fists.boxing,
    "clap": fists.clap,
    "push_button": limbs.push_button,
    "come_here": limbs.come_here,
    "raise_hand": partial(reach_and_hold, low=(-0.1, 0.6, -0.15), high=(0.4, 1.0, 0.5)),
    "point": limbs.point,
    "stop_sign": limbs.stop_sign,
    "raise_arm_to_the_side": partial(
        reach_and_hold, low=(0.75, -0.3, -0.2), high=(1.0, 0.35, 0.35)
    ),
    "make_the_letter_a": body_letters.letter_a,
    "make_the_letter_c": body_letters.letter_c,
    "make_the_letter_k": body_letters.letter_k,
    "make_the_letter_m": body_letters.letter_m,
    "make_the_letter_p": body_letters.letter_p,
    "make_the_letter_t": body_letters.letter_t,
    "make_the_letter_y": body_letters.letter_y,
    "raise_knee": partial(raise_leg, low=(-0.1, -0.85, -0.05), high=(0.25, -0.35, 0.55)),
    "lift_leg_to_the_side": partial(raise_leg, low=(0.25, -0.95, -0.15), high=(0.95, -0.05, 0.3)),
    "front_right_kick": limbs.front_kick,
    "side_right_kick": limbs.side_kick,
}
"""For each label, the function that draws a path of the right hand or foot."""
HIP_MOTIONS: dict[str, Callable[[Rng, FloatArray], FloatArray]] = {
    "squat": hips.squat,
    "jump": hips.jump,
    "stand2sit": hips.sit_down,
    "sit2stand": hips.stand_up,
}
"""For each label, the function that makes a motion of the hips from a pose."""
_FALLBACK_LABELS = {"boxing": "right_punch"}
"""The label of a gesture in a vocabulary without the gesture's own label."""


def synthesise_gesture(rng: Rng, label: str, pose_m: FloatArray) -> FloatArray:
    """A random gesture of `GESTURES` or `HIP_MOTIONS`, float32 (T, 18, 3) metres at 30 Hz.

    It starts and ends in the pose `pose_m` (18, 3), or in a seat.
    """
    if label in HIP_MOTIONS:
        return HIP_MOTIONS[label](rng, pose_m)
    return follow_path(pose_m, GESTURES[label](rng), back_s=float(rng.uniform(0.3, 0.9)))


def synthesise(pieces: Sequence[Piece], labels: Sequence[str], seed: int) -> list[Piece]:
    """Synthetic gestures for each person of the pieces, of each class in `labels`.

    Each starts and ends in the first pose of a random piece of that person. People whose joints
    were not all measured are left out.
    """
    rng = np.random.default_rng((seed, _SEED_BRANCH))
    named = {
        one: one if one in labels else _FALLBACK_LABELS.get(one, one)
        for one in [*GESTURES, *HIP_MOTIONS]
    }
    found = []
    whole = [piece for piece in pieces if piece.measured.all()]
    for number, own in enumerate(by_person(whole).values()):
        for one, label in named.items():
            for _ in range(_PER_CLASS if label in labels else 0):
                pose_m = own[rng.integers(len(own))].joints_m[0]
                joints = synthesise_gesture(rng, one, pose_m)
                classes = np.full(len(joints), labels.index(label))
                found.append(Piece(joints, classes, number, SYNTHETIC))
    return found
