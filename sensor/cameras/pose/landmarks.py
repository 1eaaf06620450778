"""A pose estimator's landmarks, and their conversion to the joints of the canonical layout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.landmarks import JOINT_LANDMARKS, LANDMARKS
from sensor.skeleton import KINECT_V2, FloatArray

MIDPOINTS: dict[str, tuple[str, ...]] = {
    "SpineBase": ("HipLeft", "HipRight"),
    "SpineShoulder": ("ShoulderLeft", "ShoulderRight"),
    "SpineMid": ("SpineBase", "SpineShoulder"),
    "Neck": ("SpineShoulder", "Head"),
}
"""The trunk's inner joints, which no surface shows, as the same means of joints around them."""

BONE_SHARES: dict[tuple[str, str], float] = {
    ("ShoulderLeft", "ElbowLeft"): 0.186,
    ("ElbowLeft", "WristLeft"): 0.146,
    ("ShoulderRight", "ElbowRight"): 0.186,
    ("ElbowRight", "WristRight"): 0.146,
    ("HipLeft", "KneeLeft"): 0.245,
    ("KneeLeft", "AnkleLeft"): 0.246,
    ("HipRight", "KneeRight"): 0.245,
    ("KneeRight", "AnkleRight"): 0.246,
    ("ShoulderLeft", "HipLeft"): 0.288,
    ("ShoulderRight", "HipRight"): 0.288,
}
"""Lengths as shares of body height (Winter, Biomechanics and Motor Control of Human Movement)."""

_AT = {name: i for i, name in enumerate(LANDMARKS)}
_PRESENT = 0.5


@dataclass(frozen=True, eq=False)
class Pose:
    """One person in one picture, in the J joints of the canonical layout.

    `pixels` float32 (J, 2) are the joints in the picture, x to its right and y down. `world_m`
    float32 (J, 3) is the estimator's own 3D, in metres from the midpoint of the hips, x to the
    picture's right, y down, z away from the camera. `confidence` float32 (J,) is 0 for a joint that
    the picture does not show.
    """

    pixels: FloatArray
    world_m: FloatArray
    confidence: FloatArray


def pose_of(
    pixels: FloatArray, world_m: FloatArray, visibility: FloatArray, presence: FloatArray
) -> Pose:
    """Return a `Pose` of 33 landmarks: pixels (33, 2), world_m (33, 3), and two scores (33,) 0–1.

    A landmark with a presence below 0.5 is outside the picture and missing; else its confidence is
    its visibility. A joint has the lowest confidence of its landmarks.
    """
    sure = np.where(presence >= _PRESENT, np.maximum(visibility, 0.01), 0.0)
    count = len(KINECT_V2.joints)
    pose = Pose(*(np.zeros((count, *end), np.float32) for end in ((2,), (3,), ())))
    for name, parts in JOINT_LANDMARKS.items():
        joint, picks = KINECT_V2.index[name], [_AT[part] for part in parts]
        pose.pixels[joint] = pixels[picks].mean(axis=0)
        pose.world_m[joint] = world_m[picks].mean(axis=0)
        pose.confidence[joint] = sure[picks].min()
    return pose


def bone_pairs() -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the bones of `BONE_SHARES` as joint indices (B, 2), and their shares (B,)."""
    pairs = [[KINECT_V2.index[name] for name in bone] for bone in BONE_SHARES]
    return np.array(pairs, np.intp), np.array(list(BONE_SHARES.values()))


def body_height_m(points_m: NDArray[np.float64], seen: NDArray[np.bool_]) -> float | None:
    """Return a person's height by their bones; None if no bone is seen.

    `points_m` is (J, 3), `seen` (J,).
    """
    pairs, shares = bone_pairs()
    there = seen[pairs].all(axis=1)
    if not there.any():
        return None
    lengths = np.linalg.norm(points_m[pairs[:, 0]] - points_m[pairs[:, 1]], axis=1)
    return float(np.median(lengths[there] / shares[there]))


def one_each(poses: list[Pose]) -> list[Pose]:
    """Return the poses without duplicates of one person; the most confident one is kept.

    Two poses are the same person if the median distance of their joints is less than a tenth of the
    person's size in the picture.
    """
    kept: list[Pose] = []
    for pose in sorted(poses, key=lambda p: -float(p.confidence.sum())):
        if not any(_same(pose, other) for other in kept):
            kept.append(pose)
    return kept


def _same(a: Pose, b: Pose) -> bool:
    both = (a.confidence > 0) & (b.confidence > 0)
    if not both.any():
        return False
    size = float(np.ptp(b.pixels[both], axis=0).max())
    apart = np.linalg.norm(a.pixels[both] - b.pixels[both], axis=1)
    return float(np.median(apart)) < 0.1 * size
