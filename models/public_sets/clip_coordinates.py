"""Rigs of the clip recipes: joints with their parents, and what left, right and actors are.

A rig brings joints into coordinates that forget camera and place: one person's own (`body_frame`)
or those of two people who face each other (`pair_frame` in
`pair_coordinates.py`). `channels` then
gives each joint what a network would need many layers to work out: its bone's direction and its
speed. Everything looks only back, and every channel belongs to one joint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.features import FeatureSettings, FloatArray
from models.mirroring import other_side
from sensor.skeleton import KINECT_V1

IntArray = NDArray[np.int64]

TORSO_M = 0.48
_BONE_FLOOR_M = 0.02


@dataclass(frozen=True, eq=False)
class Rig:
    """How the joints of a set hang together.

    `parents` (J,) the joint each hangs on (itself at the root). `mirror` (J,) the joint of the
    other side, and `mirror_axis` the axis that changes its sign with it. `swap` (J,) the same
    joint of the other actor, None for one actor. `anchors` are the joints that distances are
    measured to.
    """

    joints: tuple[str, ...]
    parents: IntArray
    mirror: IntArray
    mirror_axis: int
    anchors: IntArray
    swap: IntArray | None = None

    @property
    def actors(self) -> int:
        """How many people one input holds."""
        return 1 if self.swap is None else 2


def _one_person() -> Rig:
    parents = np.arange(len(KINECT_V1.joints))
    for parent, child in KINECT_V1.bones:
        parents[child] = parent
    anchors = ["Head", "ShoulderCenter", "HipCenter", "HandLeft", "HandRight"]
    return Rig(
        KINECT_V1.joints,
        parents,
        other_side(KINECT_V1.joints),
        0,
        np.array([KINECT_V1.index[name] for name in anchors]),
    )


PERSON = _one_person()
"""One person in Kinect v1's 20 joints."""

_AT = KINECT_V1.index
_HIPS = [_AT["HipLeft"], _AT["HipRight"]]
_LEFT = [_AT["ShoulderLeft"], _AT["HipLeft"]]
_RIGHT = [_AT["ShoulderRight"], _AT["HipRight"]]
_NECK = _AT["ShoulderCenter"]


