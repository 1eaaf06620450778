"""Skeletons to network input: the same code in training and live.

Every feature belongs to one joint, so relevance of a feature is relevance of its joint. Features
look only back. What they carry from frame to frame is an origin and a facing that follow the
body slowly (so that a walk, a jump or a turn stays visible before it is forgotten) and the
body's size. A clip at once and frame by frame are the same calls in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import KINECT_V2

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# SpineBase and SpineMid are left out: Kinect v1 puts its Spine 6 cm above the hips, Kinect v2
# 30 cm, so they tell the sensor apart better than the action, and hips and shoulders say it all.
JOINTS_USED = [
    "Head", "SpineShoulder",
    "ShoulderLeft", "ElbowLeft", "WristLeft", "HandLeft",
    "ShoulderRight", "ElbowRight", "WristRight", "HandRight",
    "HipLeft", "KneeLeft", "AnkleLeft", "FootLeft",
    "HipRight", "KneeRight", "AnkleRight", "FootRight",
]  # fmt: skip
JOINT = {name: i for i, name in enumerate(JOINTS_USED)}
"""Where each of them stands in arrays."""

CANONICAL_PICKS = np.array([KINECT_V2.index[name] for name in JOINTS_USED])
CHANNELS = 4
"""Each joint's channels: x, y, z (body lengths, from the template) and 1 where it was seen."""

STRIDE_FRAMES = 4
"""Frames from one prediction to the next: the network halves the rate twice."""

_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
_LEFT = [JOINT["ShoulderLeft"], JOINT["HipLeft"]]
_RIGHT = [JOINT["ShoulderRight"], JOINT["HipRight"]]
_SHOULDERS = [_LEFT[0], _RIGHT[0]]
_NECK = JOINT["SpineShoulder"]
_TRUNK = [*_SHOULDERS, *_HIPS, _NECK]
_TORSO_M, _SHOULDERS_UP_M, _HIP_M = 0.48, 0.37, 0.08
_UP = np.array([0, 1, 0], np.float32)


class FeatureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How slowly origin, facing and size follow the body, as time constants in seconds."""

    rate_hz: float = 30.0
    origin_s: float = 2.0
    facing_s: float = 1.5
    size_s: float = 5.0

    def gain(self, time_constant_s: float) -> np.float32:
        """The share of the way that a first-order low-pass goes in one frame."""
        return np.float32(1 - np.exp(-1 / (self.rate_hz * time_constant_s)))

    def gains(self) -> FloatArray:
        """`gain` of each of the six numbers that follow the body."""
        return _gains(self)


@cache
def _gains(settings: FeatureSettings) -> FloatArray:
    constants_s = [settings.origin_s] * 3 + [settings.facing_s] * 2 + [settings.size_s]
    return np.array([settings.gain(seconds) for seconds in constants_s], np.float32)


# A standing person of one torso 0.48 m, hips at the origin, facing the camera: where a joint
# that was not seen is put, with its mark at 0, so that nothing leaps to the origin.
TEMPLATE = np.array(
    [
        (0.00, 0.66, 0.02), (0.00, 0.48, 0.00), (-0.17, 0.37, 0.02), (-0.22, 0.13, 0.02),
        (-0.22, -0.08, -0.04), (-0.21, -0.15, -0.05), (0.17, 0.37, 0.02), (0.22, 0.13, 0.02),
        (0.22, -0.08, -0.04), (0.21, -0.15, -0.05), (-0.08, 0.0, 0.0), (-0.11, -0.42, 0.01),
        (-0.12, -0.77, 0.06), (-0.13, -0.83, 0.0), (0.08, 0.0, 0.0), (0.11, -0.42, 0.01),
        (0.12, -0.77, 0.06), (0.13, -0.83, 0.0),
    ],
    np.float32,
)  # fmt: skip


# Origin (x, y, z), facing (x, z) and size follow the body together, as six numbers.
_ORIGIN, _FACING, _SIZE = slice(0, 3), slice(3, 5), slice(5, 6)
_WHICH = np.array([0, 0, 0, 1, 1, 2])


@dataclass
class FeatureState:
    """What is carried between frames for N bodies: origin, facing and size.

    `value` (N, 6) holds the origin in metres, the facing, from the left to the right side in the
    x-z plane, and the size in metres; `seen` (N, 6) says which were measured yet.
    """

    value: FloatArray
    seen: BoolArray

    @classmethod
    def new(cls, count: int) -> FeatureState:
        """`count` bodies that nobody has seen yet: facing the camera, of the usual size."""
        usual = np.array([0, 0, 0, 1, 0, _TORSO_M], np.float32)
        return cls(np.tile(usual, (count, 1)), np.zeros((count, 6), bool))

    def follow(self, measured: FloatArray, ok: BoolArray, gains: FloatArray) -> None:
        """Move towards what was measured, (N, 6), where it could be; jump the first time."""
        step = np.where(self.seen, gains, np.float32(1.0)) * ok
        self.value = self.value + step * (measured - self.value)
        self.seen = self.seen | ok


def _mean_of(
    joints_m: FloatArray, valid: BoolArray, which: list[int]
) -> tuple[FloatArray, IntArray]:
    """The mean (..., 3) of those of the joints that were seen, and how many they are (...)."""
    seen = valid[..., which]
    count = seen.sum(axis=-1)
    total = np.where(seen[..., None], joints_m[..., which, :], np.float32(0)).sum(axis=-2)
    return total / np.maximum(count, 1).astype(np.float32)[..., None], count


def measured_of(joints_m: FloatArray, valid: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Origin, facing and size as seen in each frame alone, (..., 6), and which could be.

    Of hips, shoulders and neck some may be missing: the others stand in for them.
    """
    if valid[..., _TRUNK].all():
        return _measured_whole(joints_m)
    shoulders, hips = valid[..., _SHOULDERS].all(axis=-1), valid[..., _HIPS].all(axis=-1)
    across = joints_m[..., _RIGHT, :] - joints_m[..., _LEFT, :]  # of shoulders and hips
    across = np.where(np.stack([shoulders, hips], axis=-1)[..., None], across, np.float32(0))
    across = across.sum(axis=-2)[..., [0, 2]]
    width = np.sqrt((across * across).sum(axis=-1, keepdims=True))
    across = across / np.maximum(width, np.float32(1e-6))
    facing_ok = (shoulders | hips) & (width[..., 0] > 0.1)

    upper_m, above_m = _upper(joints_m, valid)
    hips_m, count = _mean_of(joints_m, valid, _HIPS)
    aside = (count == 1) * np.where(valid[..., _HIPS[0]], _HIP_M, -_HIP_M).astype(np.float32)
    hips_m[..., [0, 2]] += across * aside[..., None]
    hips_m = np.where((count > 0)[..., None], hips_m, upper_m - above_m[..., None] * _UP)

    torso = upper_m - hips_m
    length = np.sqrt((torso * torso).sum(axis=-1))
    size_ok = (count > 0) & (above_m > 0) & (length > 0.1)
    size_m = length * (_TORSO_M / np.maximum(above_m, np.float32(0.1)))
    ok = np.stack([(count > 0) | (above_m > 0), facing_ok, size_ok], axis=-1)
    values = np.concatenate([hips_m, across, size_m[..., None]], axis=-1)
    return values.astype(np.float32), ok[..., _WHICH]


