"""People of round limbs, rendered into depth images with numpy only.

Points have the picture's axes: x to its right, y down, z away, metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.cameras.pose.depth_lifting import Pinhole
from sensor.cameras.pose.landmarks import MIDPOINTS, Pose
from sensor.skeleton import KINECT_V2

AT = KINECT_V2.index
PINHOLE = Pinhole(615.0, 615.0, 320.0, 240.0)
SHAPE = (480, 640)
WALL_M = 5.0
FINGERS = ("HandTipLeft", "HandTipRight")

# Joint offsets of a person of 1.7 m in their own axes: x to their left, y down, z backwards.
STANDING = {
    "Head": (0.0, -0.68, -0.02), "ShoulderLeft": (0.19, -0.49, 0.0), "HipLeft": (0.10, 0.0, 0.0),
    "KneeLeft": (0.11, 0.42, -0.02), "AnkleLeft": (0.12, 0.83, 0.02),
    "FootLeft": (0.13, 0.88, -0.11),
}  # fmt: skip
ARM_M = (0.31, 0.25, 0.09)

# The limbs: from joint, to joint, radius at either end. They differ from the radii that lifting
# assumes, as people differ.
LIMBS = (
    ("Head", "Head", 0.098, 0.098), ("Neck", "Head", 0.06, 0.06),
    ("ShoulderLeft", "ShoulderRight", 0.07, 0.07), ("ShoulderLeft", "HipLeft", 0.07, 0.11),
    ("ShoulderRight", "HipRight", 0.07, 0.11), ("SpineShoulder", "SpineBase", 0.11, 0.12),
    ("HipLeft", "HipRight", 0.11, 0.11), ("ShoulderLeft", "ElbowLeft", 0.055, 0.045),
    ("ShoulderRight", "ElbowRight", 0.055, 0.045), ("ElbowLeft", "WristLeft", 0.045, 0.03),
    ("ElbowRight", "WristRight", 0.045, 0.03), ("WristLeft", "HandLeft", 0.03, 0.035),
    ("WristRight", "HandRight", 0.03, 0.035), ("HandLeft", "ThumbLeft", 0.02, 0.012),
    ("HandRight", "ThumbRight", 0.02, 0.012), ("HipLeft", "KneeLeft", 0.085, 0.06),
    ("HipRight", "KneeRight", 0.085, 0.06), ("KneeLeft", "AnkleLeft", 0.06, 0.042),
    ("KneeRight", "AnkleRight", 0.06, 0.042), ("AnkleLeft", "FootLeft", 0.042, 0.03),
    ("AnkleRight", "FootRight", 0.042, 0.03),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Person:
    """A person's true joints float64 (25, 3), and a factor for the radii of the limbs."""

    joints_m: NDArray[np.float64]
    stout: float = 1.0


def person(rng: np.random.Generator, distance_m: float, yaw_deg: float) -> Person:
    """Return a person at about `distance_m`, turned by `yaw_deg` (0: facing), with random arms."""
    joints = np.zeros((25, 3))
    for name, place in STANDING.items():
        for side, sign in (("Left", 1.0), ("Right", -1.0)):
            joints[AT[name.replace("Left", side)]] = np.array(place) * (sign, 1, 1)
    for side, sign in (("Left", 1.0), ("Right", -1.0)):
        _arm(rng, joints, side, sign)
    tall = rng.uniform(0.88, 1.12)
    turn = np.radians(yaw_deg)
    about = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    joints = joints * tall @ about.T + (rng.uniform(-0.3, 0.3) * distance_m / 2, 0.1, distance_m)
    return Person(fill(joints), float(tall * rng.uniform(0.85, 1.2)))


def _arm(rng: np.random.Generator, joints: NDArray[np.float64], side: str, sign: float) -> None:
    place = joints[AT[f"Shoulder{side}"]]
    for name, length in zip(("Elbow", "Wrist", "Hand"), ARM_M, strict=True):
        if name != "Hand":
            way = rng.normal((0.5 * sign, 0.3, -0.3), (0.4, 0.8, 0.4))
            way /= np.linalg.norm(way)
        place = place + length * way
        joints[AT[f"{name}{side}"]] = place
    joints[AT[f"Thumb{side}"]] = place + np.array((0.0, -0.04, 0.0))


