"""Paths of poses: from a pose through key poses, at a person's own pace."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.synthesis.falls.body.hinges import ROOT, Floats
from models.synthesis.falls.body.simulator import RATE_HZ
from models.synthesis.falls.motion.key_poses import KEYS, KeyPose, Rng, mirrored, varied
from models.synthesis.falls.motion.pose_fitting import smoothed
from models.synthesis.falls.motion.rotations import about, aligned, quaternions

LYING_DEG = 50
"""Pitch or roll of the pelvis above which a key pose lies."""


def way(rng: Rng, names: Sequence[str]) -> list[KeyPose]:
    """The named key poses as one person takes them, on either side."""
    keys = [varied(rng, KEYS[name]) for name in names]
    return [mirrored(key) for key in keys] if rng.random() < 0.5 else keys


def path(
    rng: Rng, start: Floats, keys: Sequence[KeyPose], seconds: Sequence[float], facing: float
) -> Floats:
    """Poses (T, 35) from `start` (35,) through `keys`, each reached after its `seconds`.

    `facing` is the direction of the first key in radians; a key's turn counts from there. To and
    from a lying pose the body turns as little as it can. The place of the root is left to
    `grounded`.
    """
    stops, lying = [start], True
    for number, key in enumerate(keys):
        lay, lying = lying, max(abs(key.pitch_deg), abs(key.roll_deg)) > LYING_DEG
        if number and (lay or lying):
            facing = facing_like(stops[-1], key)
        stops.append(pose_of(key, facing))
    turns = aligned(np.array([stop[3:ROOT] for stop in stops]))
    angles = np.array([stop[ROOT:] for stop in stops])
    frames = [max(2, round(s * RATE_HZ)) for s in seconds]
    share = np.concatenate([_eased(rng, count) + i for i, count in enumerate(frames)])
    at, where = np.arange(len(stops)), np.minimum(share, len(keys))
    found = np.zeros((len(where), len(start)))
    for values, part in ((turns, slice(3, ROOT)), (angles, slice(ROOT, None))):
        columns = [np.interp(where, at, values[:, i]) for i in range(values.shape[1])]
        found[:, part] = np.stack(columns, axis=1)
    found[:, 3:] = smoothed(found[:, 3:], 2 * (min(frames) // 4) + 3)
    found[:, 3:ROOT] /= np.linalg.norm(found[:, 3:ROOT], axis=1, keepdims=True)
    return found


def held(pose: Floats, frames: int) -> Floats:
    """A pose (35,) held for some frames, (T, 35)."""
    return np.tile(pose, (frames, 1))


def restless(rng: Rng, poses: Floats, degrees: float) -> Floats:
    """Poses (T, 35) with slow small movements of all hinges."""
    knots = max(3, len(poses) // 20 + 2)
    drift = rng.normal(0, np.deg2rad(degrees), (knots, poses.shape[1] - ROOT))
    drift[0] = 0
    times = np.linspace(0, knots - 1, len(poses))
    found = poses.copy()
    for i, column in enumerate(drift.T):
        found[:, ROOT + i] += smoothed(np.interp(times, np.arange(knots), column), 9)
    return found


def facing_like(pose: Floats, key: KeyPose) -> float:
    """The direction for `key` that needs the least turning from `pose` (35,)."""
    options = np.linspace(-np.pi, np.pi, 72, endpoint=False)
    turns = np.array([pose_of(key, angle)[3:ROOT] for angle in options])
    return float(options[np.argmax(np.abs(turns @ pose[3:ROOT]))])


def pose_of(key: KeyPose, facing: float) -> Floats:
    """The pose (35,) of a key that faces this direction, with its root at the origin."""
    turn = about(2, facing + np.deg2rad(key.turn_deg))
    turn = turn @ about(1, np.deg2rad(key.pitch_deg)) @ about(0, np.deg2rad(key.roll_deg))
    return np.concatenate((np.zeros(3), quaternions(turn[None])[0], key.hinges))


def _eased(rng: Rng, frames: int) -> Floats:
    """Shares 0 to 1 (T,) of the way to the next key, between even and eased."""
    even = np.arange(1, frames + 1) / frames
    ease = rng.uniform(0.3, 1)
    found: Floats = (1 - ease) * even + ease * (3 * even**2 - 2 * even**3)
    return found
