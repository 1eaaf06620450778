"""Training batches: seeded streams of clips, rests and transitions, as bodies and sensors vary.

Batch `i` of a seed is always the same batch, so a run can be resumed or repeated exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from models.cycles import find_cycle, repeated
from models.data import Piece, Target, at_speed, eased, low_passed, targets
from models.features import (
    JOINTS_USED,
    STRIDE_FRAMES,
    FeatureSettings,
    FloatArray,
    IntArray,
    clip_features,
)
from models.variation import (
    MIRROR,
    Mirror,
    Variation,
    lose_joints,
    small_turns,
    turned,
    vary_bodies,
)

_AT = {name: i for i, name in enumerate(JOINTS_USED)}


def _sway(rng: np.random.Generator, pose: FloatArray, frames: int) -> FloatArray:
    body = low_passed(rng, (frames, 1, 3), 45) * np.array([0.01, 0.002, 0.01], np.float32)
    joints = low_passed(rng, (frames, len(pose), 3), 8) * np.float32(0.004)
    fade = np.minimum(np.arange(frames)[:, None, None] / np.float32(15), 1)
    swayed: FloatArray = pose + (body + joints) * fade
    return swayed


def _gliding(rng: np.random.Generator, joints_m: FloatArray, speed_m_s: float) -> FloatArray:
    """The whole body drifts over the floor, in rests and actions alike."""
    along = np.array([speed_m_s, 0, speed_m_s], np.float32) / 30
    way = np.cumsum(low_passed(rng, (len(joints_m), 1, 3), 45) * along, axis=0)
    return np.asarray(joints_m + way, np.float32)


def _way(rng: np.random.Generator, start_m: FloatArray, end_m: FloatArray) -> FloatArray:
    """A transition at a natural pace: 0.4 to 1.2 s by how far the joints must go."""
    far_m = float(np.linalg.norm(end_m - start_m, axis=1).max())
    seconds = np.clip(far_m / rng.uniform(0.6, 1.4), 0.3, 1.2)
    return eased(start_m, end_m, max(int(seconds * 30), 3))


def _again(rng: np.random.Generator, piece: Piece) -> Piece:
    """A motion that repeats goes on for longer."""
    whole = piece.labels[0] > 0 and (piece.labels == piece.labels[0]).all()
    cycle = _cycle(piece) if whole else None
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
    stay = _sway(rng, aim, int(rng.integers(2, 30)))
    back = eased(aim, pose_m, int(rng.integers(8, 30)))
    return np.concatenate([there, stay, back])


def _arm_turned(rng: np.random.Generator, pose_m: FloatArray, side: str) -> FloatArray:
    """The pose (18, 3) with an arm turned about its shoulder, and its forearm about the elbow."""
    shoulder, elbow, wrist, hand = (
        _AT[f"{j}{side}"] for j in ("Shoulder", "Elbow", "Wrist", "Hand")
    )
    out = pose_m.copy()
    for pivot, degrees, moved in (
        (shoulder, 60.0, [elbow, wrist, hand]),
        (elbow, 45.0, [wrist, hand]),
    ):
        turn = small_turns(rng, 1, degrees)[0]
        out[moved] = (out[moved] - out[pivot]) @ turn + out[pivot]
    return out


@dataclass
class Composer:
    """Strings pieces of one person together until `frames` are full."""

    pieces: dict[tuple[str, int], list[Piece]]
    variation: Variation
    mirror: Mirror
    set_share: dict[str, float]

    def stream(self, rng: np.random.Generator, frames: int) -> tuple[FloatArray, IntArray]:
        """One person's stream: float32 (frames, 18, 3) metres and the class of each frame."""
        people = list(self.pieces)
        share = np.array([self.set_share[name] for name, _ in people])
        person = people[rng.choice(len(people), p=share / share.sum())]
        v = self.variation
        joints: list[FloatArray] = []
        labels: list[IntArray] = []
        length = 0

        def add(more: FloatArray, what: IntArray | None = None) -> None:
            nonlocal length
            joints.append(more)
            labels.append(np.zeros(len(more), np.int64) if what is None else what)
            length += len(more)

        while length < frames:
            piece, what = self._piece(rng, self.pieces[person])
            if joints:
                add(_way(rng, joints[-1][-1], piece[0]))
            if joints or rng.random() > v.starts_at_once:
                add(_sway(rng, piece[0], int(30 * rng.uniform(*v.rest_s) / 2) + 1))
            add(piece, what)
            add(_sway(rng, piece[-1], int(30 * rng.uniform(*v.rest_s) / 2) + 1))
        joints_m, classes = np.concatenate(joints)[:frames], np.concatenate(labels)[:frames]
        if rng.random() < v.glides:
            joints_m = _gliding(rng, joints_m, v.glide_m_s)
        swapped = self.mirror.labels[classes]
        if rng.random() < v.mirrored and (swapped >= 0).all():
            return joints_m[:, MIRROR] * np.array([-1, 1, 1], np.float32), swapped
        return joints_m, classes

    def _piece(self, rng: np.random.Generator, pieces: list[Piece]) -> tuple[FloatArray, IntArray]:
        v = self.variation
        if rng.random() < v.fidgets:
            joints = fidget(rng, pieces[rng.integers(len(pieces))].joints_m[0])
            return joints, np.zeros(len(joints), np.int64)
        piece = pieces[rng.integers(len(pieces))]
        if rng.random() < v.repeated:
            piece = _again(rng, piece)
        speed = float(np.exp(rng.uniform(*np.log(v.speed))))
        joints, labels = at_speed(rng, piece, speed, v.warp)
        if labels[0] == labels[-1] > 0:
            joints = detailed(joints, float(rng.uniform(*v.detail)))
        if rng.random() < v.aborted:  # begun and given up: nothing that has a name
            part = max(int(len(joints) * rng.uniform(0.05, 0.2)), 2)
            return joints[:part], np.zeros(part, np.int64)
        return joints, labels


def batch(
    composer: Composer,
    settings: FeatureSettings,
    rule: Target,
    seed: tuple[int, int],
    size: tuple[int, int],
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Batch `seed` of (streams, frames) `size`: features (N, T, 72), classes and weights (N, T/4).

    `frames` must be a multiple of 4.
    """
    rng = np.random.default_rng(seed)
    count, frames = size
    streams = [composer.stream(rng, frames) for _ in range(count)]
    joints_m = vary_bodies(rng, np.stack([s[0] for s in streams]), composer.variation)
    valid = lose_joints(rng, joints_m.shape[:3], composer.variation)
    features = turned(rng, clip_features(joints_m, valid, settings), composer.variation.turn_deg)
    at = np.arange(STRIDE_FRAMES - 1, frames, STRIDE_FRAMES)
    asked = [targets(s[1], at, rule) for s in streams]
    return (
        features.reshape(count, frames, -1),
        np.stack([a[0] for a in asked]),
        np.stack([a[1] for a in asked]),
    )
