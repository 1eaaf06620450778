"""Motions made for the tests of simulated falls: a person who stands, and one who walks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.synthesis.falls.motion.pose_fitting import fit_poses
from models.synthesis.falls.motion.real_motion import Motion, RealMotions
from sensor.skeleton import KINECT_V2
from tests.builders import pose


def standing(frames: int = 60) -> np.ndarray:
    """A standing person, float32 (T, 25, 3)."""
    return np.repeat(pose()[None], frames, axis=0)


def walking(frames: int = 120) -> np.ndarray:
    """A person who comes towards the camera at 1.2 m/s, float32 (T, 25, 3)."""
    joints = standing(frames)
    times = np.arange(frames) / 30
    joints[..., 2] += 6 - 1.2 * times[:, None]
    for side, sign in (("Left", 1), ("Right", -1)):
        swing = sign * 0.35 * np.sin(2 * np.pi * 0.9 * times)
        for name, share in (("Knee", 0.5), ("Ankle", 1.0), ("Foot", 1.0), ("Wrist", -0.5)):
            joints[:, KINECT_V2.index[name + side], 2] += share * swing
    return joints.astype(np.float32)


def motions() -> RealMotions:
    stands = Motion(fit_poses(standing()), "utd_mhad/1/stand", False)
    walks = Motion(fit_poses(walking()), "cmu_mocap_parts/1/walk", False)
    return RealMotions((stands,), (walks,), (walks,))


def write_sets(folder: Path) -> None:
    """Write the two clip sets that a simulation needs."""
    for name, label, joints in (
        ("utd_mhad", "stand", standing()),
        ("cmu_mocap_parts", "walk", walking(180)),
    ):
        np.savez(
            folder / f"{name}.npz",
            xyz=joints,
            joints=np.array(KINECT_V2.joints),
            start=np.array([0, len(joints)]),
            label=np.array([0]),
            names=np.array([label]),
            subject=np.array([1]),
            clip=np.array([f"{label}.mat"]),
        )
