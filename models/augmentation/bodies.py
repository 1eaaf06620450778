"""Varies the bodies and the sensor of streams: bones, camera view, noise, lost joints."""

from __future__ import annotations

import numpy as np

from models.augmentation.settings import Variation
from models.features import JOINT, TEMPLATE, BoolArray, FloatArray
from models.motion import smooth_noise

_DRIFT_FRAMES = 12
"""Frames over which `Variation.drift_m` changes (0.4 s). Chosen by hand."""
_SHOULDERS = [JOINT["ShoulderLeft"], JOINT["ShoulderRight"]]
_HANDS, _FEET = ([JOINT[f"{end}{side}"] for side in ("Left", "Right")] for end in ("Hand", "Foot"))
_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
# Joint, parent ("": the middle of the hips), kind of bone, limb that it turns with ("": none).
# From the hips outwards; # stands for both sides.
_BONES = [
    ("SpineShoulder", "", "torso", ""), ("Head", "SpineShoulder", "head", ""),
    ("Shoulder#", "SpineShoulder", "shoulder", ""), ("Elbow#", "Shoulder#", "upper arm", "Arm#"),
    ("Wrist#", "Elbow#", "forearm", "Arm#"), ("Hand#", "Wrist#", "hand", "Arm#"),
    ("Hip#", "", "hip", ""), ("Knee#", "Hip#", "thigh", "Leg#"),
    ("Ankle#", "Knee#", "shin", "Leg#"), ("Foot#", "Ankle#", "foot", "Leg#"),
]  # fmt: skip
_BONE_KINDS = [kind for _, _, kind, _ in _BONES]
BONE_TREE = [
    (
        JOINT[joint.replace("#", side)],
        JOINT.get(parent.replace("#", side), -1),
        kind,
        limb.replace("#", side),
    )
    for joint, parent, kind, limb in _BONES
    for side in (("Left", "Right") if "#" in joint else ("",))
]
"""Each bone as (joint, parent or -1, kind of bone, limb), parents before their children.

Parent -1 is the middle of the hips. Left and right bones are of the same kind.
"""

_LIMB_ENDS = [
    [JOINT[f"{joint}{side}"] for joint in joints]
    for joints in (("Wrist", "Hand"), ("Ankle", "Foot"))
    for side in ("Left", "Right")
]
"""Joints that a glitch moves together: the ends of both arms and both legs."""


def vary_limbs(rng: np.random.Generator, joints_m: FloatArray, v: Variation) -> FloatArray:
    """Change bone lengths and turn whole limbs, differently in each stream.

    `joints_m` float32 (N, T, 18, 3) metres. Left and right bones change by the same factor.
    """
    count = len(joints_m)
    lengths = np.exp(v.bones * rng.standard_normal((count, len(_BONE_KINDS)))).astype(np.float32)
    turns = {
        limb: random_rotations(rng, count, degrees)
        for limb, degrees in (("Arm", v.arm_deg), ("Leg", v.leg_deg))
        for limb in (f"{limb}Left", f"{limb}Right")
    }
    hips_m = joints_m[:, :, _HIPS].mean(axis=2)
    out = np.empty_like(joints_m)
    for joint, parent, kind, limb in BONE_TREE:
        start = hips_m if parent < 0 else joints_m[:, :, parent]
        bone = (joints_m[:, :, joint] - start) * lengths[:, None, _BONE_KINDS.index(kind), None]
        if limb:
            bone = bone @ turns[limb]
        out[:, :, joint] = bone + (hips_m if parent < 0 else out[:, :, parent])
    return out


def random_rotations(rng: np.random.Generator, count: int, degrees: float) -> FloatArray:
    """N rotations about random axes, float32 (N, 3, 3), by Rodrigues' formula.

    The rotation vector has a standard deviation of `degrees` along each axis.
    """
    vector = np.deg2rad(degrees) * rng.standard_normal((count, 3))
    angle = np.linalg.norm(vector, axis=1)[:, None, None]
    x, y, z = (vector / np.maximum(angle[:, 0], 1e-9)).T
    zero = np.zeros_like(x)
    cross = np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]]).transpose(2, 0, 1)
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return np.asarray(turn, np.float32)


def vary_bodies(rng: np.random.Generator, joints_m: FloatArray, v: Variation) -> FloatArray:
    """Vary limbs, proportions, camera tilt, joint placement and noise, one draw per stream.

    `joints_m` float32 (N, T, 18, 3) metres; the result has the same form.
    """
    count, frames, joints = joints_m.shape[:3]
    joints_m = vary_limbs(rng, joints_m, v)
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
    drift = smooth_noise(rng, (frames, count, joints, 3), _DRIFT_FRAMES).swapaxes(0, 1)
    out += drift * (v.drift_m * rng.random((count, 1, 1, 1), np.float32))
    _add_glitches(rng, out, v)
    varied: FloatArray = out + centre
    return varied


def _add_glitches(rng: np.random.Generator, joints_m: FloatArray, v: Variation) -> None:
    """Let a hand or foot leap away for 1 to 4 frames, as in depth sensors; changes `joints_m`."""
    frames = joints_m.shape[1]
    for n, many in enumerate(rng.poisson(v.glitches, len(joints_m))):
        for _ in range(many):
            limb = _LIMB_ENDS[rng.integers(len(_LIMB_ENDS))]
            start, length = rng.integers(frames), rng.integers(1, 5)
            leap = v.glitch_m * rng.standard_normal(3)
            joints_m[n, start : start + length, limb] += leap.astype(np.float32)


def lose_joints(
    rng: np.random.Generator,
    shape: tuple[int, int, int],
    v: Variation,
    measured: BoolArray | None = None,
) -> BoolArray:
    """Which joints are seen, bool `shape` (N, T, 18).

    Some are lost for a whole stream, some for a moment of 3 to 44 frames. In some streams all
    hands, all feet, or both are lost, as with sensors that have no such joints. Those that are not
    `measured` (N, 18) are lost together, in some streams.
    """
    count, frames, joints = shape
    valid = rng.random((count, 1, joints)) >= v.lost_joint
    for ends in (_HANDS, _FEET):
        lost = rng.random(count) < v.lost_ends
        valid[:, :, ends] &= ~lost[:, None, None]
    if measured is not None:
        valid &= (measured | (rng.random((count, 1)) >= v.lost_unmeasured))[:, None]
    valid = np.repeat(valid, frames, axis=1)
    for n, j in np.argwhere(rng.random((count, joints)) < v.lost_moment):
        start = rng.integers(frames)
        valid[n, start : start + rng.integers(3, 45), j] = False
    return valid


def turn_features(rng: np.random.Generator, features: FloatArray, degrees: float) -> FloatArray:
    """The features (N, T, 18, 4) that an error in the measured facing gives, one per stream.

    `degrees` is the standard deviation of the error.
    """
    angle = np.deg2rad(rng.normal(0, degrees, (len(features), 1, 1))).astype(np.float32)
    out = features.copy()
    x, z = features[..., 0] + TEMPLATE[:, 0], features[..., 2] + TEMPLATE[:, 2]
    out[..., 0] = x * np.cos(angle) - z * np.sin(angle) - TEMPLATE[:, 0]
    out[..., 2] = x * np.sin(angle) + z * np.cos(angle) - TEMPLATE[:, 2]
    out[features[..., 3] == 0] = 0.0
    return out
