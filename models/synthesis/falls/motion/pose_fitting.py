"""Recorded joints as poses of the simulated body: the direction of each bone becomes angles.

Lengths come from the simulated body, so any person's motion can be given to any body.
"""

from __future__ import annotations

import numpy as np

from models.synthesis.falls.body.hinges import HINGE_INDEX, HINGES, ROOT, Floats
from models.synthesis.falls.motion.rotations import quaternions
from sensor.skeleton import KINECT_V2, FloatArray

_J = KINECT_V2.index
SMOOTHING_FRAMES = 5
"""Width of the window that takes a sensor's noise from the angles."""


def fit_poses(joints_m: FloatArray) -> Floats:
    """Poses (T, 35) of joints (T, 25, 3) in camera space; the root's place is that of the hips."""
    world = np.asarray(joints_m, float)[..., [2, 0, 1]]
    hips = (world[:, _J["HipLeft"]] + world[:, _J["HipRight"]]) / 2
    shoulders = (world[:, _J["ShoulderLeft"]] + world[:, _J["ShoulderRight"]]) / 2
    up = smoothed(shoulders - hips)
    pelvis = _frames(up, smoothed(world[:, _J["HipLeft"]] - world[:, _J["HipRight"]]))
    chest = _frames(up, smoothed(world[:, _J["ShoulderLeft"]] - world[:, _J["ShoulderRight"]]))
    poses = np.zeros((len(world), ROOT + len(HINGES)))
    poses[:, :3], poses[:, 3:ROOT] = smoothed(hips), quaternions(pelvis)
    angles = {"trunk_turn": _turn(_back(pelvis, chest[:, :, 0]))}
    head = _back(chest, world[:, _J["Head"]] - shoulders)
    angles["neck_bend"] = 0.5 * np.arctan2(head[:, 0], head[:, 2])
    angles["neck_side"] = 0.5 * np.arctan2(-head[:, 1], head[:, 2])
    for side in ("Left", "Right"):
        angles |= _arm(world, chest, side) | _leg(world, pelvis, side)
    for name, values in angles.items():
        poses[:, ROOT + HINGE_INDEX[name]] = smoothed(np.unwrap(values))
    return poses


def smoothed(values: Floats, frames: int = SMOOTHING_FRAMES) -> Floats:
    """Values (T, ...) averaged twice over a window that shrinks to nothing at the ends."""
    if frames < 2 or len(values) < 2:
        return values
    half = frames // 2
    flat = values.reshape(len(values), -1)
    for _ in range(2):
        padded = np.concatenate((2 * flat[0] - flat[half:0:-1], flat,
                                 2 * flat[-1] - flat[-2 : -half - 2 : -1]))  # fmt: skip
        if len(padded) != len(flat) + 2 * half:
            return values
        total = np.cumsum(np.concatenate((np.zeros((1, flat.shape[1])), padded)), axis=0)
        flat = (total[2 * half + 1 :] - total[: -2 * half - 1]) / (2 * half + 1)
    return flat.reshape(values.shape)


def _unit(vectors: Floats) -> Floats:
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return found


def _frames(up: Floats, left: Floats) -> Floats:
    """Rotations (T, 3, 3) whose columns are forward, left and up."""
    z = _unit(up)
    x = _unit(np.cross(left, z))
    return np.stack((x, np.cross(z, x), z), axis=2)


def _back(frames: Floats, vectors: Floats) -> Floats:
    """Vectors (T, 3) in the axes of frames (T, 3, 3)."""
    found: Floats = np.einsum("tji,tj->ti", frames, vectors)
    return found


def _turn(forward: Floats) -> Floats:
    found: Floats = np.arctan2(forward[:, 1], forward[:, 0])
    return found


def _swing(bone: Floats, sign: int) -> tuple[Floats, Floats, Floats]:
    """Flexion and abduction (T,) of a bone that hangs down at rest, and the frames they make."""
    x, y, z = _unit(bone).T
    flex, out = np.arctan2(x, -z), np.arcsin(np.clip(sign * y, -1, 1))
    cf, sf, ca, sa = np.cos(flex), np.sin(flex), np.cos(out), sign * np.sin(out)
    zero = np.zeros_like(cf)
    frames = np.array([[cf, -sf * sa, -sf * ca], [zero, ca, -sa], [sf, cf * sa, cf * ca]])
    return flex, out, np.moveaxis(frames, 2, 0)


def _arm(world: Floats, chest: Floats, side: str) -> dict[str, Floats]:
    sign, name = (1 if side == "Left" else -1), side.lower()
    shoulder, elbow, wrist = (world[:, _J[f"{j}{side}"]] for j in ("Shoulder", "Elbow", "Wrist"))
    flex, out, frames = _swing(_back(chest, elbow - shoulder), sign)
    lower = _unit(_back(frames, _back(chest, wrist - elbow)))
    bend = np.arccos(np.clip(-lower[:, 2], -1, 1))
    twist = sign * np.arctan2(lower[:, 1], lower[:, 0]) * np.clip(bend / 0.6 - 0.3, 0, 1)
    return {
        f"{name}_shoulder_flex": flex, f"{name}_shoulder_out": out,
        f"{name}_shoulder_twist": twist, f"{name}_elbow": bend,
    }  # fmt: skip


def _leg(world: Floats, pelvis: Floats, side: str) -> dict[str, Floats]:
    sign, name = (1 if side == "Left" else -1), side.lower()
    hip, knee, ankle, foot = (
        world[:, _J[f"{joint}{side}"]] for joint in ("Hip", "Knee", "Ankle", "Foot")
    )
    flex, out, frames = _swing(_back(pelvis, knee - hip), sign)
    lower = _unit(_back(frames, _back(pelvis, ankle - knee)))
    bend = np.arccos(np.clip(-lower[:, 2], -1, 1))
    twist = np.arctan2(-lower[:, 1], -lower[:, 0]) * np.clip(bend / 0.6 - 0.5, 0, 1)
    twist = np.clip(twist, -0.7, 0.7)
    # The foot points straight ahead of the shin at rest, and level.
    sole = _back(pelvis, foot - ankle)
    shin_pitch = flex - bend
    level = np.arctan2(sole[:, 2], np.hypot(sole[:, 0], sole[:, 1])) + 0.3
    ankle_bend = np.clip(level * 0.5 - shin_pitch, -0.6, 0.4)
    return {
        f"{name}_hip_flex": flex, f"{name}_hip_out": out, f"{name}_hip_twist": sign * twist,
        f"{name}_knee": bend, f"{name}_ankle": ankle_bend,
    }  # fmt: skip