def fill(joints: NDArray[np.float64]) -> NDArray[np.float64]:
    """Set the trunk's midpoints and return the joints."""
    for name, parts in MIDPOINTS.items():
        joints[AT[name]] = np.mean([joints[AT[part]] for part in parts], axis=0)
    return joints


def depth_of(
    people: list[Person], pinhole: Pinhole = PINHOLE, shape: tuple[int, int] = SHAPE
) -> NDArray[np.float32]:
    """Return a perfect depth image of people in front of a wall, float32 (H, W) metres."""
    depth = np.full(shape, WALL_M, np.float32)
    for one in people:
        for start, end, first, last in LIMBS:
            a, b = one.joints_m[AT[start]], one.joints_m[AT[end]]
            for share in np.linspace(0, 1, max(2, round(np.linalg.norm(b - a) / 0.012))):
                radius = one.stout * (first + share * (last - first))
                _sphere(depth, a + share * (b - a), radius, pinhole)
    return depth


def _sphere(
    depth: NDArray[np.float32], centre: NDArray[np.float64], radius: float, pinhole: Pinhole
) -> None:
    """Draw a ball: the nearer intersection of each pixel's ray with it."""
    reach = radius / (centre[2] - radius)
    left, right = (
        round(pinhole.cx + pinhole.fx * (centre[0] / centre[2] + side * reach)) for side in (-1, 1)
    )
    top, bottom = (
        round(pinhole.cy + pinhole.fy * (centre[1] / centre[2] + side * reach)) for side in (-1, 1)
    )
    left, top = max(left, 0), max(top, 0)
    part = depth[top : max(bottom, 0) + 1, left : max(right, 0) + 1]
    if not part.size:
        return
    x = (np.arange(left, left + part.shape[1]) - pinhole.cx) / pinhole.fx
    y = (np.arange(top, top + part.shape[0]) - pinhole.cy) / pinhole.fy
    square = x[None] ** 2 + y[:, None] ** 2 + 1
    along = x[None] * centre[0] + y[:, None] * centre[1] + centre[2]
    inside = along**2 - square * (centre @ centre - radius**2)
    z = np.where(inside > 0, (along - np.sqrt(np.maximum(inside, 0))) / square, np.inf)
    np.minimum(part, z.astype(np.float32), out=part)


def spoil(rng: np.random.Generator, depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return depth as a real camera gives it: noise that grows with depth, flying pixels, holes."""
    spoilt = depth + rng.normal(0, 0.0025, depth.shape).astype(np.float32) * depth**2
    jump = np.maximum(
        np.abs(np.diff(depth, axis=0, prepend=depth[:1])),
        np.abs(np.diff(depth, axis=1, prepend=depth[:, :1])),
    )
    edge = jump > 0.05
    # A pixel at an edge mixes both sides, or is a hole in the shadow of stereo.
    mixed = depth - rng.random(depth.shape, np.float32) * jump
    spoilt = np.where(edge, mixed, spoilt)
    for shift in (1, 2, 3):
        spoilt[:, shift:][edge[:, :-shift]] = 0
    for _ in range(60):
        y, x = rng.integers(0, depth.shape[0]), rng.integers(0, depth.shape[1])
        size = rng.integers(2, 14)
        spoilt[max(y - size, 0) : y + size, max(x - size, 0) : x + size] = 0
    spoilt[rng.random(depth.shape) < 0.03] = 0
    return spoilt.astype(np.float32)


def estimate(rng: np.random.Generator, one: Person, pinhole: Pinhole = PINHOLE) -> Pose:
    """Return an estimator's pose: small errors in pixels, larger ones in depth, wrong scale."""
    joints = one.joints_m
    pixels = np.stack(
        [
            pinhole.cx + pinhole.fx * joints[:, 0] / joints[:, 2],
            pinhole.cy + pinhole.fy * joints[:, 1] / joints[:, 2],
        ],
        axis=1,
    )
    pixel_m = joints[:, 2].mean() / pinhole.fx
    pixels += rng.normal(0, 0.01 / pixel_m, pixels.shape)
    world = (joints - joints[AT["SpineBase"]]) * rng.uniform(0.85, 1.1)
    world += rng.normal(0, (0.015, 0.015, 0.05), world.shape)
    sure = np.ones(len(joints), np.float32)
    sure[[AT[name] for name in FINGERS]] = 0
    return Pose(pixels.astype(np.float32), world.astype(np.float32), sure)
