"""Mirrors motions, labels and joints left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.features import JOINTS_USED, FloatArray, IntArray


def other_side(joints: Sequence[str]) -> IntArray:
    """For each joint the one of the other side, itself where it has none."""
    swapped = [name.replace("Left", "#").replace("Right", "Left") for name in joints]
    return np.array([joints.index(name.replace("#", "Right")) for name in swapped])


MIRROR = other_side(JOINTS_USED)


# Drawn the other way round they are no letters. Those made with the body go either way: people
# make them for themselves or for who sees them.
_ONE_WAY = {f"draw_{letter}" for letter in "bcdefgjklnpqrsz"}
_SIDES = ("left", "right"), ("l", "r"), ("cw", "ccw"), ("clockwise", "counterclockwise")
_OTHER = dict([*_SIDES, *(pair[::-1] for pair in _SIDES)])
_NO_SIDES = {"bright", "outright", "upright"}


@dataclass(frozen=True)
class Mirror:
    """Which class an action becomes when left and right are swapped; -1 where it has no name."""

    labels: IntArray

    @classmethod
    def of(cls, vocabulary: Sequence[str]) -> Mirror:
        """Sided names become the other side's; circles turn the other way round."""
        index = {name: i for i, name in enumerate(vocabulary)}
        others = [-1 if name in _ONE_WAY else index.get(mirrored(name), -1) for name in vocabulary]
        return cls(np.array(others))

    def describe(self, vocabulary: Sequence[str]) -> str:
        """Which classes of the vocabulary become others, or none, to be read."""
        pairs = list(zip(vocabulary, self.labels, strict=True))
        other = [
            f"{name} as {vocabulary[i]}" for name, i in pairs if i >= 0 and vocabulary[i] > name
        ]
        none = [f"{name} never" for name, i in pairs if i < 0]
        return ", ".join([*other, *none])


def mirrored(name: str) -> str:
    """What an action of that name is called done the other way round; most are called the same.

    Sides are words of their own (`wave_left`, `turn_l`, `circle_cw`); left and right also stand in
    one (`lefthand`).
    """
    return "_".join(_other_word(word) for word in name.split("_"))


def _other_word(word: str) -> str:
    if word in _OTHER or word in _NO_SIDES:
        return _OTHER.get(word, word)
    side = next((side for side in ("left", "right") if side in word), None)
    return word if side is None else word.replace(side, _OTHER[side])


def other_way_round(joints_m: FloatArray) -> FloatArray:
    """Bodies (..., 18, 3) with left and right swapped."""
    return np.asarray(joints_m[..., MIRROR, :] * np.array([-1, 1, 1], np.float32))
