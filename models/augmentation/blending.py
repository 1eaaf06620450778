"""The same action half way between two people, or further from one than the other is.

A few people do each action in a few ways; between these ways, and a little beyond, lie those of
people who were not recorded.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from models.augmentation.bodies import TREE
from models.augmentation.limbs import HIPS, facing_turn
from models.datasets.pieces import Piece
from models.features import FloatArray
from models.motion import at_times, resampled, smoothed
from models.time_warping import warp_cost, warp_path

_EVEN_FRAMES = 32


def blended(one: Piece, other: Piece, share: float) -> FloatArray:
    """The motion of `one`, (T, 18, 3), `share` of the way to `other`, on the bones of `one`.

    The other's pace is brought to that of `one` by dynamic time warping; 0 is `one` itself, 1
    the other's way, more or less than that beyond.
    """
    mine = one.joints_m
    theirs = _in_time(one, other) @ (facing_turn(other.joints_m).T @ facing_turn(mine))
    hips, their_hips = (body[:, HIPS].mean(axis=1) for body in (mine, theirs))
    gone = (their_hips - their_hips[:1]) - (hips - hips[:1])
    made_hips = hips + np.float32(share) * gone
    out = np.empty_like(mine)
    for joint, parent, _, _ in TREE:
        bone = mine[:, joint] - (hips if parent < 0 else mine[:, parent])
        aim = theirs[:, joint] - (their_hips if parent < 0 else theirs[:, parent])
        length = np.linalg.norm(bone, axis=1, keepdims=True)
        aim = aim * (length / np.maximum(np.linalg.norm(aim, axis=1, keepdims=True), 1e-3))
        mixed = bone + np.float32(share) * (aim - bone)
        mixed *= length / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-3)
        out[:, joint] = (made_hips if parent < 0 else out[:, parent]) + mixed
    return out


def _in_time(one: Piece, other: Piece) -> FloatArray:
    """The other's joints (T, 18, 3), each at the moment that matches one's."""
    at = np.interp(
        np.linspace(0, _EVEN_FRAMES - 1, len(one.joints_m)),
        np.arange(_EVEN_FRAMES),
        _matches(one, other),
    ) * ((len(other.joints_m) - 1) / (_EVEN_FRAMES - 1))
    return at_times(other.joints_m, at)


@cache
def _matches(one: Piece, other: Piece) -> FloatArray:
    """For each even moment of `one`, the mean moment of `other` that warps to it, smoothed."""
    flat = [_pose(piece.joints_m).reshape(_EVEN_FRAMES, -1) for piece in (one, other)]
    path = np.array(warp_path(warp_cost(flat[0], flat[1][None])[0]))
    count = np.bincount(path[:, 0], minlength=_EVEN_FRAMES)
    mean = np.bincount(path[:, 0], weights=path[:, 1], minlength=_EVEN_FRAMES) / count
    return np.asarray(smoothed(mean), np.float32)


def _pose(joints_m: FloatArray) -> FloatArray:
    """Joints as seen from a body that faces the camera, from its hips, at even moments."""
    even = resampled(joints_m, _EVEN_FRAMES)
    return np.asarray((even - even[:, HIPS].mean(axis=1, keepdims=True)) @ facing_turn(joints_m).T)
