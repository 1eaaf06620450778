"""Changes limbs of an action: held, hanging, of another action, marching, or frozen.

`models.acting_limbs` says which limbs act. Motions are float32 (T, 18, 3) metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.acting_limbs import (
    LEFT_ARM,
    LEGS,
    LIMBS_OF,
    RIGHT_ARM,
    acting_groups,
    free_limbs,
    needed_sets,
)
from models.augmentation.frozen_limbs import frozen, held, limbs_of
from models.augmentation.limbs import transplant_limbs
from models.features import TEMPLATE, FloatArray

HELD, HANGING, OTHER, MARCHING, FROZEN = "held", "hanging", "other", "marching", "frozen"
_ARMS = (LEFT_ARM, RIGHT_ARM)
_MARCH = "walk"


@dataclass(frozen=True, eq=False)
class LabelledMotion:
    """An action of one label."""

    joints_m: FloatArray
    label: str


class LimbChanges:
    """Changes actions with limbs of other actions of `motions`, drawn by `rng`."""

    def __init__(self, rng: np.random.Generator, motions: Sequence[LabelledMotion]) -> None:
        self._rng = rng
        self._free = {
            group: [m for m in motions if group in free_limbs(m.label, m.joints_m)]
            for group in (*_ARMS, LEGS)
        }
        self._walks = [motion.joints_m for motion in motions if motion.label == _MARCH]

    def of(self, motion: LabelledMotion) -> dict[str, list[FloatArray]]:
        """All changes of an action, by their names; those that do not apply are left out.

        - `HELD`: limbs that do not act keep their first pose
        - `HANGING`: both arms hang still, if no arm acts
        - `OTHER`: limbs that do not act move as in another action in which they do not act either
        - `MARCHING`: the legs walk on the spot, if they do not act
        - `FROZEN`: acting limbs keep their first pose; one motion for each of `needed_sets`
        """
        joints_m, free = motion.joints_m, free_limbs(motion.label, motion.joints_m)
        changes = {HELD: [held(joints_m, free)]} if free else {}
        if set(_ARMS) <= set(free):
            changes[HANGING] = [transplant_limbs(joints_m, TEMPLATE[None], limbs_of(_ARMS))]
        if free:
            changes[OTHER] = [self._other(motion, free)]
        if LEGS in free and self._walks:
            walk = self._walks[int(self._rng.integers(len(self._walks)))]
            changes[MARCHING] = [transplant_limbs(joints_m, paced(walk, len(joints_m)), _LEGS)]
        acting = acting_groups(motion.label, joints_m)
        return changes | {FROZEN: [frozen(joints_m, one) for one in needed_sets(acting)]}

    def _other(self, motion: LabelledMotion, free: Sequence[str]) -> FloatArray:
        joints_m = motion.joints_m
        for group in free:
            donors = [one for one in self._free[group] if one.label != motion.label]
            if donors:
                donor = donors[int(self._rng.integers(len(donors)))]
                joints_m = transplant_limbs(
                    joints_m, paced(donor.joints_m, len(joints_m)), LIMBS_OF[group]
                )
        return joints_m


_LEGS = LIMBS_OF[LEGS]


def paced(motion: FloatArray, frames: int) -> FloatArray:
    """The first `frames` frames; a shorter motion goes on forwards and backwards at its pace."""
    there_and_back = np.concatenate([motion, motion[::-1]])
    times = -(-frames // len(there_and_back))
    return np.concatenate([there_and_back] * times)[:frames]
