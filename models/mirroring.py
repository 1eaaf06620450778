"""Exchanges left and right in motions, joints and labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.features import JOINTS_USED, FloatArray, IntArray


def other_side(joints: Sequence[str]) -> IntArray:
    """The index of each joint's counterpart on the other side, or its own index without one."""
    swapped = [name.replace("Left", "#").replace("Right", "Left") for name in joints]
    return np.array([joints.index(name.replace("#", "Right")) for name in swapped])


MIRROR_INDEX = other_side(JOINTS_USED)
"""`other_side` of the joints that the network reads, (18,)."""

_NEVER_MIRRORED = {f"draw_{letter}" for letter in "bcdefgjklnpqrsz"}
"""Letters drawn in the air that are no longer the same letter when mirrored.

Letters formed with both arms are not listed: some people form them for themselves, others for the
viewer, so both orientations occur.
"""
_SIDE_WORDS = ("left", "right"), ("l", "r"), ("cw", "ccw"), ("clockwise", "counterclockwise")
"""Pairs of words that are exchanged together with left and right."""
_OPPOSITE = dict([*_SIDE_WORDS, *(pair[::-1] for pair in _SIDE_WORDS)])
_NOT_SIDED = {"bright", "outright", "upright"}
"""Words that contain "left" or "right" but name no side."""


@dataclass(frozen=True)
class Mirror:
    """Maps each class to the class that its mirrored motion shows.

    `labels` (C,) holds the index of that class for each class, -1 if it has no mirrored class.
    """

    labels: IntArray

    @classmethod
    def of(cls, vocabulary: Sequence[str]) -> Mirror:
        """Find the mirrored class of each label by its name: sides and directions exchange."""
        index = {name: i for i, name in enumerate(vocabulary)}
        others = [
            -1 if name in _NEVER_MIRRORED else index.get(mirrored_label(name), -1)
            for name in vocabulary
        ]
        return cls(np.array(others))

    def describe(self, vocabulary: Sequence[str]) -> str:
        """Text that lists the classes which change when mirrored or are never mirrored."""
        pairs = list(zip(vocabulary, self.labels, strict=True))
        other = [
            f"{name} as {vocabulary[i]}" for name, i in pairs if i >= 0 and vocabulary[i] > name
        ]
        none = [f"{name} never" for name, i in pairs if i < 0]
        return ", ".join([*other, *none])


def mirrored_label(name: str) -> str:
    """The name of the mirrored action, which is the same name for most actions.

    A side is a word of its own (`wave_left`, `turn_l`, `circle_cw`). "left" and "right" also
    count inside a word (`lefthand`).
    """
    return "_".join(_mirrored_word(word) for word in name.split("_"))


def _mirrored_word(word: str) -> str:
    if word in _OPPOSITE or word in _NOT_SIDED:
        return _OPPOSITE.get(word, word)
    side = next((side for side in ("left", "right") if side in word), None)
    return word if side is None else word.replace(side, _OPPOSITE[side])


def mirror_bodies(joints_m: FloatArray) -> FloatArray:
    """Bodies (..., 18, 3) in metres with left and right exchanged, mirrored at x = 0."""
    return np.asarray(joints_m[..., MIRROR_INDEX, :] * np.array([-1, 1, 1], np.float32))
