"""Training batches: seeded streams of clips, rests and transitions, as bodies and sensors vary.

Batch `i` of a seed is always the same batch, so a run can be resumed or repeated exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models.augmentation.bodies import lose_joints, turned, vary_bodies
from models.augmentation.idle import sway
from models.augmentation.limbs import bone_lengths, placed, rebodied
from models.augmentation.settings import Variation
from models.augmentation.variants import Motions
from models.datasets.pieces import Piece, Who
from models.datasets.targets import TargetRule, targets
from models.features import STRIDE_FRAMES, FeatureSettings, FloatArray, IntArray, clip_features
from models.mirroring import Mirror, other_way_round
from models.motion import eased, smooth_noise


def _gliding(rng: np.random.Generator, joints_m: FloatArray, speed_m_s: float) -> FloatArray:
    """The whole body drifts over the floor, in rests and actions alike."""
    along = np.array([speed_m_s, 0, speed_m_s], np.float32) / 30
    way = np.cumsum(smooth_noise(rng, (len(joints_m), 1, 3), 45) * along, axis=0)
    return np.asarray(joints_m + way, np.float32)


def _way(rng: np.random.Generator, start_m: FloatArray, end_m: FloatArray) -> FloatArray:
    """A transition at a natural pace: 0.3 to 1.2 s by how far the joints must go."""
    far_m = float(np.linalg.norm(end_m - start_m, axis=1).max())
    seconds = np.clip(far_m / rng.uniform(0.6, 1.4), 0.3, 1.2)
    return eased(start_m, end_m, max(int(seconds * 30), 3))


@dataclass
class Composer:
    """Strings pieces together until `frames` are full, as one person.

    Most pieces of a stream are of one person; some are `borrowed` from others, of any set, and
    brought to that person's bones, so that neither the actions before nor the body tell the set.
    """

    pieces: dict[Who, list[Piece]]
    variation: Variation
    mirror: Mirror
    set_share: dict[str, float]
    labels: Sequence[str]
    motions: Motions = field(init=False)
    bones_m: dict[Who, FloatArray] = field(init=False)

    def __post_init__(self) -> None:
        every = dict.fromkeys(piece for pieces in self.pieces.values() for piece in pieces)
        self.motions = Motions.of(every, self.variation, self.labels)
        self.bones_m = {who: bone_lengths(pieces) for who, pieces in self.pieces.items()}
        share = np.array([self.set_share[name] for name, _ in self.pieces])
        self._share = share / share.sum()

    def _anybody(self, rng: np.random.Generator) -> Who:
        return list(self.pieces)[rng.choice(len(self.pieces), p=self._share)]

    def stream(self, rng: np.random.Generator, frames: int) -> tuple[FloatArray, IntArray]:
        """One person's stream: float32 (frames, 18, 3) metres and the class of each frame."""
        person, v = self._anybody(rng), self.variation
        joints: list[FloatArray] = []
        labels: list[IntArray] = []
        length = 0

        def add(more: FloatArray, what: IntArray | None = None) -> None:
            nonlocal length
            joints.append(more)
            labels.append(np.zeros(len(more), np.int64) if what is None else what)
            length += len(more)

        while length < frames:
            piece, what = self._piece(rng, person)
            moving = bool(joints) and rng.random() < v.moving_start
            if joints:
                piece = placed(piece, joints[-1][-1])
                add(_way(rng, joints[-1][-1], piece[0]))
            if not moving and (joints or rng.random() > v.starts_at_once):
                add(sway(rng, piece[0], int(30 * rng.uniform(*v.rest_s) / 2) + 1))
            add(piece, what)
            add(sway(rng, piece[-1], int(30 * rng.uniform(*v.rest_s) / 2) + 1))
        joints_m, classes = np.concatenate(joints)[:frames], np.concatenate(labels)[:frames]
        if rng.random() < v.glides:
            joints_m = _gliding(rng, joints_m, v.glide_m_s)
        swapped = self.mirror.labels[classes]
        if rng.random() < v.mirrored and (swapped >= 0).all():
            return other_way_round(joints_m), swapped
        return joints_m, classes

    def _piece(self, rng: np.random.Generator, person: Who) -> tuple[FloatArray, IntArray]:
        """Something that somebody does, on the bones of this person."""
        whose = self._anybody(rng) if rng.random() < self.variation.borrowed else person
        joints, labels = self.motions.one(rng, self.pieces[whose])
        if whose != person:
            joints = rebodied(joints, self.bones_m[person] / self.bones_m[whose])
        return joints, labels


def batch(
    composer: Composer,
    settings: FeatureSettings,
    rule: TargetRule,
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
