"""Training batches: streams of motions, rests and transitions, composed from a seed.

Batch `i` of a seed is always the same batch, so a run can be resumed or repeated exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models.augmentation.bodies import lose_joints, turn_features, vary_bodies
from models.augmentation.idle import sway
from models.augmentation.limbs import FEET, HIPS, bone_lengths, facing_turn, place_at, scale_bones
from models.augmentation.lost_frames import bridge_gaps
from models.augmentation.settings import Variation
from models.augmentation.variants import Variants
from models.datasets.pieces import Person, Piece
from models.datasets.targets import TargetRule, targets
from models.features import (
    STRIDE_FRAMES,
    BoolArray,
    FeatureSettings,
    FloatArray,
    IntArray,
    clip_features,
)
from models.mirroring import Mirror, mirror_bodies
from models.motion import minimum_jerk, smooth_noise

_GLIDE_FRAMES = 45
"""Frames over which the speed of a glide changes (1.5 s). Chosen by hand."""
_TRANSITION_M_S = (0.6, 1.4)
"""Least and greatest mean speed, in m/s, of the joint that moves furthest. Chosen by hand."""
_RISE_M = 0.15
"""Rise of the hips, in metres, from which a transition has no target. Chosen by hand."""
_TRANSITION_S = (0.3, 1.2)
"""Least and greatest duration of a transition, in seconds. Chosen by hand."""

_NO_CLASS = -2
"""Stands for a class that the vocabulary lacks; -1 marks frames without a target."""
_SAME_FACING_COS = np.float32(np.cos(np.deg2rad(30)))
"""Cosine of the greatest angle between two poses that need no turn to be joined."""


def _facing_as(motion_m: FloatArray, pose_m: FloatArray) -> FloatArray:
    """The motion (T, 18, 3), turned so that its first frame faces as a pose (18, 3) does.

    A path between poses that face far apart would squeeze the body. Smaller angles stay.
    """
    turn = facing_turn(motion_m[:1]).T @ facing_turn(pose_m[None])
    if turn[0, 0] > _SAME_FACING_COS:
        return motion_m
    return np.asarray(motion_m @ turn, np.float32)


def _glide(rng: np.random.Generator, joints_m: FloatArray, speed_m_s: float) -> FloatArray:
    """Let the whole body (T, 18, 3) drift over the floor, through rests and actions.

    `speed_m_s` is the standard deviation of the speed along x and along z.
    """
    along = np.array([speed_m_s, 0, speed_m_s], np.float32) / 30
    drift_m = np.cumsum(smooth_noise(rng, (len(joints_m), 1, 3), _GLIDE_FRAMES) * along, axis=0)
    return np.asarray(joints_m + drift_m, np.float32)


def _hip_height_m(pose_m: FloatArray) -> float:
    """The height of the hips over the lower foot of a pose (18, 3)."""
    return float(pose_m[HIPS, 1].mean() - pose_m[FEET, 1].min())


def _transition(rng: np.random.Generator, start_m: FloatArray, end_m: FloatArray) -> FloatArray:
    """A minimum-jerk path between two poses (18, 3), at a natural pace: (T, 18, 3)."""
    far_m = float(np.linalg.norm(end_m - start_m, axis=1).max())
    seconds = np.clip(far_m / rng.uniform(*_TRANSITION_M_S), *_TRANSITION_S)
    return minimum_jerk(start_m, end_m, max(int(seconds * 30), 3))


def _labelled_transition(
    rng: np.random.Generator, start_m: FloatArray, end_m: FloatArray
) -> tuple[FloatArray, IntArray]:
    """A transition and its classes: background, or no target if the hips rise or sink.

    A transition from a seat to standing looks like the action of standing up.
    """
    joints_m = _transition(rng, start_m, end_m)
    rises_m = abs(_hip_height_m(end_m) - _hip_height_m(start_m))
    return joints_m, np.full(len(joints_m), -1 if rises_m > _RISE_M else 0)


@dataclass
class Composer:
    """Composes streams, each of one person's body.

    Most motions of a stream are this person's. Some are borrowed from people of any data set and
    scaled to this person's bones. So neither the body nor the other actions of a stream reveal the
    data set. `set_share` maps each data set to the weight of one of its people.
    """

    pieces: dict[Person, list[Piece]]
    variation: Variation
    mirror: Mirror
    set_share: dict[str, float]
    labels: Sequence[str]
    variants: Variants = field(init=False)
    bones_m: dict[Person, FloatArray] = field(init=False)
    measured: dict[Person, BoolArray] = field(init=False)

    def __post_init__(self) -> None:
        every = dict.fromkeys(piece for pieces in self.pieces.values() for piece in pieces)
        self.variants = Variants.of(every, self.variation, self.labels)
        self.bones_m = {person: bone_lengths(pieces) for person, pieces in self.pieces.items()}
        self.measured = {
            person: np.all([piece.measured for piece in pieces], axis=0)
            for person, pieces in self.pieces.items()
        }
        self._lie = self.labels.index("lie") if "lie" in self.labels else _NO_CLASS
        share = np.array([self.set_share[name] for name, _ in self.pieces])
        self._share = share / share.sum()

    def random_person(self, rng: np.random.Generator) -> Person:
        """Draw a person, each with the weight of their data set."""
        return list(self.pieces)[rng.choice(len(self.pieces), p=self._share)]

    def stream(
        self, rng: np.random.Generator, frames: int, person: Person | None = None
    ) -> tuple[FloatArray, IntArray]:
        """A stream of one person: float32 (frames, 18, 3) metres and the class of each frame.

        Without `person`, a random person is drawn.
        """
        v = self.variation
        joints_m, classes = self._compose(rng, frames, person or self.random_person(rng))
        if rng.random() < v.glides:
            joints_m = _glide(rng, joints_m, v.glide_m_s)
        swapped = np.where(classes < 0, classes, self.mirror.labels[np.maximum(classes, 0)])
        if rng.random() < v.mirrored and (swapped[classes >= 0] >= 0).all():
            return mirror_bodies(joints_m), swapped
        return joints_m, classes

    def _compose(
        self, rng: np.random.Generator, frames: int, person: Person
    ) -> tuple[FloatArray, IntArray]:
        """Join motions of a person, with rests and transitions, to `frames` frames.

        A rest has two halves, one before and one after a motion. A person who lies at the end of a
        motion goes on lying, because a quick path to the next pose would look like getting up. A
        stream may begin within a simulated fall, so that it is long enough to show its end.
        """
        v = self.variation
        joints: list[FloatArray] = []
        labels: list[IntArray] = []

        def add(more: FloatArray, classes: IntArray | None = None) -> None:
            joints.append(more)
            labels.append(np.zeros(len(more), np.int64) if classes is None else classes)

        def rest(pose_m: FloatArray) -> None:
            add(sway(rng, pose_m, int(30 * rng.uniform(*v.rest_s) / 2) + 1))

        while sum(map(len, joints)) < frames:
            motion, classes = self._motion(rng, person)
            moving = bool(joints) and rng.random() < v.moving_start
            if not joints and self._lie in classes:
                late = int(rng.integers(max(len(motion) - frames // 2, 1)))
                motion, classes, moving = motion[late:], classes[late:], late > 0
            if joints:
                motion = place_at(_facing_as(motion, joints[-1][-1]), joints[-1][-1])
                add(*_labelled_transition(rng, joints[-1][-1], motion[0]))
            if not moving and (joints or rng.random() > v.starts_at_once):
                rest(motion[0])
            add(motion, classes)
            if classes[-1] == self._lie:
                more = sway(rng, motion[-1], frames)
                add(more, np.full(frames, self._lie))
            else:
                rest(motion[-1])
        return np.concatenate(joints)[:frames], np.concatenate(labels)[:frames]

    def _motion(self, rng: np.random.Generator, person: Person) -> tuple[FloatArray, IntArray]:
        """Draw a motion of this person, or a borrowed one scaled to this person's bones."""
        whose = self.random_person(rng) if rng.random() < self.variation.borrowed else person
        joints, labels = self.variants.draw(rng, self.pieces[whose])
        if whose != person:
            joints = scale_bones(joints, self.bones_m[person] / self.bones_m[whose])
        return joints, labels