def _measured_whole(joints_m: FloatArray) -> tuple[FloatArray, BoolArray]:
    """The same, to the bit, where all of the trunk was seen, which is usual: in fewer steps."""
    out = np.empty((*joints_m.shape[:-2], len(_WHICH)), np.float32)
    ends = joints_m[..., _RIGHT, :] - joints_m[..., _LEFT, :]
    across = (ends[..., 0, :] + ends[..., 1, :])[..., ::2]
    width = np.sqrt((across * across).sum(axis=-1, keepdims=True))
    np.divide(across, np.maximum(width, np.float32(1e-6)), out=out[..., _FACING])
    hips_m = out[..., _ORIGIN]
    np.add(joints_m[..., _HIPS[0], :], joints_m[..., _HIPS[1], :], out=hips_m)
    hips_m /= np.float32(2)
    torso = joints_m[..., _NECK, :] - hips_m
    out[..., _SIZE] = length = np.sqrt((torso * torso).sum(axis=-1, keepdims=True))
    ok = np.ones((*out.shape[:-1], 3), bool)
    ok[..., 1:2], ok[..., 2:] = width > 0.1, length > 0.1
    return out, ok[..., _WHICH]


def _upper(joints_m: FloatArray, valid: BoolArray) -> tuple[FloatArray, FloatArray]:
    """The neck, or else the shoulders: (..., 3), and how high over the hips they are (...)."""
    shoulders_m, count = _mean_of(joints_m, valid, _SHOULDERS)
    neck = valid[..., _NECK]
    above_m = np.where(neck, _TORSO_M, np.where(count == 2, _SHOULDERS_UP_M, 0.0))
    upper_m = np.where(neck[..., None], joints_m[..., _NECK, :], shoulders_m)
    return upper_m.astype(np.float32), above_m.astype(np.float32)


def seen_from(value: FloatArray, joints_m: FloatArray, usable: BoolArray) -> FloatArray:
    """Joints (..., J, 3) from origin, facing and size (..., 6), as features (..., J, 4)."""
    scale = np.float32(_TORSO_M) / value[..., None, _SIZE]
    centred = (joints_m - value[..., None, _ORIGIN]) * scale
    facing = value[..., _FACING]
    norm = np.sqrt((facing * facing).sum(axis=-1, keepdims=True))
    facing = facing / np.maximum(norm, np.float32(1e-6))
    cos, sin = facing[..., :1], facing[..., 1:]
    out = np.empty((*joints_m.shape[:-1], CHANNELS), np.float32)
    out[..., 0] = centred[..., 0] * cos + centred[..., 2] * sin
    out[..., 1] = centred[..., 1]
    out[..., 2] = centred[..., 2] * cos - centred[..., 0] * sin
    out[..., :3] -= TEMPLATE
    out[..., 3] = 1.0
    out[~usable] = 0.0
    return out


def clip_features(joints_m: FloatArray, valid: BoolArray, settings: FeatureSettings) -> FloatArray:
    """A whole clip of N bodies: (N, T, J, 3) and (N, T, J) to float32 (N, T, J, 4).

    `joints_m` float32 metres, camera space, J as in `JOINTS_USED`; `valid` bool. Returns x to the
    body's right, y up, z to its back, in units of its size (a torso of 0.48), measured from the
    template, and 1 where the joint was seen. A joint that was not seen is all zero; so is
    everything until hips, neck or shoulders were. The same numbers as `Windows` has frame by
    frame: only what is carried along is worked out in a loop.
    """
    state, gains = FeatureState.new(len(joints_m)), settings.gains()
    measured, ok = measured_of(joints_m, valid)
    values, seen = np.empty_like(measured), np.empty_like(ok)
    for t in range(joints_m.shape[1]):
        state.follow(measured[:, t], ok[:, t], gains)
        values[:, t], seen[:, t] = state.value, state.seen
    return seen_from(values, joints_m, valid & seen[..., :1])
