"""Clip sets of people who walk, act and fall, made from a standing body."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.features import JOINT, TEMPLATE, FloatArray
from sensor.skeleton import KINECT_V2
from tests.builders import npz

WALK_M_S = 1.2


def standing(frames: int = 60, place_m: Sequence[float] = (0.0, 0.0, 3.0)) -> FloatArray:
    """A person who stands and faces the camera, float32 (T, 18, 3)."""
    return np.repeat(TEMPLATE[None] + np.float32(place_m), frames, axis=0).astype(np.float32)


def walking(frames: int = 90, turn: float = 0.0) -> FloatArray:
    """A person who walks straight on, to the camera if `turn` (radians) is 0."""
    joints = standing(frames, (0, 0, 0))
    swing = np.sin(2 * np.pi * np.arange(frames) / 30)
    for side, sign in (("Left", 1), ("Right", -1)):
        for joint, reach in (("Knee", 0.15), ("Ankle", 0.3), ("Foot", 0.3)):
            joints[:, JOINT[f"{joint}{side}"], 2] += sign * reach * swing
    joints[:, :, 2] -= (WALK_M_S * np.arange(frames) / 30)[:, None]
    c, s = np.cos(turn), np.sin(turn)
    x, y, z = np.moveaxis(joints, -1, 0)
    return np.stack([x * c - z * s, y, x * s + z * c + 3], axis=-1).astype(np.float32)


def raising(frames: int = 60, hand: str = "Right") -> FloatArray:
    """A person who raises a hand and lowers it."""
    joints = standing(frames)
    lift = np.sin(np.linspace(0, np.pi, frames))
    for joint, lift_m in (("Elbow", 0.3), ("Wrist", 0.8), ("Hand", 0.9)):
        joints[:, JOINT[f"{joint}{hand}"], 1] += lift_m * lift
    return joints


def write_set(
    path: Path,
    motions: Sequence[tuple[FloatArray, str, int]],
    frame_label: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
    view: Sequence[int] | None = None,
) -> None:
    """Write motions (joints, name, person) as a clip set of the joints that models read."""
    names = sorted({name for _, name, _ in motions}) if names is None else names
    arrays = {
        "xyz": np.concatenate([_all_joints(joints) for joints, _, _ in motions]),
        "joints": np.array(KINECT_V2.joints),
        "start": np.cumsum([0, *(len(joints) for joints, _, _ in motions)]),
        "label": np.array([names.index(name) for _, name, _ in motions]),
        "names": np.array(names),
        "subject": np.array([person for _, _, person in motions]),
    }
    if frame_label is not None:
        arrays["frame_label"] = np.array(frame_label)
    if view is not None:
        arrays["view"] = np.array(view)
    path.write_bytes(npz(arrays))


def _all_joints(joints_m: FloatArray) -> FloatArray:
    every = np.full((len(joints_m), len(KINECT_V2.joints), 3), np.nan, np.float32)
    for name, n in JOINT.items():
        every[:, KINECT_V2.index[name]] = joints_m[:, n]
    return every
