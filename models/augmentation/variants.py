"""What a person does once, as people vary: pace, repeats, detail, style, limbs of no part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from models.augmentation.blending import blended
from models.augmentation.idle import fidget, stepped
from models.augmentation.limbs import Donors, free_groups
from models.augmentation.repetition import find_cycle, repeated
from models.augmentation.settings import Variation
from models.datasets.pieces import Piece
from models.features import FloatArray, IntArray
from models.labels import busier_side
from models.motion import at_times, smooth_noise

_SHORTEST_FRAMES = 12
"""Of an action cut out of a recording."""


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


def at_speed(
    rng: np.random.Generator, piece: Piece, speed: float, warp: float = 0.0
) -> tuple[FloatArray, IntArray]:
    """The piece `speed` times as fast, by linear interpolation; its pace varies by `warp`."""
    last = len(piece.joints_m) - 1
    steps = max(int(last / speed), 1)
    pace = np.exp(warp * smooth_noise(rng, (steps,), 15))
    at = np.r_[0.0, np.cumsum(pace)] * (last / pace.sum())
    return at_times(piece.joints_m, at), piece.labels[np.minimum(np.rint(at).astype(int), last)]
