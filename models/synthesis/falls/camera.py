"""Puts simulated people before a depth camera: place, direction, noise, and hidden joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.features import FloatArray
from models.synthesis.falls.body.hinges import Floats
from models.synthesis.falls.motion.key_poses import Rng
from models.synthesis.falls.motion.pose_fitting import smoothed
from models.synthesis.falls.motion.rotations import about
from sensor.skeleton import KINECT_V2

FLOOR_M = (-1.5, -0.5)
"""Range of the floor's y: the camera hangs or stands at 0.5 to 1.5 m."""
DISTANCE_M = (1.9, 4.3)
NEAREST_M, FARTHEST_M = 1.0, 5.5
WIDTH = 0.7
"""Greatest distance from the middle of the picture, as a share of the depth (Kinect v2: 70°)."""
_VIEWS = 12
"""A person who leaves the picture is placed anew at most this often."""
_J = KINECT_V2.index
_BONES = np.array([(a, b) for a, b in KINECT_V2.bones])
_TRUNK = {_J[n] for n in ("SpineBase", "SpineMid", "SpineShoulder", "Neck", "Head")}
_RADII_M = np.array([0.11 if {a, b} <= _TRUNK else 0.05 for a, b in KINECT_V2.bones])
BEHIND_M = 0.08
"""A joint is hidden by a bone that is at least this much nearer to the camera."""


@dataclass(frozen=True)
class Noise:
    """Standard deviations in metres of a joint's error at 3 m: white, slow, and when hidden."""

    white: float
    slow: float
    hidden: float


def draw_noise(rng: Rng) -> Noise:
    """A camera's noise, between that of a good view and that of a bad one."""
    size = float(np.exp(rng.uniform(np.log(0.5), np.log(1.8))))
    return Noise(0.004 * size, 0.008 * size, 0.02 * size)


def seen(rng: Rng, joints: Floats) -> FloatArray:
    """Joints (T, 25, 3) of the simulation, z up, as float32 (T, 25, 3) in camera space."""
    for _ in range(_VIEWS):
        placed = _placed(rng, joints)
        wide = np.abs(placed[..., 0]) / placed[..., 2]
        if wide.max() < WIDTH and placed[..., 2].max() < FARTHEST_M:
            break
    return _with_noise(rng, placed, draw_noise(rng)).astype(np.float32)


def _placed(rng: Rng, joints: Floats) -> Floats:
    """Joints (T, 25, 3) of the simulation in camera space, somewhere before a camera."""
    turned = joints @ about(2, rng.uniform(-np.pi, np.pi)).T
    placed: Floats = turned[..., [1, 2, 0]]
    distance = rng.uniform(*DISTANCE_M)
    placed = placed - placed[:, 0].mean(axis=0) * (1, 0, 1)
    placed += (distance * rng.uniform(-0.3, 0.3), rng.uniform(*FLOOR_M), distance)
    placed[..., 2] += max(NEAREST_M - float(placed[..., 2].min()), 0)
    return placed


def hidden(joints_m: Floats) -> Floats:
    """How many frames' joints (T, 25), 0 or 1, are behind another bone, seen from the origin."""
    start, end = joints_m[:, _BONES[:, 0]], joints_m[:, _BONES[:, 1]]
    found = np.zeros(joints_m.shape[:2])
    for joint in range(joints_m.shape[1]):
        place = joints_m[:, None, joint]
        depth = np.linalg.norm(place, axis=2)
        ray = place / depth[..., None]
        near, gap = _nearest(ray, start, end)
        others = np.all(joint != _BONES, axis=1)
        behind = (gap < _RADII_M) & (near < depth - BEHIND_M) & others
        found[:, joint] = np.any(behind, axis=1)
    return found


def _nearest(ray: Floats, start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Depth along a ray (T, 1, 3) from the origin and distance (T, B) of bones, by five points."""
    best, depth = np.full(start.shape[:2], np.inf), np.full(start.shape[:2], np.inf)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9):
        point = start + share * (end - start)
        along = (point * ray).sum(axis=2)
        gap = np.linalg.norm(point - along[..., None] * ray, axis=2)
        depth = np.where(gap < best, along, depth)
        best = np.minimum(gap, best)
    return depth, best


def _with_noise(rng: Rng, joints_m: Floats, noise: Noise) -> Floats:
    shape = joints_m.shape
    far = np.linalg.norm(joints_m, axis=2, keepdims=True) / 3
    size = noise.slow + noise.hidden * smoothed(hidden(joints_m), 5)[..., None]
    slow = smoothed(rng.normal(0, 1, shape), 7)
    slow /= max(float(slow.std()), 1e-9)
    found: Floats = joints_m + far * (size * slow + noise.white * rng.normal(0, 1, shape))
    return found
