"""Idle motion, labelled background: swaying, fidgeting, and steps to another place."""

from __future__ import annotations

import numpy as np

from models.augmentation.bodies import random_rotations
from models.augmentation.limbs import transplant_limbs
from models.features import JOINT, FloatArray
from models.motion import minimum_jerk, smooth_noise

_BODY_SWAY_M = np.array([0.01, 0.002, 0.01], np.float32)
"""Standard deviation of the body's sway along x, y and z, in metres. Chosen by hand."""
_BODY_SWAY_FRAMES, _JOINT_SWAY_FRAMES = 45, 8
"""Frames over which the sway of the body and of each joint changes. Chosen by hand."""
_JOINT_SWAY_M = np.float32(0.004)
"""Standard deviation of each joint's own sway, in metres. Chosen by hand."""
_SWAY_FADE_FRAMES = np.float32(15)
"""Frames over which the sway fades in, so that no joint jumps."""


def sway(rng: np.random.Generator, pose: FloatArray, frames: int) -> FloatArray:
    """A person who stands still and sways around a pose (18, 3): float32 (frames, 18, 3)."""
    body = smooth_noise(rng, (frames, 1, 3), _BODY_SWAY_FRAMES) * _BODY_SWAY_M
    joints = smooth_noise(rng, (frames, len(pose), 3), _JOINT_SWAY_FRAMES) * _JOINT_SWAY_M
    fade = np.minimum(np.arange(frames)[:, None, None] / _SWAY_FADE_FRAMES, 1)
    swayed: FloatArray = pose + (body + joints) * fade
    return swayed


def fidget(rng: np.random.Generator, pose_m: FloatArray) -> FloatArray:
    """An arm movement without a name, from a pose (18, 3) and back: float32 (T, 18, 3).

    Each arm takes part with a probability of 0.7. Moving there, staying and moving back take up to
    one second each.
    """
    aim = pose_m
    for side in ("Left", "Right"):
        if rng.random() < 0.7:
            aim = _turn_arm(rng, aim, side)
    there = minimum_jerk(pose_m, aim, int(rng.integers(8, 30)))
    stay = sway(rng, aim, int(rng.integers(2, 30)))
    back = minimum_jerk(aim, pose_m, int(rng.integers(8, 30)))
    return np.concatenate([there, stay, back])


def _turn_arm(rng: np.random.Generator, pose_m: FloatArray, side: str) -> FloatArray:
    """Turn an arm at random at its shoulder, and its forearm at its elbow; pose (18, 3)."""
    shoulder, elbow, wrist, hand = (
        JOINT[f"{j}{side}"] for j in ("Shoulder", "Elbow", "Wrist", "Hand")
    )
    out = pose_m.copy()
    for pivot, degrees, moved in (
        (shoulder, 60.0, [elbow, wrist, hand]),
        (elbow, 45.0, [wrist, hand]),
    ):
        turn = random_rotations(rng, 1, degrees)[0]
        out[moved] = (out[moved] - out[pivot]) @ turn + out[pivot]
    return out


_LEGS, _ARMS = ("LegLeft", "LegRight"), ("ArmLeft", "ArmRight")


def take_steps(rng: np.random.Generator, walks: list[FloatArray], pose_m: FloatArray) -> FloatArray:
    """A few steps in a random direction, 0.4 to 1 s, float32 (T, 18, 3).

    A random section of one of the `walks` (frames, 18, 3) moves the legs of a body (18, 3). Half
    of the time it moves the arms as well, otherwise they keep their pose. The body travels at 0.4
    to 1.4 m/s on average, slow at both ends.
    """
    walk = walks[rng.integers(len(walks))]
    frames = min(int(30 * rng.uniform(0.4, 1.0)), len(walk))
    start = rng.integers(len(walk) - frames + 1)
    limbs = _LEGS + (_ARMS if rng.random() < 0.5 else ())
    joints = np.repeat(pose_m[None], frames, axis=0)
    joints = transplant_limbs(joints, walk[start : start + frames], limbs)
    angle, far_m = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 1.4) * frames / 30
    part = np.linspace(0, 1, frames)
    gone_m = far_m * part * part * (3 - 2 * part)
    way = gone_m[:, None] * np.array([np.cos(angle), 0, np.sin(angle)])
    return np.asarray(joints + way[:, None], np.float32)
