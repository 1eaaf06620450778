"""What people do on the floor: they lie, move a little, and get up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.synthesis.falls.body.hinges import HINGES, ROOT, Floats
from models.synthesis.falls.body.simulator import GUIDE_S, Plan, Simulator
from models.synthesis.falls.motion.grounding import grounded
from models.synthesis.falls.motion.key_poses import (
    UP_FROM_BACK,
    UP_FROM_FRONT,
    UP_FROM_SIDE,
    KeyPose,
    Rng,
    mirrored,
)
from models.synthesis.falls.motion.paths import facing_like, held, path, pose_of, restless, way
from models.synthesis.falls.motion.rotations import matrix

_FIRST_S = 0.8
"""Time of the first key pose, before the person's own pace."""


def guided(poses: Floats) -> Plan:
    """The plan of a body that follows poses (T, 35) and keeps its balance."""
    tone = np.ones((len(poses), len(HINGES)))
    return Plan(poses, tone, np.full(len(poses), GUIDE_S))


def lie_still(rng: Rng, simulator: Simulator, frames: int) -> Floats:
    """Poses (T, 35) of a relaxed body that moves a little on the floor."""
    lying = restless(rng, held(simulator.pose, frames), float(rng.uniform(2, 14)))
    tone = np.full((frames, len(HINGES)), rng.uniform(0.08, 0.3))
    return simulator.run(Plan(lying, tone, np.zeros(frames)))


def get_up(rng: Rng, simulator: Simulator) -> tuple[Floats, int]:
    """Poses (T, 35) of a lying body that gets up, and how many frames at the end it stands."""
    start = simulator.pose
    keys = _way_up(rng, start)
    pace = float(np.exp(np.clip(rng.normal(0.1, 0.3), -0.3, 0.8)))
    seconds = [_FIRST_S * pace, *(pace * rng.uniform(0.6, 1.2, len(keys) - 1))]
    rising = path(rng, start, keys, seconds, facing_like(start, keys[0]))
    standing = int(rng.integers(12, 45))
    rising = np.concatenate((rising, restless(rng, held(rising[-1], standing), 2.0)))
    rising = grounded(simulator.humanoid, rising, (start[0], start[1]))
    ramp = np.clip(np.arange(len(rising)) / 12, 0.15, 1)[:, None]
    plan = guided(rising)
    return simulator.run(replace(plan, tone=plan.tone * ramp)), max(standing - 6, 5)


def _way_up(rng: Rng, start: Floats) -> list[KeyPose]:
    """Key poses from a lying pose (35,) to standing, on the side that is nearer."""
    forward = matrix(start[3:ROOT])[2, 0]
    ways = UP_FROM_BACK if forward > 0.5 else UP_FROM_FRONT if forward < -0.5 else UP_FROM_SIDE
    keys = way(rng, ways[rng.integers(len(ways))])
    other = [mirrored(key) for key in keys]
    return min((keys, other), key=lambda some: _turning(start, some))


def _turning(pose: Floats, keys: Sequence[KeyPose]) -> float:
    """How far, 0 to 1, the pelvis turns from a pose (35,) to the first key pose."""
    stop = pose_of(keys[0], facing_like(pose, keys[0]))
    return float(1 - np.abs(stop[3:ROOT] @ pose[3:ROOT]))
