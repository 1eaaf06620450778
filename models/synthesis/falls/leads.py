"""What a person does before a fall: stands, walks, sits, or rises from a seat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.synthesis.falls.body.hinges import HINGES, Floats
from models.synthesis.falls.body.humanoid import Humanoid
from models.synthesis.falls.body.mjcf import Thing
from models.synthesis.falls.body.shape import BodyShape
from models.synthesis.falls.motion.grounding import grounded
from models.synthesis.falls.motion.key_poses import Rng
from models.synthesis.falls.motion.paths import held, path, restless, way
from models.synthesis.falls.motion.real_motion import RealMotions
from models.synthesis.falls.motion.rotations import heading
from models.synthesis.falls.triggers import RISE, SEAT, STAND, WALK, Setting

LEAD_FRAMES = 30, 65
"""Least and greatest number of frames before a fall."""
AFTER_FRAMES = 40
"""Frames of the motion that are kept after the start of the fall: the legs go on for a moment."""
_FEET, _ANKLES = [15, 19], [14, 18]


@dataclass(frozen=True, eq=False)
class Lead:
    """Poses (T, 35) on the floor, the frame `at` which the fall starts, and things on the floor.

    `source` names the recording of the motion; it is empty without one.
    """

    poses: Floats
    at: int
    source: str = ""
    things: tuple[Thing, ...] = ()


def draw_lead(rng: Rng, shape: BodyShape, motions: RealMotions, before: str) -> Lead:
    """Draw what a person of this shape does; `before` is a word such as `triggers.WALK`."""
    body = Humanoid(shape)
    at = int(rng.integers(LEAD_FRAMES[0], LEAD_FRAMES[1] + 1))
    if before in (SEAT, RISE):
        return _seated(rng, body, at, before)
    pool = motions.walking if before == WALK else motions.standing
    motion = pool[rng.integers(len(pool))]
    real = stretched(rng, motion.poses, at + AFTER_FRAMES)
    if before == STAND:
        real = restless(rng, real, 2.0)
    return Lead(grounded(body, real, real_steps=before == WALK), at, motion.source)


def stretched(rng: Rng, poses: Floats, frames: int) -> Floats:
    """A random stretch of poses (T, 35); one that is too short goes back and forth."""
    if len(poses) < frames:
        there_and_back = np.concatenate((poses, poses[-2:0:-1]))
        poses = np.concatenate([there_and_back] * (frames // len(there_and_back) + 1))
    start = int(rng.integers(0, len(poses) - frames + 1))
    return poses[start : start + frames]


def _seated(rng: Rng, body: Humanoid, at: int, before: str) -> Lead:
    """A person who sits, or one who rises from the seat."""
    upright = np.concatenate((np.zeros(3), (1, 0, 0, 0), np.zeros(len(HINGES))))
    start = path(rng, upright, way(rng, ["seat"]), [0.1], 0.0)[-1]
    poses = restless(rng, held(start, at + AFTER_FRAMES), 4.0)
    if before == RISE:
        keys = way(rng, ["lean_forward", "stand"])
        rise = path(rng, poses[at - 10], keys, rng.uniform(0.4, 0.9, 2).tolist(), 0.0)
        poses = np.concatenate((poses[: at - 10], rise, held(rise[-1], AFTER_FRAMES)))
        at = at - 10 + int(len(rise) * rng.uniform(0.5, 0.95))
    poses = grounded(body, poses)
    return Lead(poses[: at + AFTER_FRAMES], at, things=(seat_under(body, poses[0]),))


def seat_under(body: Humanoid, pose: Floats) -> Thing:
    """A seat under the thighs of a sitting pose (35,)."""
    s = body.shape
    top = float(pose[2]) - 0.058 * s.height * s.girth - 0.01
    facing = heading(pose)
    place = pose[:2] + 0.25 * s.thigh * np.array([np.cos(facing), np.sin(facing)])
    half = (0.48 * s.thigh, 0.15 * s.height, max(top, 0.05) / 2)
    return Thing(float(place[0]), float(place[1]), facing, half)


def setting_of(lead: Lead, shape: BodyShape, frames: int) -> Setting:
    """Return the setting of a trigger, for a fall of this many frames."""
    joints = Humanoid(shape).joints_of(lead.poses[lead.at : lead.at + 2])
    left, right = np.linalg.norm(joints[1, _ANKLES] - joints[0, _ANKLES], axis=1)
    swinging = "left" if left > right else "right"
    return Setting(shape, heading(lead.poses[lead.at]), swinging, frames)


def obstacle_ahead(shape: BodyShape, lead: Lead, height_m: float) -> Thing:
    """A box close before the feet."""
    pose = lead.poses[lead.at]
    feet = Humanoid(shape).joints_of(pose[None])[0, _FEET, :2]
    facing = heading(pose)
    ahead = np.array([np.cos(facing), np.sin(facing)])
    front = float((feet @ ahead).max()) + 0.06 * shape.height
    place = pose[:2] + (front - pose[:2] @ ahead + 0.15) * ahead
    return Thing(float(place[0]), float(place[1]), facing, (0.12, 0.5, height_m / 2))
