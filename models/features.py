"""Turns skeletons into network input, with the same code in training and live.

Every feature belongs to one joint, so the relevance of a feature is the relevance of its joint.
Features are causal: they depend on no later frame. Each joint is placed relative to the body's
origin, facing and size (`models/feature_state.py`). These follow the body slowly, so a walk, a jump
or a turn is visible before the origin has caught up. Processing a clip at once or frame by frame
makes the same calls in the same order.
"""

from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.feature_state import TORSO_M, FeatureState, beginning_frames
from sensor.skeleton import KINECT_V2

FloatArray = NDArray[np.float32]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# SpineBase and SpineMid are left out. Kinect v1 puts its Spine 6 cm above the hips, Kinect v2
# 30 cm, so these joints reveal the sensor rather than the action. Hips and shoulders suffice.
JOINTS_USED = [
    "Head", "SpineShoulder",
    "ShoulderLeft", "ElbowLeft", "WristLeft", "HandLeft",
    "ShoulderRight", "ElbowRight", "WristRight", "HandRight",
    "HipLeft", "KneeLeft", "AnkleLeft", "FootLeft",
    "HipRight", "KneeRight", "AnkleRight", "FootRight",
]  # fmt: skip
JOINT = {name: i for i, name in enumerate(JOINTS_USED)}
"""Index of each joint of `JOINTS_USED` in arrays (..., 18, 3)."""

CANONICAL_PICKS = np.array([KINECT_V2.index[name] for name in JOINTS_USED])
"""Indices of these joints in the canonical layout of 25 joints, (18,)."""
CHANNELS = 4
"""Channels of a joint: x, y, z as offsets from `TEMPLATE` in body size, and 1 if it was seen."""

STRIDE_FRAMES = 4
"""Frames from one prediction to the next. The network halves the frame rate twice."""

_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
_LEFT = [JOINT["ShoulderLeft"], JOINT["HipLeft"]]
_RIGHT = [JOINT["ShoulderRight"], JOINT["HipRight"]]
_SHOULDERS = [_LEFT[0], _RIGHT[0]]
_NECK = JOINT["SpineShoulder"]
_TRUNK = [*_SHOULDERS, *_HIPS, _NECK]
_SHOULDERS_UP_M, _HIP_M = 0.37, 0.08
"""Lengths of `TEMPLATE` in metres, beside `TORSO_M` from hips to neck: hips to shoulders (upwards)
and middle to hip (sideways)."""
_UP = np.array([0, 1, 0], np.float32)
"""The vertical axis of camera space."""


_HIGHEST_HZ = 1000


class FeatureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How slowly origin, facing and size follow the body, as time constants in seconds."""

    rate_hz: float = 30.0
    """Frames per second of the features, above 0 and at most 1000."""
    origin_s: float = 2.0
    """Time constant of the origin (the middle of the hips), in seconds, above 0. Chosen by hand:
    long enough that a walk or a jump shows, short enough that the place in the room does not."""
    facing_s: float = 1.5
    """Time constant of the facing, in seconds, above 0. Chosen by hand: a turn is visible at first
    and then becomes the new facing."""
    size_s: float = 5.0
    """Time constant of the body size, in seconds, above 0. Chosen by hand: a body hardly changes
    its size."""

    def __post_init__(self) -> None:
        if not 0 < self.rate_hz <= _HIGHEST_HZ:
            raise ValueError(f"rate_hz of the features must be above 0 and at most {_HIGHEST_HZ}")

    def new_state(self, count: int) -> FeatureState:
        """Return the state of `count` bodies before their first frame."""
        return FeatureState.new(count, beginning_frames(self.rate_hz))

    def gain(self, time_constant_s: float) -> np.float32:
        """The share of a step that a first-order low-pass filter covers in one frame."""
        return np.float32(1 - np.exp(-1 / (self.rate_hz * time_constant_s)))

    def gains(self) -> FloatArray:
        """`gain` of each value of `FeatureState`: origin (3), facing (2), size; float32 (6,)."""
        return _gains(self)


@cache
def _gains(settings: FeatureSettings) -> FloatArray:
    constants_s = [settings.origin_s] * 3 + [settings.facing_s] * 2 + [settings.size_s]
    return np.array([settings.gain(seconds) for seconds in constants_s], np.float32)


# A standing person in metres: torso of 0.48 m, middle of the hips at the origin, facing the camera.
# Features are offsets from it, so the zeros of a joint that was not seen put it at a usual place.
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


_ORIGIN, _FACING, _SIZE = slice(0, 3), slice(3, 5), slice(5, 6)
"""Places of origin (x, y, z), facing (x, z) and size among the six values of `FeatureState`."""
_GROUP = np.array([0, 0, 0, 1, 1, 2])
"""Which of origin (0), facing (1) and size (2) each of the six values belongs to."""


def _mean_of(
    joints_m: FloatArray, valid: BoolArray, which: list[int]
) -> tuple[FloatArray, IntArray]:
    """The mean (..., 3) of the seen joints of `which`, and their number (...)."""
    seen = valid[..., which]
    count = seen.sum(axis=-1)
    total = np.where(seen[..., None], joints_m[..., which, :], np.float32(0)).sum(axis=-2)
    return total / np.maximum(count, 1).astype(np.float32)[..., None], count


def measured_of(joints_m: FloatArray, valid: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Measure origin, facing and size in each frame on its own.

    `joints_m` float32 (..., 18, 3) metres, `valid` bool (..., 18). Returns the values float32
    (..., 6) as in `FeatureState`, and bool (..., 6): which of them could be measured. If some of
    hips, shoulders and neck are missing, the others replace them.
    """
    if valid[..., _TRUNK].all():
        return _measured_whole(joints_m)
    shoulders, hips = valid[..., _SHOULDERS].all(axis=-1), valid[..., _HIPS].all(axis=-1)
    across = joints_m[..., _RIGHT, :] - joints_m[..., _LEFT, :]  # shoulders and hips
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
    size_m = length * (TORSO_M / np.maximum(above_m, np.float32(0.1)))
    ok = np.stack([(count > 0) | (above_m > 0), facing_ok, size_ok], axis=-1)
    values = np.concatenate([hips_m, across, size_m[..., None]], axis=-1)
    return values.astype(np.float32), ok[..., _GROUP]


def _measured_whole(joints_m: FloatArray) -> tuple[FloatArray, BoolArray]:
    """A faster `measured_of` for frames with the whole trunk in view; equal to the bit."""
    out = np.empty((*joints_m.shape[:-2], len(_GROUP)), np.float32)
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
    return out, ok[..., _GROUP]


def _upper(joints_m: FloatArray, valid: BoolArray) -> tuple[FloatArray, FloatArray]:
    """The neck or, if it is not seen, the middle of the shoulders.

    Returns the place (..., 3) and the height above the hips that it has in `TEMPLATE` (...), 0
    without the neck and both shoulders. Metres.
    """
    shoulders_m, count = _mean_of(joints_m, valid, _SHOULDERS)
    neck = valid[..., _NECK]
    above_m = np.where(neck, TORSO_M, np.where(count == 2, _SHOULDERS_UP_M, 0.0))
    upper_m = np.where(neck[..., None], joints_m[..., _NECK, :], shoulders_m)
    return upper_m.astype(np.float32), above_m.astype(np.float32)


def seen_from(value: FloatArray, joints_m: FloatArray, usable: BoolArray) -> FloatArray:
    """The features (..., J, 4) of joints (..., J, 3) in metres.

    `value` (..., 6) is origin, facing and size as in `FeatureState`. Joints that are not `usable`
    (..., J) become zeros.
    """
    scale = np.float32(TORSO_M) / value[..., None, _SIZE]
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
    """The features of whole clips of N bodies, float32 (N, T, J, 4).

    `joints_m` float32 (N, T, J, 3) metres in camera space, J as in `JOINTS_USED`; `valid` bool
    (N, T, J). The channels are x to the body's right, y up and z to its back, scaled to a torso
    of 0.48 and as offsets from `TEMPLATE`, and 1 if the joint was seen. A joint that was not seen
    is all zeros, and so is every joint before a hip, the neck or both shoulders were seen. The
    numbers equal those of `Windows` frame by frame.
    """
    state, gains = settings.new_state(len(joints_m)), settings.gains()
    measured, ok = measured_of(joints_m, valid)
    values, seen = np.empty_like(measured), np.empty_like(ok)
    for t in range(joints_m.shape[1]):
        values[:, t], seen[:, t] = state.follow(slice(None), measured[:, t], ok[:, t], gains)
    return seen_from(values, joints_m, valid & seen[..., :1])
