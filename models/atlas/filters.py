"""A filter drawn on a body: as a displaced pose, and as velocities of joints."""

from __future__ import annotations

import numpy as np

from models.features import FloatArray

LONGEST_M = 0.25
"""The longest displacement of a drawn filter, in metres. Chosen by hand: it is seen at a glance,
and arms stay shorter than arms."""


def displacement_scale(weights: FloatArray) -> float:
    """Metres for each unit of weight that make the longest displacement `LONGEST_M`.

    `weights` (J, 3, taps) are those of one filter for positions. 0 for a filter of zeros.
    """
    longest = float(np.sqrt(np.square(weights).sum(axis=1)).max())
    return LONGEST_M / longest if longest > 0 else 0.0


def displaced(pose_m: FloatArray, weights: FloatArray, scale: float) -> FloatArray:
    """A pose (J, 3) displaced by a filter (J, 3, taps), frame by frame: (taps, J, 3).

    A linear unit answers most to the input that is a multiple of its own weights, among all of the
    same norm (Cauchy-Schwarz inequality). So this is the movement that excites it most.
    """
    moved: FloatArray = pose_m + np.moveaxis(weights, 2, 0) * np.float32(scale)
    return moved


def velocities(weights: FloatArray, rate_hz: float) -> FloatArray:
    """The answer's gain from a steady movement of each joint along each axis: (J, 3).

    In units for each metre per second. The movement passes the joint's usual place in the middle
    of the filter, so that a place alone adds nothing.
    """
    taps = weights.shape[2]
    time_s = (np.arange(taps) - (taps - 1) / 2) / rate_hz
    return np.asarray(weights @ time_s, np.float32)
