"""Draws variants of recorded motions: speed, repeats, detail, style, and limbs of other people.

The strength of each augmentation is a field of `Variation` in `settings.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from models.augmentation.blending import blend
from models.augmentation.free_limbs import Donors, without_acting_limbs
from models.augmentation.idle import fidget, take_steps
from models.augmentation.limbs import free_groups
from models.augmentation.repetition import find_cycle, repeat_cycle
from models.augmentation.settings import Variation
from models.datasets.pieces import Piece
from models.features import FloatArray, IntArray
from models.labels import FALLS, busier_side
from models.motion import at_times, smooth_noise

_SHORTEST_FRAMES = 12
"""Shortest action that is cut out of a recording (0.4 s). Chosen by hand."""
_MOST_REPEATS, _REPEATED_FRAMES = 4, 150
"""Most added repeats of a cycle, and about the most frames that they fill. Chosen by hand."""
_DETAIL_FRAMES = 15
"""Slow motion is the mean over this many frames before and after (one second). Chosen by hand."""
_PACE_FRAMES = 15
"""Frames over which the pace within a motion changes (0.5 s). Chosen by hand."""
_BETWEEN = (0.35, 0.65)
"""Least and greatest share of the other class in a blend of two classes. Chosen by hand."""


def _is_one_action(piece: Piece) -> bool:
    """Whether one action, or one rest, fills the piece from end to end."""
    return bool((piece.labels == piece.labels[0]).all())


def _with_repeats(rng: np.random.Generator, piece: Piece) -> Piece:
    """Repeat the cycle of a piece 1 to 4 more times; a piece without a cycle is unchanged."""
    cycle = _cycle(piece) if piece.labels[0] > 0 and _is_one_action(piece) else None
    if cycle is None:
        return piece
    most = max(int(_REPEATED_FRAMES / (cycle[1] - cycle[0])), 1)
    times = int(rng.integers(1, min(most, _MOST_REPEATS) + 1))
    joints = repeat_cycle(piece.joints_m, cycle, times)
    return replace(piece, joints_m=joints, labels=np.full(len(joints), piece.labels[0]))


@cache
def _cycle(piece: Piece) -> tuple[int, int] | None:
    return find_cycle(piece.joints_m)


def scale_detail(joints_m: FloatArray, factor: float) -> FloatArray:
    """Scale the fast motion of joints (T, 18, 3); their mean motion over one second stays."""
    if factor == 1:
        return joints_m
    half = _DETAIL_FRAMES
    padded = np.concatenate([joints_m[:1]] * half + [joints_m] + [joints_m[-1:]] * (half + 1))
    total = np.cumsum(padded, axis=0, dtype=np.float64)
    slow = (total[2 * half + 1 :] - total[: -2 * half - 1]) / (2 * half + 1)
    slow = np.concatenate([slow, slow[-1:]])[: len(joints_m)]
    return np.asarray(slow + factor * (joints_m - slow), np.float32)


@cache
def cut_actions(piece: Piece) -> tuple[Piece, ...]:
    """Cut each action out of a recording; a single action is returned as a whole."""
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
class Variants:
    """Draws variants of recorded motions.

    `by_class` holds all actions of each class, `walks` the joints (T, 18, 3) of people who walk on
    the spot, `donors` the motions whose limbs are given to others.
    """

    variation: Variation
    labels: Sequence[str]
    by_class: dict[int, list[Piece]]
    walks: list[FloatArray]
    donors: Donors

    @classmethod
    def of(cls, pieces: Iterable[Piece], variation: Variation, labels: Sequence[str]) -> Variants:
        """Build the tables from all people's pieces; `labels` are the names of their classes."""
        actions = [one for piece in pieces for one in cut_actions(piece)]
        by_class: dict[int, list[Piece]] = {}
        for one in actions:
            by_class.setdefault(int(one.labels[0]), []).append(one)
        walks = [one.joints_m for one in actions if labels[one.labels[0]] == "walk"]
        return cls(variation, labels, by_class, walks, Donors.of(actions, labels))

    def draw(self, rng: np.random.Generator, pieces: list[Piece]) -> tuple[FloatArray, IntArray]:
        """Draw one motion from a person's pieces: float32 (T, 18, 3) and classes int64 (T,)."""
        idle = self._idle(rng, pieces)
        if idle is not None:
            return idle, np.zeros(len(idle), np.int64)
        piece = self._pick(rng, pieces)
        v = self.variation
        for chance, spoil in ((v.unacted, self._unacted), (v.between, self._between)):
            spoilt = spoil(rng, piece) if rng.random() < chance else None
            if spoilt is not None:
                return spoilt, np.zeros(len(spoilt), np.int64)
        joints, labels = self._varied(rng, piece)
        if rng.random() < v.aborted:
            part = max(int(len(joints) * rng.uniform(0.05, 0.2)), 2)
            return joints[:part], np.zeros(part, np.int64)
        return joints, labels

    def _unacted(self, rng: np.random.Generator, piece: Piece) -> FloatArray | None:
        """Take the acting limbs out of a single action; None if that is not possible."""
        if piece.labels[0] <= 0 or not _is_one_action(piece):
            return None
        joints, _ = self._at_random_speed(rng, piece)
        return without_acting_limbs(rng, joints, self.labels[piece.labels[0]])

    def _between(self, rng: np.random.Generator, piece: Piece) -> FloatArray | None:
        """Blend a single action with one of another class; None if that is not possible."""
        label = int(piece.labels[0])
        others = [n for n in self.by_class if n != label]
        if label <= 0 or not _is_one_action(piece) or not others:
            return None
        choices = self.by_class[others[rng.integers(len(others))]]
        other = choices[rng.integers(len(choices))]
        mixed = replace(piece, joints_m=blend(piece, other, float(rng.uniform(*_BETWEEN))))
        return self._at_random_speed(rng, mixed)[0]

    def _at_random_speed(
        self, rng: np.random.Generator, piece: Piece
    ) -> tuple[FloatArray, IntArray]:
        """Play a piece at a random speed and an uneven pace, as `change_speed` returns it."""
        speed = float(np.exp(rng.uniform(*np.log(self.variation.speed))))
        return change_speed(rng, piece, speed, self.variation.warp)

    def _idle(self, rng: np.random.Generator, pieces: list[Piece]) -> FloatArray | None:
        """Draw a fidget or steps from the first pose of a random piece; None if neither is due."""
        if rng.random() < self.variation.fidgets:
            return fidget(rng, pieces[rng.integers(len(pieces))].joints_m[0])
        if self.walks and rng.random() < self.variation.steps:
            return take_steps(rng, self.walks, pieces[rng.integers(len(pieces))].joints_m[0])
        return None

    def _pick(self, rng: np.random.Generator, pieces: list[Piece]) -> Piece:
        """Pick a random piece, or one action cut out of it.

        Nothing is cut out of a simulated fall, because no person lies without having lain down.
        """
        piece = pieces[rng.integers(len(pieces))]
        if piece.data_set == FALLS or _is_one_action(piece):
            return piece
        if rng.random() < self.variation.cut and cut_actions(piece):
            piece = cut_actions(piece)[rng.integers(len(cut_actions(piece)))]
        return piece

    def _varied(self, rng: np.random.Generator, piece: Piece) -> tuple[FloatArray, IntArray]:
        """Vary the repeats or the style of a piece, then its speed, detail and free limbs."""
        v = self.variation
        free = _free(piece, self.labels[piece.labels[0]]) if _is_one_action(piece) else []
        if rng.random() < v.repeated:
            piece = _with_repeats(rng, piece)
        elif rng.random() < v.blended:
            piece = self._blended(rng, piece)
        joints, labels = self._at_random_speed(rng, piece)
        if labels[0] == labels[-1] > 0:
            joints = scale_detail(joints, float(rng.uniform(*v.detail)))
            if rng.random() < v.exchanged:
                joints = self.donors.exchange(rng, joints, free, v)
        return joints, labels

    def _blended(self, rng: np.random.Generator, piece: Piece) -> Piece:
        """Blend a single action with another of its class that uses the same side.

        Cyclic motions are left as they are: their repeats have no matching moments.
        """
        if piece.labels[0] <= 0 or not _is_one_action(piece) or _cycle(piece) is not None:
            return piece
        same_class = self.by_class.get(int(piece.labels[0]), [piece])
        other = same_class[rng.integers(len(same_class))]
        if _side_of(other) != _side_of(piece):
            return piece
        share = float(rng.uniform(*self.variation.blend))
        return replace(piece, joints_m=blend(piece, other, share))


def change_speed(
    rng: np.random.Generator, piece: Piece, speed: float, warp: float = 0.0
) -> tuple[FloatArray, IntArray]:
    """Play a piece at `speed` (2: twice as fast), with a pace that varies by `warp`.

    `warp` is the standard deviation of the logarithm of the pace. Returns the joints (T, 18, 3),
    interpolated linearly, and the class of each frame.
    """
    last = len(piece.joints_m) - 1
    steps = max(int(last / speed), 1)
    pace = np.exp(warp * smooth_noise(rng, (steps,), _PACE_FRAMES))
    at = np.r_[0.0, np.cumsum(pace)] * (last / pace.sum())
    return at_times(piece.joints_m, at), piece.labels[np.minimum(np.rint(at).astype(int), last)]
