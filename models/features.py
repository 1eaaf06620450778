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

CANONICAL_PICKS = np.array([KINECT_V2.index[name] for name in JOINTS_USED])
CHANNELS = 4
"""Each joint's channels: x, y, z (body lengths, from the template) and 1 where it was seen."""

STRIDE_FRAMES = 4
"""Frames from one prediction to the next: the network halves the rate twice."""

_AT = {name: i for i, name in enumerate(JOINTS_USED)}
_HIPS = [_AT["HipLeft"], _AT["HipRight"]]
_LEFT = [_AT["ShoulderLeft"], _AT["HipLeft"]]
_RIGHT = [_AT["ShoulderRight"], _AT["HipRight"]]
_NECK = _AT["SpineShoulder"]
_TORSO_M = 0.48


class FeatureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How slowly origin, facing and size follow the body, as time constants in seconds."""

    rate_hz: float = 30.0
    origin_s: float = 2.0
    facing_s: float = 1.5
    size_s: float = 5.0

    def gain(self, time_constant_s: float) -> np.float32:
        """The share of the way a first-order low-pass goes in one frame."""
        return _gain(self.rate_hz * time_constant_s)


@cache
def _gain(frames: float) -> np.float32:
    return np.float32(1.0 - np.exp(-1.0 / frames))


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


@dataclass
class FeatureState:
    """What is carried between frames for N bodies: (N, 3) origin, (N, 2) facing, (N, 1) size.

    `facing` points from the left to the right side in the x-z plane. `seen` (N, 3) says which
    of the three were measured yet.
    """

    origin_m: FloatArray
    facing: FloatArray
    size_m: FloatArray
    seen: BoolArray

    @classmethod
    def new(cls, count: int) -> FeatureState:
        """The state of `count` bodies that nobody has seen yet."""
        return cls(
            np.zeros((count, 3), np.float32),
            np.tile(np.array([1, 0], np.float32), (count, 1)),
            np.full((count, 1), _TORSO_M, np.float32),
            np.zeros((count, 3), bool),
        )


def _follow(
    value: FloatArray, measured: FloatArray, ok: BoolArray, seen: BoolArray, gain: np.float32
) -> None:
    """Move `value` (N, D) towards `measured` where it could be measured; jump the first time."""
    step = np.where(seen, gain, np.float32(1.0)) * ok
    value += step[:, None] * (measured - value)
    seen |= ok


def _update(
    state: FeatureState, joints_m: FloatArray, valid: BoolArray, settings: FeatureSettings
) -> None:
    hips_m = joints_m[:, _HIPS].mean(axis=1)
    hips_ok = np.asarray(valid[:, _HIPS].all(axis=1))
    _follow(state.origin_m, hips_m, hips_ok, state.seen[:, 0], settings.gain(settings.origin_s))

    across = (joints_m[:, _RIGHT] - joints_m[:, _LEFT]).sum(axis=1)[:, [0, 2]]
    width = np.sqrt((across * across).sum(axis=1, keepdims=True))
    sides_ok = valid[:, _LEFT].all(axis=1) & valid[:, _RIGHT].all(axis=1) & (width[:, 0] > 0.1)
    across = across / np.maximum(width, np.float32(1e-6))
    _follow(state.facing, across, sides_ok, state.seen[:, 1], settings.gain(settings.facing_s))

    torso = joints_m[:, _NECK] - hips_m
    length = np.sqrt((torso * torso).sum(axis=1, keepdims=True))
    torso_ok = hips_ok & valid[:, _NECK] & (length[:, 0] > 0.1)
    _follow(state.size_m, length, torso_ok, state.seen[:, 2], settings.gain(settings.size_s))


def step(
    state: FeatureState, joints_m: FloatArray, valid: BoolArray, settings: FeatureSettings
) -> FloatArray:
    """One frame of N bodies; changes `state`.

    `joints_m` float32 (N, J, 3) metres, camera space, J as in `JOINTS_USED`; `valid` bool
    (N, J). Returns float32 (N, J, 4): x to the body's right, y up, z to its back, in units of
    its size (a torso of 0.48), measured from the template, and 1 where the joint was seen.
    A joint that was not seen is all zero.
    """
    _update(state, joints_m, valid, settings)
    centred = (joints_m - state.origin_m[:, None]) * (np.float32(_TORSO_M) / state.size_m[:, None])
    norm = np.sqrt((state.facing * state.facing).sum(axis=1, keepdims=True))
    cos, sin = np.split(state.facing / np.maximum(norm, np.float32(1e-6)), 2, axis=1)
    usable = valid & state.seen.all(axis=1, keepdims=True)
    out = np.empty((*joints_m.shape[:2], CHANNELS), np.float32)
    out[..., 0] = centred[..., 0] * cos + centred[..., 2] * sin
    out[..., 1] = centred[..., 1]
    out[..., 2] = centred[..., 2] * cos - centred[..., 0] * sin
    out[..., :3] -= TEMPLATE
    out[..., 3] = 1.0
    out[~usable] = 0.0
    return out


def clip_features(joints_m: FloatArray, valid: BoolArray, settings: FeatureSettings) -> FloatArray:
    """A whole clip of N bodies: (N, T, J, 3) and (N, T, J) to float32 (N, T, J, 4)."""
    state = FeatureState.new(len(joints_m))
    frames = [step(state, joints_m[:, t], valid[:, t], settings) for t in range(joints_m.shape[1])]
    return np.stack(frames, axis=1)


class FeatureStream:
    """The features of one body, frame by frame, from canonical joints."""

    def __init__(self, settings: FeatureSettings) -> None:
        self._settings = settings
        self._state = FeatureState.new(1)

    def reset(self) -> None:
        """Forget the body."""
        self._state = FeatureState.new(1)

    def step(self, joints_m: FloatArray, confidence: FloatArray) -> FloatArray:
        """One frame: float32 (25, 3) metres and (25,) confidence to float32 (18, 4)."""
        picked = joints_m[CANONICAL_PICKS][None]
        valid = (confidence[CANONICAL_PICKS] > 0)[None]
        features: FloatArray = step(self._state, picked, valid, self._settings)[0]
        return features
