"""Training batches: seeded streams of clips, rests and transitions, as bodies and sensors vary.

Batch `i` of a seed is always the same batch, so a run can be resumed or repeated exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from models.data import Piece, Target, at_speed, eased, low_passed, targets
from models.features import (
    JOINTS_USED,
    STRIDE_FRAMES,
    TEMPLATE,
    BoolArray,
    FeatureSettings,
    FloatArray,
    IntArray,
    clip_features,
)

_AT = {name: i for i, name in enumerate(JOINTS_USED)}
MIRROR = np.array(
    [
        _AT[name.replace("Left", "#").replace("Right", "Left").replace("#", "Right")]
        for name in JOINTS_USED
    ]
)
_SHOULDERS = [_AT["ShoulderLeft"], _AT["ShoulderRight"]]
_HIPS = [_AT["HipLeft"], _AT["HipRight"]]
# Each joint with its parent, from the hips outwards; the kind of its bone; the limb it turns with.
_BONES = [
    ("SpineShoulder", "", "torso", ""), ("Head", "SpineShoulder", "head", ""),
    ("Shoulder#", "SpineShoulder", "shoulder", ""), ("Elbow#", "Shoulder#", "upper arm", "Arm#"),
    ("Wrist#", "Elbow#", "forearm", "Arm#"), ("Hand#", "Wrist#", "hand", "Arm#"),
    ("Hip#", "", "hip", ""), ("Knee#", "Hip#", "thigh", "Leg#"),
    ("Ankle#", "Knee#", "shin", "Leg#"), ("Foot#", "Ankle#", "foot", "Leg#"),
]  # fmt: skip
_BONE_KINDS = [kind for _, _, kind, _ in _BONES]
_TREE = [
    (
        _AT[joint.replace("#", side)],
        _AT.get(parent.replace("#", side), -1),
        kind,
        limb.replace("#", side),
    )
    for joint, parent, kind, limb in _BONES
    for side in (("Left", "Right") if "#" in joint else ("",))
]


class Variation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much bodies, speeds and sensors vary in training. Metres, degrees, shares."""

    speed: tuple[float, float] = (0.7, 1.4)
    rest_s: tuple[float, float] = (0.2, 2.5)
    starts_at_once: float = 0.35
    aborted: float = 0.06
    mirrored: float = 0.15
    proportions: float = 0.08
    bones: float = 0.0
    arm_deg: float = 0.0
    leg_deg: float = 0.0
    warp: float = 0.0
    noisy: float = 0.0
    noise_m: float = 0.0
    tilt_deg: float = 8.0
    turn_deg: float = 8.0
    joint_offset_m: float = 0.02
    shoulder_rise_m: float = 0.08
    jitter_m: float = 0.008
    drift_m: float = 0.01
    lost_joint: float = 0.02
    lost_moment: float = 0.05


# Written the other way round they are no letters.
_ONE_WAY = {f"{how}_{letter}" for how in ("draw", "make_the_letter") for letter in "ckp"}


@dataclass(frozen=True)
class Mirror:
    """Which class an action becomes when left and right are swapped; -1 where it has no name."""

    labels: IntArray

    @classmethod
    def of(cls, vocabulary: Sequence[str]) -> Mirror:
        """Sided names become the other side's; circles turn the other way round."""
        index = {name: i for i, name in enumerate(vocabulary)}

        def other(name: str) -> int:
            if name in _ONE_WAY:
                return -1
            for a, b in (("left", "right"), ("right", "left"), ("_cw", "_ccw"), ("_ccw", "_cw")):
                if a in name:
                    return index.get(name.replace(a, b), -1)
            return index[name]

        return cls(np.array([other(name) for name in vocabulary]))


def _sway(rng: np.random.Generator, pose: FloatArray, frames: int) -> FloatArray:
    body = low_passed(rng, (frames, 1, 3), 45) * np.array([0.01, 0.002, 0.01], np.float32)
    joints = low_passed(rng, (frames, len(pose), 3), 8) * np.float32(0.004)
    fade = np.minimum(np.arange(frames)[:, None, None] / np.float32(15), 1)
    swayed: FloatArray = pose + (body + joints) * fade
    return swayed


def _way(rng: np.random.Generator, start_m: FloatArray, end_m: FloatArray) -> FloatArray:
    """A transition at a natural pace: 0.4 to 1.2 s by how far the joints must go."""
    far_m = float(np.linalg.norm(end_m - start_m, axis=1).max())
    seconds = np.clip(far_m / rng.uniform(0.6, 1.4), 0.3, 1.2)
    return eased(start_m, end_m, max(int(seconds * 30), 3))


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
        swapped = self.mirror.labels[classes]
        if rng.random() < v.mirrored and (swapped >= 0).all():
            return joints_m[:, MIRROR] * np.array([-1, 1, 1], np.float32), swapped
        return joints_m, classes

    def _piece(self, rng: np.random.Generator, pieces: list[Piece]) -> tuple[FloatArray, IntArray]:
        piece = pieces[rng.integers(len(pieces))]
        speed = float(np.exp(rng.uniform(*np.log(self.variation.speed))))
        joints, labels = at_speed(rng, piece, speed, self.variation.warp)
        if rng.random() < self.variation.aborted:  # begun and given up: nothing that has a name
            part = max(int(len(joints) * rng.uniform(0.05, 0.2)), 2)
            return joints[:part], np.zeros(part, np.int64)
        return joints, labels


