"""What a person does once, as people vary: pace, repeats, detail, style, limbs of no part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from models.augmentation.blending import blended
from models.augmentation.bodies import Variation, small_turns
from models.augmentation.limbs import Donors, free_groups
from models.augmentation.repetition import find_cycle, repeated
from models.datasets.pieces import Piece, at_speed, eased, low_passed
from models.features import JOINT, FloatArray, IntArray
from models.labels import busier_side
from models.stepping import stepped

_SHORTEST_FRAMES = 12
"""Of an action cut out of a recording."""


def sway(rng: np.random.Generator, pose: FloatArray, frames: int) -> FloatArray:
    """What standing still looks like: float32 (frames, 18, 3) about a pose."""
    body = low_passed(rng, (frames, 1, 3), 45) * np.array([0.01, 0.002, 0.01], np.float32)
    joints = low_passed(rng, (frames, len(pose), 3), 8) * np.float32(0.004)
    fade = np.minimum(np.arange(frames)[:, None, None] / np.float32(15), 1)
    swayed: FloatArray = pose + (body + joints) * fade
    return swayed


def _whole(piece: Piece) -> bool:
    """Whether it is one action, or one rest, from end to end."""
    return bool((piece.labels == piece.labels[0]).all())


def _again(rng: np.random.Generator, piece: Piece) -> Piece:
    """A motion that repeats goes on for longer."""
    cycle = _cycle(piece) if piece.labels[0] > 0 and _whole(piece) else None
    if cycle is None:
        return piece
    most = max(int(150 / (cycle[1] - cycle[0])), 1)
    joints = repeated(piece.joints_m, cycle, int(rng.integers(1, min(most, 4) + 1)))
    return replace(piece, joints_m=joints, labels=np.full(len(joints), piece.labels[0]))


@cache
def _cycle(piece: Piece) -> tuple[int, int] | None:
    return find_cycle(piece.joints_m)


def detailed(joints_m: FloatArray, share: float) -> FloatArray:
    """The motion within a second made larger or smaller; where the limbs go slowly stays."""
    if share == 1:
        return joints_m
    half = 15
    padded = np.concatenate([joints_m[:1]] * half + [joints_m] + [joints_m[-1:]] * (half + 1))
    total = np.cumsum(padded, axis=0, dtype=np.float64)
    slow = (total[2 * half + 1 :] - total[: -2 * half - 1]) / (2 * half + 1)
    slow = np.concatenate([slow, slow[-1:]])[: len(joints_m)]
    return np.asarray(slow + share * (joints_m - slow), np.float32)


def fidget(rng: np.random.Generator, pose_m: FloatArray) -> FloatArray:
    """Arms go somewhere that has no name and come back: float32 (T, 18, 3) from a pose."""
    aim = pose_m
    for side in ("Left", "Right"):
        if rng.random() < 0.7:
            aim = _arm_turned(rng, aim, side)
    there = eased(pose_m, aim, int(rng.integers(8, 30)))
    stay = sway(rng, aim, int(rng.integers(2, 30)))
    back = eased(aim, pose_m, int(rng.integers(8, 30)))
    return np.concatenate([there, stay, back])


def _arm_turned(rng: np.random.Generator, pose_m: FloatArray, side: str) -> FloatArray:
    """The pose (18, 3) with an arm turned about its shoulder, and its forearm about the elbow."""
    shoulder, elbow, wrist, hand = (
        JOINT[f"{j}{side}"] for j in ("Shoulder", "Elbow", "Wrist", "Hand")
    )
    out = pose_m.copy()
    for pivot, degrees, moved in (
        (shoulder, 60.0, [elbow, wrist, hand]),
        (elbow, 45.0, [wrist, hand]),
    ):
        turn = small_turns(rng, 1, degrees)[0]
        out[moved] = (out[moved] - out[pivot]) @ turn + out[pivot]
    return out


@cache
def actions_of(piece: Piece) -> tuple[Piece, ...]:
    """Each action of a recording of several, cut out; a single action as it is."""
    edges = np.flatnonzero(np.diff(piece.labels)) + 1
    spans = zip(np.r_[0, edges], np.r_[edges, len(piece.labels)], strict=True)
    return tuple(
        replace(piece, joints_m=piece.joints_m[a:b], labels=piece.labels[a:b])
        for a, b in spans
        if piece.labels[a] > 0 and b - a >= _SHORTEST_FRAMES
    )


@cache
def _side_of(piece: Piece) -> str:
    return busier_side(piece.joints_m)


@cache
def _free(piece: Piece, label: str) -> list[int]:
    return free_groups(piece.joints_m, label)


@dataclass(frozen=True)
class Motions:
    """Makes varied motions of recorded ones, of which `like` holds the actions by class, and
    `walks` those in which somebody walks on the spot."""

    variation: Variation
    labels: Sequence[str]
    like: dict[int, list[Piece]]
    walks: list[FloatArray]
    donors: Donors

    @classmethod
    def of(cls, pieces: Iterable[Piece], variation: Variation, labels: Sequence[str]) -> Motions:
        """From everybody's pieces; `labels` are the names of their classes."""
        every = [one for piece in pieces for one in actions_of(piece)]
        like: dict[int, list[Piece]] = {}
        for one in every:
            like.setdefault(int(one.labels[0]), []).append(one)
        walks = [one.joints_m for one in every if labels[one.labels[0]] == "walk"]
        return cls(variation, labels, like, walks, Donors.of(every, labels))

    def one(self, rng: np.random.Generator, pieces: list[Piece]) -> tuple[FloatArray, IntArray]:
        """Something like one of a person's pieces: float32 (T, 18, 3) and a class each frame."""
        v = self.variation
        if rng.random() < v.fidgets:
            joints = fidget(rng, pieces[rng.integers(len(pieces))].joints_m[0])
            return joints, np.zeros(len(joints), np.int64)
        if self.walks and rng.random() < v.steps:
            joints = stepped(rng, self.walks, pieces[rng.integers(len(pieces))].joints_m[0])
            return joints, np.zeros(len(joints), np.int64)
        piece = pieces[rng.integers(len(pieces))]
        if not _whole(piece) and rng.random() < v.cut and actions_of(piece):
            piece = actions_of(piece)[rng.integers(len(actions_of(piece)))]
        free = _free(piece, self.labels[piece.labels[0]]) if _whole(piece) else []
        if rng.random() < v.repeated:
            piece = _again(rng, piece)
        elif rng.random() < v.blended:
            piece = self._blended(rng, piece)
        speed = float(np.exp(rng.uniform(*np.log(v.speed))))
        joints, labels = at_speed(rng, piece, speed, v.warp)
        if labels[0] == labels[-1] > 0:
            joints = detailed(joints, float(rng.uniform(*v.detail)))
            if rng.random() < v.exchanged:
                joints = self.donors.exchanged(rng, joints, free)
        if rng.random() < v.aborted:  # begun and given up: nothing that has a name
            part = max(int(len(joints) * rng.uniform(0.05, 0.2)), 2)
            return joints[:part], np.zeros(part, np.int64)
        return joints, labels

    def _blended(self, rng: np.random.Generator, piece: Piece) -> Piece:
        """A single action, done somewhat as somebody else does it; a cycle has no one pace."""
        if piece.labels[0] == 0 or not _whole(piece) or _cycle(piece) is not None:
            return piece
        like = self.like.get(int(piece.labels[0]), [piece])
        other = like[rng.integers(len(like))]
        if _side_of(other) != _side_of(piece):
            return piece
        share = float(rng.uniform(*self.variation.blend))
        return replace(piece, joints_m=blended(piece, other, share))
