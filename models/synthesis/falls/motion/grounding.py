"""Puts poses on the floor: the lowest point touches it, and what touches it does not slide."""

from __future__ import annotations

import numpy as np

from models.synthesis.falls.body.hinges import Floats
from models.synthesis.falls.body.humanoid import Humanoid, within_range
from models.synthesis.falls.motion.pose_fitting import smoothed

REAL_LEG_M = 0.95
"""Height of the hips of the recorded walkers."""
_TOUCH_M = 0.015
"""Height at which a point's hold on the floor has fallen to 1/e."""


def grounded(
    humanoid: Humanoid,
    poses: Floats,
    start: tuple[float, float] = (0, 0),
    real_steps: bool = False,
) -> Floats:
    """Poses (T, 35) with a new place of the root; the first is above `start`.

    With `real_steps` the root moves over the floor as it was recorded, by the length of the legs.
    """
    found = within_range(poses)
    steps = np.diff(poses[:, :2], axis=0) * humanoid.shape.leg / REAL_LEG_M
    found[:, :3] = 0
    points = humanoid.floor_points(found)
    lowest = points[:, :, 2].min(axis=1)
    if not real_steps:
        steps = -_slide(points, lowest)
    found[1:, :2] = np.cumsum(steps, axis=0)
    found[:, :2] += start
    found[:, 2] = smoothed(-lowest)
    return found


def _slide(points: Floats, lowest: Floats) -> Floats:
    """How far (T - 1, 2) the points (T, P, 3) that touch the floor move from frame to frame."""
    hold = np.exp(-(points[:, :, 2] - lowest[:, None]) / _TOUCH_M)
    both = np.sqrt(hold[1:] * hold[:-1])
    steps = np.diff(points[:, :, :2], axis=0)
    found: Floats = (both[:, :, None] * steps).sum(axis=1) / both.sum(axis=1)[:, None]
    return found
