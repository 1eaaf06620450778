"""Tells whether limbs move as fast as those of people, so that a wrong frame rate shows.

The thresholds are from clips of UTD-MHAD, PRECOG, Kinder-Gator, UI-PRMD, MSR-Action3D and NW-UCLA.
At their true rates at most 1 clip in 100 is called implausible. At four times the rate most are, at
twice or a quarter of it some.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray, Frame

LIMBS = ("WristLeft", "WristRight", "AnkleLeft", "AnkleRight")
HIPS = ("HipLeft", "HipRight")
MOST_FRAMES = 10_000
"""Only the first frames of a long recording are looked at."""
FEWEST_STEPS = 15
"""Fewer steps from frame to frame do not show how fast somebody moves."""
STEP_S = 1 / 30
"""Speeds are measured over at least this time, if frames are that close."""
FASTEST_M_S, FAST_SHARE = 8.0, 90
"""In this percentage of frames no limb of a person is faster, relative to the hips."""
SLOWEST_M_S, REACH_M = 0.5, 0.4
"""Somebody whose limbs move this far moves them faster than this at some moment."""


def pace_problem(frames: Sequence[Frame]) -> str | None:
    """Return how limbs move implausibly fast or slow, in one line; None if they do not.

    Frames must have one layout and be in order of time. Where frames are labelled, only those count
    that have a label, since the others may be rests between clips.
    """
    labelled = [frame for frame in frames[:MOST_FRAMES] if frame.truth is not None]
    speeds, reach_m = _motion(labelled or frames[:MOST_FRAMES])
    if len(speeds) < FEWEST_STEPS:
        return None
    often, top = float(np.percentile(speeds, FAST_SHARE)), float(speeds.max())
    if often > FASTEST_M_S:
        return f"limbs move implausibly fast ({often:.1f} m/s): is the frame rate too high?"
    if top < SLOWEST_M_S and reach_m > REACH_M:
        return f"limbs move implausibly slowly ({top:.2f} m/s): is the frame rate too low?"
    return None


def _motion(frames: Sequence[Frame]) -> tuple[NDArray[np.float64], float]:
    """Return the speeds of each body's fastest limb, and how far a limb reaches, in metres."""
    bodies: dict[int, list[tuple[int, FloatArray]]] = defaultdict(list)
    for frame in frames:
        index = frame.layout.index
        picks = [index[name] for name in (*LIMBS, *HIPS)]
        for body in frame.bodies:
            joints = np.where(body.confidence[picks, None] > 0, body.joints_m[picks], np.nan)
            bodies[body.id].append((frame.captured_ns, joints))
    found = [_motion_of(rows) for rows in bodies.values()]
    speeds = np.concatenate([speed for speed, _ in found] or [np.zeros(0)])
    return speeds, max((reach for _, reach in found), default=0.0)


def _motion_of(rows: list[tuple[int, FloatArray]]) -> tuple[NDArray[np.float64], float]:
    times_s = np.array([t_ns for t_ns, _ in rows]) / 1e9
    joints = np.stack([joints for _, joints in rows]).astype(np.float64)
    limbs = joints[:, : len(LIMBS)] - joints[:, len(LIMBS) :].mean(axis=1, keepdims=True)
    if len(rows) < 2:
        return np.zeros(0), 0.0
    apart = max(1, round(STEP_S / max(float(np.median(np.diff(times_s))), 1e-3)))
    step_s = times_s[apart:] - times_s[:-apart]
    distance = np.linalg.norm(limbs[apart:] - limbs[:-apart], axis=2)
    measured = np.isfinite(distance) & (step_s > 0)[:, None] & (step_s < 0.5)[:, None]
    fastest = np.where(measured, distance, 0).max(axis=1, initial=0) / np.maximum(step_s, 1e-3)
    seen = limbs[np.isfinite(limbs).all(axis=(1, 2))]
    reach = np.ptp(np.percentile(seen, [5, 95], axis=0), axis=0) if len(seen) else np.zeros((1, 3))
    return fastest[measured.any(axis=1)], float(np.linalg.norm(reach, axis=1).max())
