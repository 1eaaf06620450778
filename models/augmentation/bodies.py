"""How bodies, sides and sensors vary in training: bones, limbs, mirrors, noise, lost joints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from models.datasets.pieces import low_passed
from models.features import JOINT, JOINTS_USED, TEMPLATE, BoolArray, FloatArray, IntArray
from models.public_sets.clip_coordinates import other_side

MIRROR = other_side(JOINTS_USED)
_SHOULDERS = [JOINT["ShoulderLeft"], JOINT["ShoulderRight"]]
_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
# Each joint with its parent, from the hips outwards; the kind of its bone; the limb it turns with.
_BONES = [
    ("SpineShoulder", "", "torso", ""), ("Head", "SpineShoulder", "head", ""),
    ("Shoulder#", "SpineShoulder", "shoulder", ""), ("Elbow#", "Shoulder#", "upper arm", "Arm#"),
    ("Wrist#", "Elbow#", "forearm", "Arm#"), ("Hand#", "Wrist#", "hand", "Arm#"),
    ("Hip#", "", "hip", ""), ("Knee#", "Hip#", "thigh", "Leg#"),
    ("Ankle#", "Knee#", "shin", "Leg#"), ("Foot#", "Ankle#", "foot", "Leg#"),
]  # fmt: skip
_BONE_KINDS = [kind for _, _, kind, _ in _BONES]
TREE = [
    (
        JOINT[joint.replace("#", side)],
        JOINT.get(parent.replace("#", side), -1),
        kind,
        limb.replace("#", side),
    )
    for joint, parent, kind, limb in _BONES
    for side in (("Left", "Right") if "#" in joint else ("",))
]


_LIMB_ENDS = [
    [JOINT[f"{joint}{side}"] for joint in joints]
    for joints in (("Wrist", "Hand"), ("Ankle", "Foot"))
    for side in ("Left", "Right")
]


class Variation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much bodies, speeds and sensors vary in training. Metres, degrees, shares."""

    speed: tuple[float, float] = (0.47, 2.0)
    glides: float = 0.3
    glide_m_s: float = 0.4
    rest_s: tuple[float, float] = (0.2, 2.5)
    starts_at_once: float = 0.35
    aborted: float = 0.06
    mirrored: float = 0.4
    proportions: float = 0.08
    bones: float = 0.1
    arm_deg: float = 10.0
    leg_deg: float = 4.0
    warp: float = 0.2
    repeated: float = 0.3
    detail: tuple[float, float] = (0.6, 1.2)
    fidgets: float = 0.05
    steps: float = 0.04
    cut: float = 0.5
    borrowed: float = 0.3
    exchanged: float = 0.4
    moving_start: float = 0.3
    blended: float = 0.4
    blend: tuple[float, float] = (-0.3, 1.0)
    noisy: float = 0.3
    noise_m: float = 0.03
    glitches: float = 1.0
    glitch_m: float = 0.2
    tilt_deg: float = 8.0
    turn_deg: float = 8.0
    joint_offset_m: float = 0.02
    shoulder_rise_m: float = 0.08
    jitter_m: float = 0.008
    drift_m: float = 0.01
    lost_joint: float = 0.05
    lost_moment: float = 0.05


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

    def told(self, vocabulary: Sequence[str]) -> str:
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


def relimbed(rng: np.random.Generator, joints_m: FloatArray, v: Variation) -> FloatArray:
    """Bones of other lengths and limbs held a little differently, each stream its own way.

    `joints_m` float32 (N, T, 18, 3). Left and right bones change alike in length.
    """
    count = len(joints_m)
    lengths = np.exp(v.bones * rng.standard_normal((count, len(_BONE_KINDS)))).astype(np.float32)
    turns = {
        limb: small_turns(rng, count, degrees)
        for limb, degrees in (("Arm", v.arm_deg), ("Leg", v.leg_deg))
        for limb in (f"{limb}Left", f"{limb}Right")
    }
    hips_m = joints_m[:, :, _HIPS].mean(axis=2)
    out = np.empty_like(joints_m)
    for joint, parent, kind, limb in TREE:
        start = hips_m if parent < 0 else joints_m[:, :, parent]
        bone = (joints_m[:, :, joint] - start) * lengths[:, None, _BONE_KINDS.index(kind), None]
        if limb:
            bone = bone @ turns[limb]
        out[:, :, joint] = bone + (hips_m if parent < 0 else out[:, :, parent])
    return out


def small_turns(rng: np.random.Generator, count: int, degrees: float) -> FloatArray:
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
    _glitch(rng, out, v)
    varied: FloatArray = out + centre
    return varied


def _glitch(rng: np.random.Generator, joints_m: FloatArray, v: Variation) -> None:
    """Let a hand or a foot of some streams leap away for a few frames, as depth sensors do."""
    frames = joints_m.shape[1]
    for n, many in enumerate(rng.poisson(v.glitches, len(joints_m))):
        for _ in range(many):
            limb = _LIMB_ENDS[rng.integers(len(_LIMB_ENDS))]
            start, length = rng.integers(frames), rng.integers(1, 5)
            leap = v.glitch_m * rng.standard_normal(3)
            joints_m[n, start : start + length, limb] += leap.astype(np.float32)


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