def batch(
    composer: Composer,
    settings: FeatureSettings,
    rule: TargetRule,
    seed: tuple[int, int],
    size: tuple[int, int],
) -> tuple[FloatArray, IntArray, FloatArray]:
    """One batch of N streams of T frames, `size` (N, T); T must be a multiple of 4.

    `seed` is the seed of the run and the number of the batch. Returns features float32
    (N, T, 72), and for each prediction, every fourth frame, its class int64 and weight float32,
    (N, T / 4) both. Frames without a person have no target.
    """
    rng = np.random.default_rng(seed)
    count, frames = size
    people = [composer.random_person(rng) for _ in range(count)]
    streams = [composer.stream(rng, frames, person) for person in people]
    joints_m = vary_bodies(rng, np.stack([s[0] for s in streams]), composer.variation)
    joints_m, bridged = bridge_gaps(rng, joints_m, composer.variation)
    measured = np.stack([composer.measured[person] for person in people])
    valid = lose_joints(rng, joints_m.shape[:3], composer.variation, measured)
    features = clip_features(joints_m, valid, settings)
    features = turn_features(rng, features, composer.variation.turn_deg)
    at = np.arange(STRIDE_FRAMES - 1, frames, STRIDE_FRAMES)
    classes = np.where(bridged, -1, np.stack([s[1] for s in streams]))
    wanted = [targets(of, at, rule) for of in classes]
    return (
        features.reshape(count, frames, -1),
        np.stack([a[0] for a in wanted]),
        np.stack([a[1] for a in wanted]),
    )
