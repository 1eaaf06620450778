"""Idle motion between actions: swaying, fidgeting and steps aside."""

from __future__ import annotations

import numpy as np

from models.augmentation.bodies import small_turns
from models.augmentation.limbs import with_limbs_of
from models.features import JOINT, FloatArray
from models.motion import eased, smooth_noise


def sway(rng: np.random.Generator, pose: FloatArray, frames: int) -> FloatArray:
    """What standing still looks like: float32 (frames, 18, 3) about a pose."""
    body = smooth_noise(rng, (frames, 1, 3), 45) * np.array([0.01, 0.002, 0.01], np.float32)
    joints = smooth_noise(rng, (frames, len(pose), 3), 8) * np.float32(0.004)
    fade = np.minimum(np.arange(frames)[:, None, None] / np.float32(15), 1)
    swayed: FloatArray = pose + (body + joints) * fade
    return swayed


def fidget(rng: np.random.Generator, pose_m: FloatArray) -> FloatArray:
    """Arms go somewhere that has no name and come back: float32 (T, 18, 3) from a pose."""
    aim = pose_m
    for side in ("Left", "Right"):
        if rng.random() < 0.7:
            aim = _arm_turned(rng, aim, side)
    there = eased(pose_m, aim, int(rng.integers(8, 30)))
    stay = sway(rng, aim, int(rng.integers(2, 30)))
    back = eased(aim, pose_m, int(rng.integers(8, 30)))
    return np.concatenate([there, stay, back])


def _arm_turned(rng: np.random.Generator, pose_m: FloatArray, side: str) -> FloatArray:
    """The pose (18, 3) with an arm turned about its shoulder, and its forearm about the elbow."""
    shoulder, elbow, wrist, hand = (
        JOINT[f"{j}{side}"] for j in ("Shoulder", "Elbow", "Wrist", "Hand")
    )
    out = pose_m.copy()
    for pivot, degrees, moved in (
        (shoulder, 60.0, [elbow, wrist, hand]),
        (elbow, 45.0, [wrist, hand]),
    ):
        turn = small_turns(rng, 1, degrees)[0]
        out[moved] = (out[moved] - out[pivot]) @ turn + out[pivot]
    return out


_LEGS, _ARMS = ("LegLeft", "LegRight"), ("ArmLeft", "ArmRight")


def stepped(rng: np.random.Generator, walks: list[FloatArray], pose_m: FloatArray) -> FloatArray:
    """A few steps in any direction, float32 (T, 18, 3): the legs of a moment of one of the
    `walks` (frames, 18, 3) carry a body (18, 3) to another place; its arms hang on, or swing."""
    walk = walks[rng.integers(len(walks))]
    frames = min(int(30 * rng.uniform(0.4, 1.0)), len(walk))
    start = rng.integers(len(walk) - frames + 1)
    limbs = _LEGS + (_ARMS if rng.random() < 0.5 else ())
    joints = np.repeat(pose_m[None], frames, axis=0)
    joints = with_limbs_of(joints, walk[start : start + frames], limbs)
    angle, far_m = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 1.4) * frames / 30
    part = np.linspace(0, 1, frames)
    gone_m = far_m * part * part * (3 - 2 * part)
    way = gone_m[:, None] * np.array([np.cos(angle), 0, np.sin(angle)])
    return np.asarray(joints + way[:, None], np.float32)
