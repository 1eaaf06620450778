"""Replaces limbs that take no part in an action, and takes the acting limbs out of an action.

A label must follow the limbs that act. If all people of a data set swing their arms while they
squat, a network learns the arms. So the free limbs of an action move like those of other people,
stay still, or do something else; and an action without its acting limbs is background.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.acting_limbs import ACTING, LEGS, acting_groups, needed_sets
from models.augmentation.frozen_limbs import frozen
from models.augmentation.limbs import GROUP_NAMES, GROUPS, free_groups, transplant_limbs
from models.augmentation.settings import Variation
from models.datasets.pieces import Piece
from models.features import FloatArray

_LEGS = GROUP_NAMES.index(LEGS)
_REST = 0.5
"""Share of held poses that are the first pose of a recording, mostly a rest; the others are any
pose of one, such as a raised or bent arm. Chosen by hand."""
_OTHERS = 0.7
"""Share of held poses that come from another motion. Chosen by hand."""
_WALKS = {"walk", "jog"}


@dataclass(frozen=True)
class Donors:
    """Motions that give limbs to others.

    `free` holds for each of `GROUPS` the motions in which these limbs are free, `walks` motions of
    people who walk, and `every` all motions. Motions are float32 (T, 18, 3) metres.
    """

    free: tuple[tuple[FloatArray, ...], ...]
    walks: tuple[FloatArray, ...]
    every: tuple[FloatArray, ...]

    @classmethod
    def of(cls, pieces: Iterable[Piece], labels: Sequence[str]) -> Donors:
        """Sort whole actions by their free limbs; `labels` are the names of their classes."""
        free: list[list[FloatArray]] = [[] for _ in GROUPS]
        walks, every = list[FloatArray](), list[FloatArray]()
        for piece in pieces:
            label = labels[piece.labels[0]]
            every.append(piece.joints_m)
            if label in _WALKS:
                walks.append(piece.joints_m)
            for n in free_groups(piece.joints_m, label):
                free[n].append(piece.joints_m)
        return cls(tuple(map(tuple, free)), tuple(walks), tuple(every))

    def exchange(
        self,
        rng: np.random.Generator,
        joints_m: FloatArray,
        groups: Sequence[int],
        variation: Variation,
    ) -> FloatArray:
        """Replace the free `groups` of an action (T, 18, 3). Both arms do the same kind of thing.

        Each kind is drawn by the shares of `variation`: held still, legs that walk, or else the
        motion of a donor in which these limbs are free as well.
        """
        arms = [n for n in groups if n != _LEGS]
        for kind in (arms, [_LEGS] if _LEGS in groups else []):
            draw = rng.random()
            if draw < variation.limbs_still:
                joints_m = self._held(rng, joints_m, kind)
            elif kind == [_LEGS] and self.walks and draw < variation.limbs_still + variation.walks:
                walk = self.walks[rng.integers(len(self.walks))]
                joints_m = transplant_limbs(
                    joints_m, _section(rng, walk, len(joints_m)), GROUPS[_LEGS]
                )
            else:
                for n in kind:
                    joints_m = self._donated(rng, joints_m, n)
        return joints_m

    def _held(
        self, rng: np.random.Generator, joints_m: FloatArray, groups: Sequence[int]
    ) -> FloatArray:
        """Hold the limbs of `groups` in one pose: their own first one, or one of another motion."""
        other = self.every and rng.random() < _OTHERS
        donor = self.every[rng.integers(len(self.every))] if other else joints_m
        resting = groups == [_LEGS] or rng.random() < _REST
        at = 0 if resting else int(rng.integers(len(donor)))
        for n in groups:
            joints_m = transplant_limbs(joints_m, donor[at : at + 1], GROUPS[n])
        return joints_m

    def _donated(self, rng: np.random.Generator, joints_m: FloatArray, group: int) -> FloatArray:
        """Let a group move as in a random donor; an arm may come from the donor's other side."""
        mirrored = group != _LEGS and bool(rng.random() < 0.5)
        motions = self.free[1 - group if mirrored else group]
        if not motions:
            return joints_m
        donor = _section(rng, motions[rng.integers(len(motions))], len(joints_m))
        return transplant_limbs(joints_m, donor, GROUPS[group], mirrored)


def _section(rng: np.random.Generator, motion: FloatArray, frames: int) -> FloatArray:
    """A random section of at most `frames` frames, so that a longer motion is never sped up."""
    start = rng.integers(max(len(motion) - frames, 0) + 1)
    return motion[start : start + frames]


def without_acting_limbs(
    rng: np.random.Generator, joints_m: FloatArray, label: str
) -> FloatArray | None:
    """An action (T, 18, 3) with limbs that it needs frozen: no known action remains.

    Returns None if `models.acting_limbs` does not list the label.
    """
    if label not in ACTING:
        return None
    choices = needed_sets(acting_groups(label, joints_m))
    return frozen(joints_m, choices[rng.integers(len(choices))])
