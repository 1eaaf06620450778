"""Coordinates and input channels of whole clips, for one person or for a pair.

A clip's joints are first expressed in coordinates without camera and place: a person's own
(`body_coordinates`) or those of two people who face each other (`pair_coordinates`). Then
`channels` computes the network's input, such as the direction of a bone or the speed of a joint,
which the network would need many layers to compute. Everything is causal, and every channel
belongs to one joint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from models.features import BoolArray, FeatureSettings, FloatArray, IntArray
from models.mirroring import other_side
from sensor.skeleton import KINECT_V1

TORSO_M = 0.48
_BONE_FLOOR_M = 0.02


@dataclass(frozen=True, eq=False)
class ClipLayout:
    """The joints of a data set and the relations between them, as joint indices.

    `parents` (J,) is the parent of each joint; the root is its own. `mirror` (J,) is the joint of
    the other side, `mirror_axis` the axis whose sign mirroring changes. `anchors` are the joints
    to which distances are measured. `swap` (J,) is the same joint of the other actor, or None for
    one actor.
    """

    joints: tuple[str, ...]
    parents: IntArray
    mirror: IntArray
    mirror_axis: int
    anchors: IntArray
    swap: IntArray | None = None

    @property
    def actors(self) -> int:
        """The number of people in one input."""
        return 1 if self.swap is None else 2


def _one_person() -> ClipLayout:
    parents = np.arange(len(KINECT_V1.joints))
    for parent, child in KINECT_V1.bones:
        parents[child] = parent
    anchors = ["Head", "ShoulderCenter", "HipCenter", "HandLeft", "HandRight"]
    return ClipLayout(
        KINECT_V1.joints,
        parents,
        other_side(KINECT_V1.joints),
        0,
        np.array([KINECT_V1.index[name] for name in anchors]),
    )


PERSON = _one_person()
"""One person with Kinect v1's 20 joints."""

_AT = KINECT_V1.index
_HIPS = [_AT["HipLeft"], _AT["HipRight"]]
_LEFT = [_AT["ShoulderLeft"], _AT["HipLeft"]]
_RIGHT = [_AT["ShoulderRight"], _AT["HipRight"]]
_NECK = _AT["ShoulderCenter"]


class CoordinateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the coordinates follow people. Times are time constants of a first-order low-pass."""

    origin_s: float = 2.0
    """Time constant of the origin."""
    facing: bool = True
    """Whether the axes turn with the person. False keeps the camera's axes, for sets whose people
    face the camera."""
    facing_s: float = 1.5
    """Time constant of the facing."""
    size_s: float = 5.0
    """Time constant of the size."""
    pitch_deg: float = 0.0
    """The angle by which the camera looks down. It is undone first, so that y points up."""

    def upright(self, joints_m: FloatArray) -> FloatArray:
        """Rotate joints (T, J, 3) to the axes of a level camera."""
        angle = np.deg2rad(self.pitch_deg)
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        x, y, z = joints_m[..., 0], joints_m[..., 1], joints_m[..., 2]
        return np.stack([x, y * cos - z * sin, z * cos + y * sin], axis=-1)


def low_passed(values: FloatArray, usable: BoolArray, gain: np.float32) -> FloatArray:
    """Low-pass `values` (T, D) from the first usable one on. Unusable ones are skipped."""
    first = int(np.argmax(usable)) if usable.any() else 0
    now = values[first].copy()
    out = np.empty_like(values)
    for t, value in enumerate(values):
        if usable[t]:
            now = now + gain * (value - now)
        out[t] = now
    return out


def turned_to(joints_m: FloatArray, direction: FloatArray) -> FloatArray:
    """Rotate joints (T, J, 3) about y, so that x points along `direction` (T, 2), in (x, z)."""
    length = np.sqrt((direction * direction).sum(axis=1, keepdims=True))
    cos, sin = np.split(direction / np.maximum(length, np.float32(1e-6)), 2, axis=1)
    x, y, z = joints_m[..., 0], joints_m[..., 1], joints_m[..., 2]
    turned = np.stack([x * cos + z * sin, y, z * cos - x * sin], axis=2)
    return np.asarray(turned, np.float32)


def body_coordinates(
    joints_m: FloatArray, settings: CoordinateSettings, rate_hz: float
) -> FloatArray:
    """Express one person's joints, float32 (T, 20, 3), metres, in the person's own coordinates.

    x points to the body's right (or the camera's, see `CoordinateSettings`), y up. The origin is
    between the hips. The unit makes the torso 0.48 long. Origin, facing and size follow slowly, so
    that a walk or a turn stays visible.
    """
    gains = FeatureSettings(rate_hz=rate_hz)
    joints_m = settings.upright(joints_m)
    hips = joints_m[:, _HIPS].mean(axis=1)  # (T, 3)
    always = np.ones(len(joints_m), bool)
    origin = low_passed(hips, always, gains.gain(settings.origin_s))
    torso = np.linalg.norm(joints_m[:, _NECK] - hips, axis=1, keepdims=True)  # (T, 1)
    size = low_passed(torso, torso[:, 0] > 0.1, gains.gain(settings.size_s))
    scale = np.float32(TORSO_M) / np.maximum(size, np.float32(0.2))
    centred = (joints_m - origin[:, None]) * scale[:, None]
    if not settings.facing:
        return np.asarray(centred, np.float32)
    across = (joints_m[:, _RIGHT] - joints_m[:, _LEFT]).sum(axis=1)[:, [0, 2]]  # (T, 2)
    width = np.linalg.norm(across, axis=1, keepdims=True)
    unit = across / np.maximum(width, np.float32(1e-6))
    facing = low_passed(unit, width[:, 0] > 0.1, gains.gain(settings.facing_s))
    return turned_to(np.asarray(centred, np.float32), facing)


def displacement(positions: FloatArray, frames: int) -> FloatArray:
    """The movement during `frames` frames, (N, T, J, 3). The first pose is held before the clip."""
    at = np.maximum(np.arange(positions.shape[1]) - frames, 0)
    difference: FloatArray = positions - positions[:, at]
    return difference


SPEED_FRAMES = 2
"""Speed is measured over this many frames at 15 Hz (0.13 s). Over less it is mostly noise."""


def channels(
    positions: FloatArray, layout: ClipLayout, kinds: Sequence[str], rate_hz: float
) -> FloatArray:
    """Compute the network's input: positions (N, T, J, 3) to float32 (N, T, J, K).

    `kinds` are the channels in order: `place` (3), `bone`, the vector from the parent (3),
    `direction` of that bone without its length (3), `speed` (3), and `distance` to each anchor of
    the layout. Raises ValueError for another name.
    """
    bone = positions - positions[:, :, layout.parents]
    frames = max(round(SPEED_FRAMES * rate_hz / 15), 1)

    def channel(kind: str) -> FloatArray:
        if kind == "place":
            return positions
        if kind == "bone":
            return bone * np.float32(2)
        if kind == "direction":
            length = np.linalg.norm(bone, axis=-1, keepdims=True)
            return np.asarray(bone / (length + np.float32(_BONE_FLOOR_M)) * np.float32(0.5))
        if kind == "speed":
            return displacement(positions, frames) * np.float32(3)
        if kind == "distance":
            return distances(positions, layout)
        raise ValueError(f"no channel is called {kind!r}")

    return np.concatenate([channel(kind) for kind in kinds], axis=-1).astype(np.float32)


def distances(positions: FloatArray, layout: ClipLayout) -> FloatArray:
    """The distance of each joint to each anchor, (N, T, J, anchors).

    With two actors, to the anchors of the other one.
    """
    if layout.swap is None:
        apart = positions[:, :, :, None] - positions[:, :, None, layout.anchors]
        return np.asarray(np.linalg.norm(apart, axis=-1), np.float32)
    half = len(layout.joints) // 2
    own, other = positions[:, :, :half, None], positions[:, :, half:, None]
    to_other = own - positions[:, :, None, layout.swap[layout.anchors]]
    to_own = other - positions[:, :, None, layout.anchors]
    both = np.concatenate([to_other, to_own], axis=2)
    return np.asarray(np.linalg.norm(both, axis=-1), np.float32)


def channels_per_joint(layout: ClipLayout, kinds: Sequence[str]) -> int:
    """The number of channels K that `channels` computes for each joint."""
    if not kinds:
        return 0
    blank = np.zeros((1, 1, len(layout.joints), 3), np.float32)
    return int(channels(blank, layout, kinds, 15.0).shape[-1])


def body_channels(layout: ClipLayout, kinds: Sequence[str]) -> list[list[int]]:
    """The channels x, y, z of each kind that moves with the whole body: places and speeds."""
    starts = {kind: channels_per_joint(layout, kinds[:i]) for i, kind in enumerate(kinds)}
    moving = [starts[kind] for kind in ("place", "speed") if kind in starts]
    return [[start, start + 1, start + 2] for start in moving]
