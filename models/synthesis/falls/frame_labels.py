"""The labels of simulated clips: when a fall starts, and when the body has come to rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.synthesis.falls.body.hinges import Floats
from models.synthesis.falls.body.simulator import RATE_HZ
from sensor.skeleton import KINECT_V2

BACKGROUND, FALL, LIE, GET_UP = range(4)
NAMES = ("background", "fall", "lie", "get_up")
"""Labels of frames, by number."""
_BASE, _SHOULDERS = KINECT_V2.index["SpineBase"], KINECT_V2.index["SpineShoulder"]
_TRUNK = [KINECT_V2.index[n] for n in ("SpineBase", "SpineMid", "SpineShoulder", "Head")]
ONSET_M_S = 0.35
"""Downward speed of the shoulders or hips at which a fall has started."""
ONSET_FRAMES = 4
"""A fall starts at most this many frames before that speed is reached, and not before its cause."""
REST_M_S = 0.25
"""Mean speed of the trunk below which a body rests, if it stays so for `REST_FRAMES`."""
REST_FRAMES = 6
LOW_SHOULDERS, LOW_HIPS = 0.32, 0.2
"""Heights of shoulders and hips of a body that lies, as shares of its own height."""


@dataclass(frozen=True)
class Outcome:
    """The first frame of a fall, and the first at rest."""

    start: int
    rest: int


def fall_outcome(joints: Floats, cause: int, height_m: float) -> Outcome | None:
    """When the body of joints (T, 25, 3), z up, falls after frame `cause`; None if it stays up."""
    last = joints[-1]
    low = (last[_SHOULDERS, 2] < LOW_SHOULDERS * height_m) & (last[_BASE, 2] < LOW_HIPS * height_m)
    down = np.diff(-joints[:, [_BASE, _SHOULDERS], 2], axis=0).max(axis=1) * RATE_HZ
    fast = np.flatnonzero(down[cause:] > ONSET_M_S)
    if not low or not len(fast):
        return None
    start = max(cause, cause + int(fast[0]) - ONSET_FRAMES)
    rest = first_rest(joints, cause + int(fast[0]), height_m)
    return None if rest is None else Outcome(start, rest)


def first_rest(joints: Floats, after: int, height_m: float) -> int | None:
    """The first frame from `after` on at which a low body rests for `REST_FRAMES`, or None."""
    speed = np.linalg.norm(np.diff(joints[:, _TRUNK], axis=0), axis=2).mean(axis=1) * RATE_HZ
    low = joints[1:, _SHOULDERS, 2] < LOW_SHOULDERS * height_m
    still = (speed < REST_M_S) & low
    for frame in range(after, len(still) - REST_FRAMES):
        if still[frame : frame + REST_FRAMES].all():
            return frame + 1
    return None