class Frame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How coordinates follow people, as time constants in seconds.

    With `facing` False the camera's own axes are kept: for sets whose people face it.
    `pitch_deg` is how far the camera looks down; y is up once that is undone.
    """

    origin_s: float = 2.0
    facing: bool = True
    facing_s: float = 1.5
    size_s: float = 5.0
    pitch_deg: float = 0.0

    def upright(self, joints_m: FloatArray) -> FloatArray:
        """Joints (T, J, 3) as a level camera would have seen them."""
        angle = np.deg2rad(self.pitch_deg)
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        x, y, z = joints_m[..., 0], joints_m[..., 1], joints_m[..., 2]
        return np.stack([x, y * cos - z * sin, z * cos + y * sin], axis=-1)


def followed(values: FloatArray, usable: NDArray[np.bool_], gain: np.float32) -> FloatArray:
    """`values` (T, D) followed slowly from the first usable one; only usable ones are followed."""
    first = int(np.argmax(usable)) if usable.any() else 0
    now = values[first].copy()
    out = np.empty_like(values)
    for t, value in enumerate(values):
        if usable[t]:
            now = now + gain * (value - now)
        out[t] = now
    return out


def turned_to(joints_m: FloatArray, direction: FloatArray) -> FloatArray:
    """Joints (T, J, 3) in axes whose x points along `direction` (T, 2) in the x-z plane."""
    length = np.sqrt((direction * direction).sum(axis=1, keepdims=True))
    cos, sin = np.split(direction / np.maximum(length, np.float32(1e-6)), 2, axis=1)
    x, y, z = joints_m[..., 0], joints_m[..., 1], joints_m[..., 2]
    turned = np.stack([x * cos + z * sin, y, z * cos - x * sin], axis=2)
    return np.asarray(turned, np.float32)


def body_frame(joints_m: FloatArray, rule: Frame, rate_hz: float) -> FloatArray:
    """One person's joints, float32 (T, 20, 3) metres, in their own coordinates.

    x to the body's right (or the camera's, see `Frame`), y up, origin between the hips, in units
    of a torso of 0.48; origin, facing and size follow slowly, so that a walk or a turn shows.
    """
    gains = FeatureSettings(rate_hz=rate_hz)
    joints_m = rule.upright(joints_m)
    hips = joints_m[:, _HIPS].mean(axis=1)
    always = np.ones(len(joints_m), bool)
    origin = followed(hips, always, gains.gain(rule.origin_s))
    torso = np.linalg.norm(joints_m[:, _NECK] - hips, axis=1, keepdims=True)
    size = followed(torso, torso[:, 0] > 0.1, gains.gain(rule.size_s))
    scale = np.float32(TORSO_M) / np.maximum(size, np.float32(0.2))
    centred = (joints_m - origin[:, None]) * scale[:, None]
    if not rule.facing:
        return np.asarray(centred, np.float32)
    across = (joints_m[:, _RIGHT] - joints_m[:, _LEFT]).sum(axis=1)[:, [0, 2]]
    width = np.linalg.norm(across, axis=1, keepdims=True)
    unit = across / np.maximum(width, np.float32(1e-6))
    facing = followed(unit, width[:, 0] > 0.1, gains.gain(rule.facing_s))
    return turned_to(np.asarray(centred, np.float32), facing)


def held_difference(places: FloatArray, frames: int) -> FloatArray:
    """What moved in `frames` frames, (N, T, J, 3); before the first, the first pose is held."""
    at = np.maximum(np.arange(places.shape[1]) - frames, 0)
    difference: FloatArray = places - places[:, at]
    return difference


SPEED_FRAMES = 2
"""Speed is measured over this many frames at 15 Hz (0.13 s): shorter is mostly noise."""


def channels(places: FloatArray, rig: Rig, kinds: Sequence[str], rate_hz: float) -> FloatArray:
    """What the network reads of each joint: (N, T, J, 3) to float32 (N, T, J, K).

    `kinds` in order: `place` (3), `bone` from the parent (3), `direction` of that bone whatever
    its length (3), `speed` (3), `distance` to each of the rig's anchors.
    """
    bone = places - places[:, :, rig.parents]
    frames = max(round(SPEED_FRAMES * rate_hz / 15), 1)

    def made(kind: str) -> FloatArray:
        if kind == "place":
            return places
        if kind == "bone":
            return bone * np.float32(2)
        if kind == "direction":
            length = np.linalg.norm(bone, axis=-1, keepdims=True)
            return np.asarray(bone / (length + np.float32(_BONE_FLOOR_M)) * np.float32(0.5))
        if kind == "speed":
            return held_difference(places, frames) * np.float32(3)
        if kind == "distance":
            return distances(places, rig)
        raise ValueError(f"no channel is called {kind!r}")

    return np.concatenate([made(kind) for kind in kinds], axis=-1).astype(np.float32)


def distances(places: FloatArray, rig: Rig) -> FloatArray:
    """How far each joint is from each anchor (of the other actor, where there is one)."""
    if rig.swap is None:
        apart = places[:, :, :, None] - places[:, :, None, rig.anchors]
        return np.asarray(np.linalg.norm(apart, axis=-1), np.float32)
    half = len(rig.joints) // 2
    own, other = places[:, :, :half, None], places[:, :, half:, None]
    to_other = own - places[:, :, None, rig.swap[rig.anchors]]
    to_own = other - places[:, :, None, rig.anchors]
    both = np.concatenate([to_other, to_own], axis=2)
    return np.asarray(np.linalg.norm(both, axis=-1), np.float32)


def channels_per_joint(rig: Rig, kinds: Sequence[str]) -> int:
    """How many channels `channels` makes of each joint."""
    blank = np.zeros((1, 1, len(rig.joints), 3), np.float32)
    return int(channels(blank, rig, kinds, 15.0).shape[-1])