def relimbed(rng: np.random.Generator, joints_m: FloatArray, v: Variation) -> FloatArray:
    """Bones of other lengths and limbs held a little differently, each stream its own way.

    `joints_m` float32 (N, T, 18, 3). Left and right bones change alike in length.
    """
    count = len(joints_m)
    lengths = np.exp(v.bones * rng.standard_normal((count, len(_BONE_KINDS)))).astype(np.float32)
    turns = {
        limb: _small_turns(rng, count, degrees)
        for limb, degrees in (("Arm", v.arm_deg), ("Leg", v.leg_deg))
        for limb in (f"{limb}Left", f"{limb}Right")
    }
    hips_m = joints_m[:, :, _HIPS].mean(axis=2)
    out = np.empty_like(joints_m)
    for joint, parent, kind, limb in _TREE:
        start = hips_m if parent < 0 else joints_m[:, :, parent]
        bone = (joints_m[:, :, joint] - start) * lengths[:, None, _BONE_KINDS.index(kind), None]
        if limb:
            bone = bone @ turns[limb]
        out[:, :, joint] = bone + (hips_m if parent < 0 else out[:, :, parent])
    return out


def _small_turns(rng: np.random.Generator, count: int, degrees: float) -> FloatArray:
    """Rotations about any axis, (N, 3, 3), by the formula of Rodrigues."""
    vector = np.deg2rad(degrees) * rng.standard_normal((count, 3))
    angle = np.linalg.norm(vector, axis=1)[:, None, None]
    x, y, z = (vector / np.maximum(angle[:, 0], 1e-9)).T
    zero = np.zeros_like(x)
    cross = np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]]).transpose(2, 0, 1)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return np.asarray(turn, np.float32)


def vary_bodies(rng: np.random.Generator, joints_m: FloatArray, v: Variation) -> FloatArray:
    """Other proportions, another camera tilt, another sensor's joint places and noise.

    `joints_m` float32 (N, T, 18, 3), one variation a stream.
    """
    count, frames, joints = joints_m.shape[:3]
    joints_m = relimbed(rng, joints_m, v)
    centre = joints_m[:, :1, :, :].mean(axis=2, keepdims=True)
    stretch = 1 + v.proportions * rng.standard_normal((count, 1, 1, 3))
    out = (joints_m - centre) * stretch.astype(np.float32)
    offset = v.joint_offset_m * rng.standard_normal((count, 1, joints, 3))
    offset[:, 0, _SHOULDERS, 1] += rng.uniform(0, v.shoulder_rise_m, (count, 1))
    out += offset.astype(np.float32)
    tilt = np.deg2rad(rng.normal(0, v.tilt_deg, (count, 1, 1))).astype(np.float32)
    y, z = out[..., 1].copy(), out[..., 2].copy()
    out[..., 1] = y * np.cos(tilt) - z * np.sin(tilt)
    out[..., 2] = y * np.sin(tilt) + z * np.cos(tilt)
    noise = rng.standard_normal(out.shape, np.float32)
    loud = (rng.random((count, 1, 1, 1)) < v.noisy) * np.float32(v.noise_m)
    out += noise * ((v.jitter_m + loud) * rng.random((count, 1, 1, 1), np.float32))
    drift = low_passed(rng, (frames, count, joints, 3), 12).swapaxes(0, 1)
    out += drift * (v.drift_m * rng.random((count, 1, 1, 1), np.float32))
    varied: FloatArray = out + centre
    return varied


def lose_joints(rng: np.random.Generator, shape: tuple[int, int, int], v: Variation) -> BoolArray:
    """Which joints are seen, (N, T, 18): some lost for a whole stream, some for a moment."""
    count, frames, joints = shape
    valid = rng.random((count, 1, joints)) >= v.lost_joint
    valid = np.repeat(valid, frames, axis=1)
    for n, j in np.argwhere(rng.random((count, joints)) < v.lost_moment):
        start = rng.integers(frames)
        valid[n, start : start + rng.integers(3, 45), j] = False
    return valid


def turned(rng: np.random.Generator, features: FloatArray, degrees: float) -> FloatArray:
    """The features as if the facing had been judged a little wrong."""
    angle = np.deg2rad(rng.normal(0, degrees, (len(features), 1, 1))).astype(np.float32)
    out = features.copy()
    x, z = features[..., 0] + TEMPLATE[:, 0], features[..., 2] + TEMPLATE[:, 2]
    out[..., 0] = x * np.cos(angle) - z * np.sin(angle) - TEMPLATE[:, 0]
    out[..., 2] = x * np.sin(angle) + z * np.cos(angle) - TEMPLATE[:, 2]
    out[features[..., 3] == 0] = 0.0
    return out


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
