"""Walks of any length through a room, made of recorded walks with steered headings.

A recorded walk is taken apart into the pose relative to the hips and the heading, and the steps of
the hips. Played back, the heading turns towards random places of the room, so a walk of four
metres becomes minutes of walking in all directions. One walk follows another at the moment where
their poses fit best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.augmentation.limbs import FEET, HIPS
from models.features import JOINT, FloatArray

_LEFT = [JOINT["ShoulderLeft"], JOINT["HipLeft"]]
_RIGHT = [JOINT["ShoulderRight"], JOINT["HipRight"]]
_HEADING_FRAMES = 15
"""Frames over which the heading of a recorded walk is smoothed."""
_BLEND_FRAMES = 8
"""Frames over which one walk passes into the next. Chosen by hand."""
_SHORTEST_FRAMES = 30
"""Frames that a walk is played at least. Chosen by hand."""
_CHOICES = 4
"""Walks that are tried as the next one. Chosen by hand."""
_TURN_DEG_S = 80.0
"""Greatest turning speed while walking, degrees a second. Chosen by hand."""
_STEER_FRAMES = 8
"""Frames over which the turning speed changes. Chosen by hand."""
_NEAR_M = 0.5
"""A place is reached when the hips are this near, metres."""

Place = NDArray[np.float64]
"""A place (x, z) on the floor, metres in camera space."""
Room = tuple[tuple[float, float], tuple[float, float]]
"""Ranges of x and z in which places to walk to lie, metres in camera space."""
ROOM: Room = ((-1.4, 1.4), (1.6, 4.2))
"""The part of a room that a depth camera sees well."""


@dataclass(frozen=True, eq=False)
class Walk:
    """A walk without its place: poses (T, 18, 3), and the hips' steps (T, 2) by frame.

    Poses have the hips at x = z = 0, the lower foot at y = 0 in its lowest frame, and face the
    camera. Steps are (x, z) in the same axes, metres a frame.
    """

    poses_m: FloatArray
    steps_m: FloatArray


def headings(joints_m: FloatArray) -> FloatArray:
    """The angle (T,) by which a body (T, 18, 3) is turned from facing the camera, radians."""
    x, _, z = (joints_m[:, _RIGHT] - joints_m[:, _LEFT]).mean(axis=1).T
    return np.asarray(np.unwrap(np.arctan2(z, x)), np.float32)


def turned(joints_m: FloatArray, angles: FloatArray) -> FloatArray:
    """Joints (T, ..., 3) turned about the vertical axis through 0 by angles (T,), radians."""
    angles = angles.reshape(-1, *[1] * (joints_m.ndim - 2))
    c, s = np.cos(angles), np.sin(angles)
    x, y, z = np.moveaxis(joints_m, -1, 0)
    return np.stack([x * c - z * s, y, x * s + z * c], axis=-1).astype(np.float32)


def walk_of(joints_m: FloatArray) -> Walk:
    """Take a recorded walk (T, 18, 3) apart."""
    hips = joints_m[:, HIPS].mean(axis=1)
    kernel = np.ones(_HEADING_FRAMES) / _HEADING_FRAMES
    padded = np.pad(headings(joints_m), _HEADING_FRAMES // 2, mode="edge")
    heading = np.convolve(padded, kernel, "valid").astype(np.float32)
    floor = joints_m[:, FEET, 1].min()
    origin = np.stack([hips[:, 0], np.full(len(hips), floor), hips[:, 2]], axis=1)
    steps = np.diff(hips, axis=0, prepend=hips[:1])
    return Walk(
        turned(joints_m - origin[:, None].astype(np.float32), -heading),
        turned(steps, -heading)[:, [0, 2]],
    )


def stroll(
    rng: np.random.Generator, walks: Sequence[Walk], start_m: FloatArray, frames: int, room: Room
) -> FloatArray:
    """Walk through a room for `frames` frames from where a body (18, 3) stands: (frames, 18, 3).

    The first pose faces as the body does. The way goes to random places of the room.
    """
    poses, steps = _play(rng, walks, frames)
    hips = start_m[HIPS].mean(axis=0)
    at, way = np.array([hips[0], hips[2]], np.float64), np.empty((frames, 2))
    heading, rate = float(headings(start_m[None])[0]), 0.0
    headed = np.empty(frames, np.float32)
    goal = _place(rng, room, at)
    for n in range(frames):
        if np.hypot(*(goal - at)) < _NEAR_M:
            goal = _place(rng, room, at)
        rate += (_steering(goal - at, heading) - rate) / _STEER_FRAMES
        heading += rate
        c, s = np.cos(heading), np.sin(heading)
        at = at + steps[n] @ np.array([[c, s], [-s, c]])  # as `turned` does
        way[n], headed[n] = at, heading
    floor = np.full(frames, start_m[FEET, 1].min())
    origin = np.stack([way[:, 0], floor, way[:, 1]], axis=1)
    return np.asarray(turned(poses, headed) + origin[:, None], np.float32)


def _place(rng: np.random.Generator, room: Room, away_m: Place) -> Place:
    """A random place (x, z) of the room that is not near `away_m`."""
    while True:
        place = np.array([rng.uniform(*room[0]), rng.uniform(*room[1])])
        if np.hypot(*(place - away_m)) > 2 * _NEAR_M:
            return place


def _steering(way_m: Place, heading: float) -> float:
    """The turn of the next frame, radians, towards a place `way_m` (x, z) away.

    A body with heading 0 walks to the camera, towards smaller z.
    """
    wanted = np.arctan2(way_m[0], -way_m[1])
    off = (wanted - heading + np.pi) % (2 * np.pi) - np.pi
    most = np.deg2rad(_TURN_DEG_S) / 30
    return float(np.clip(off / 15, -most, most))


def _play(
    rng: np.random.Generator, walks: Sequence[Walk], frames: int
) -> tuple[FloatArray, FloatArray]:
    """Walks one after another: poses (frames, 18, 3) and steps (frames, 2)."""
    walk = walks[int(rng.integers(len(walks)))]
    poses, steps = walk.poses_m, walk.steps_m
    share = np.linspace(0, 1, _BLEND_FRAMES + 2, dtype=np.float32)[1:-1]
    while len(poses) < frames:
        choices = [walks[int(n)] for n in rng.integers(len(walks), size=_CHOICES)]
        entries = [_best_entry(poses[-_BLEND_FRAMES:], choice) for choice in choices]
        best = int(np.argmin([distance for distance, _ in entries]))
        walk, at = choices[best], entries[best][1]
        poses = _joined(poses, walk.poses_m[at:], share[:, None, None])
        steps = _joined(steps, walk.steps_m[at:], share[:, None])
    return poses[:frames], steps[:frames]


def _best_entry(last_m: FloatArray, walk: Walk) -> tuple[float, int]:
    """The least mean distance of a walk's frames to the last ones (B, 18, 3), and their start."""
    latest = max(len(walk.poses_m) - _SHORTEST_FRAMES - len(last_m), 0)
    off = [
        float(np.linalg.norm(walk.poses_m[at : at + len(last_m)] - last_m, axis=2).mean())
        for at in range(latest + 1)
    ]
    return min(off), int(np.argmin(off))


def _joined(one: FloatArray, other: FloatArray, share: FloatArray) -> FloatArray:
    """Two sequences, the end of the first faded into the beginning of the second."""
    blend = len(share)
    mixed = one[-blend:] * (1 - share) + other[:blend] * share
    return np.concatenate([one[:-blend], mixed, other[blend:]])
