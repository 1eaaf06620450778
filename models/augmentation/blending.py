"""Blends one person's performance of an action with another person's.

A data set shows each action as a few people perform it. Performances between these, and a little
beyond them, stand in for people who were not recorded.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from models.augmentation.bodies import BONE_TREE
from models.augmentation.limbs import HIPS, facing_turn
from models.datasets.pieces import Piece
from models.features import FloatArray
from models.motion import at_times, moving_average, resampled
from models.time_warping import warp_cost, warp_path

_EVEN_FRAMES = 32
"""Frames to which both motions are resampled for the alignment. Chosen by hand."""


def blend(one: Piece, other: Piece, share: float) -> FloatArray:
    """Move the motion of `one` towards that of `other`, on the bones of `one`: (T, 18, 3) metres.

    `share` 0 is `one` itself and 1 the performance of `other`; other values extrapolate. The other
    motion is turned to the facing of `one` and brought to its pace by dynamic time warping.
    """
    mine = one.joints_m
    theirs = _time_aligned(one, other) @ (facing_turn(other.joints_m).T @ facing_turn(mine))
    hips, their_hips = (body[:, HIPS].mean(axis=1) for body in (mine, theirs))
    gone = (their_hips - their_hips[:1]) - (hips - hips[:1])
    blended_hips = hips + np.float32(share) * gone
    out = np.empty_like(mine)
    for joint, parent, _, _ in BONE_TREE:
        bone = mine[:, joint] - (hips if parent < 0 else mine[:, parent])
        aim = theirs[:, joint] - (their_hips if parent < 0 else theirs[:, parent])
        length = np.linalg.norm(bone, axis=1, keepdims=True)
        aim = aim * (length / np.maximum(np.linalg.norm(aim, axis=1, keepdims=True), 1e-3))
        mixed = bone + np.float32(share) * (aim - bone)
        mixed *= length / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-3)
        out[:, joint] = (blended_hips if parent < 0 else out[:, parent]) + mixed
    return out


def _time_aligned(one: Piece, other: Piece) -> FloatArray:
    """Return the joints of `other` at the moments that match the frames of `one`: (T, 18, 3)."""
    at = np.interp(
        np.linspace(0, _EVEN_FRAMES - 1, len(one.joints_m)),
        np.arange(_EVEN_FRAMES),
        _matching_moments(one, other),
    ) * ((len(other.joints_m) - 1) / (_EVEN_FRAMES - 1))
    return at_times(other.joints_m, at)


@cache
def _matching_moments(one: Piece, other: Piece) -> FloatArray:
    """Return the frame of `other` that matches each frame of `one`, both resampled; smoothed."""
    flat = [_local_pose(piece.joints_m).reshape(_EVEN_FRAMES, -1) for piece in (one, other)]
    path = np.array(warp_path(warp_cost(flat[0], flat[1][None])[0]))
    count = np.bincount(path[:, 0], minlength=_EVEN_FRAMES)
    mean = np.bincount(path[:, 0], weights=path[:, 1], minlength=_EVEN_FRAMES) / count
    return np.asarray(moving_average(mean), np.float32)


def _local_pose(joints_m: FloatArray) -> FloatArray:
    """Return resampled joints relative to the hips, with the body turned to the camera."""
    even = resampled(joints_m, _EVEN_FRAMES)
    return np.asarray((even - even[:, HIPS].mean(axis=1, keepdims=True)) @ facing_turn(joints_m).T)
