"""Distractors: a fast motion of limbs that do not act, grafted onto a clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.acting_limbs import ACTING, EITHER_ARM, LEFT_ARM, LEGS, LIMBS_OF, RIGHT_ARM, free_limbs
from models.augmentation.frozen_limbs import limbs_of
from models.augmentation.limbs import path_m, transplant_limbs
from models.datasets.pieces import Piece
from models.evaluation.limb_changes import LabelledMotion, paced
from models.features import FloatArray, IntArray

DRAWS = 3
"""Distractors for each clip."""
_FASTEST = 0.5
"""The share of the donors that is used: those whose limbs move fastest."""
_ARMS = (LEFT_ARM, RIGHT_ARM)
_FREE = ((LEGS,), _ARMS)
"""Groups that a distractor moves, if the clip has them free; legs come first."""


class Distractors:
    """Grafts the legs of leg actions onto arm actions, and the arms of arm actions onto others.

    Donors are the faster half of the actions of `motions` in which legs alone, or arms alone, act.
    A walk on the spot is no distractor: its feet move so little that motion energy is not misled.
    """

    def __init__(self, motions: Sequence[LabelledMotion]) -> None:
        self._donors = {
            LEGS: _fastest(motions, (LEGS,), {LEGS}),
            LEFT_ARM: _fastest(motions, _ARMS, {*_ARMS, EITHER_ARM}),
        }

    def graft(
        self,
        pieces: Sequence[Piece],
        labels: Sequence[str] | NDArray[np.str_],
        rng: np.random.Generator,
    ) -> tuple[list[Piece], IntArray]:
        """Change N pieces with the labels (N,), each `DRAWS` times.

        Returns the changed pieces and the index of each in `pieces`. Those without a free limb or
        a donor are left out.
        """
        changed, indices = [], []
        for i, (piece, label) in enumerate(zip(pieces, labels, strict=True)):
            free = set(free_limbs(label, piece.joints_m))
            groups = next((groups for groups in _FREE if free.issuperset(groups)), None)
            donors = self._donors[groups[0]] if groups else []
            if groups and donors:
                for pick in rng.integers(len(donors), size=DRAWS):
                    donor = paced(donors[pick], len(piece.joints_m))
                    joints_m = transplant_limbs(piece.joints_m, donor, limbs_of(groups))
                    changed.append(replace(piece, joints_m=joints_m))
                    indices.append(i)
        return changed, np.array(indices, np.int64)


def _fastest(
    motions: Sequence[LabelledMotion], groups: Sequence[str], acting: set[str]
) -> list[FloatArray]:
    """The faster half of the actions in which only groups of `acting` act."""
    found = [one.joints_m for one in motions if acting.issuperset(ACTING.get(one.label, {""}))]
    limbs = [limb for group in groups for limb in LIMBS_OF[group]]
    found.sort(key=lambda one: -max(path_m(one, limb) for limb in limbs) / len(one))
    return found[: max(round(_FASTEST * len(found)), 1)]
