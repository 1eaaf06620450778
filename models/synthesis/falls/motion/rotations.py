"""Rotations as matrices and quaternions (w first), many at once."""

from __future__ import annotations

import numpy as np

from models.synthesis.falls.body.hinges import Floats


def quaternions(turns: Floats) -> Floats:
    """Unit quaternions (T, 4) of rotations (T, 3, 3), without jumps of sign along T.

    Bar-Itzhack, "New method for extracting the quaternion from a rotation matrix", 2000.
    """
    m = turns
    k = np.empty((len(m), 4, 4))
    k[:, 0, 0] = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    k[:, 0, 1] = k[:, 1, 0] = m[:, 2, 1] - m[:, 1, 2]
    k[:, 0, 2] = k[:, 2, 0] = m[:, 0, 2] - m[:, 2, 0]
    k[:, 0, 3] = k[:, 3, 0] = m[:, 1, 0] - m[:, 0, 1]
    k[:, 1, 1] = m[:, 0, 0] - m[:, 1, 1] - m[:, 2, 2]
    k[:, 2, 2] = m[:, 1, 1] - m[:, 0, 0] - m[:, 2, 2]
    k[:, 3, 3] = m[:, 2, 2] - m[:, 0, 0] - m[:, 1, 1]
    k[:, 1, 2] = k[:, 2, 1] = m[:, 0, 1] + m[:, 1, 0]
    k[:, 1, 3] = k[:, 3, 1] = m[:, 0, 2] + m[:, 2, 0]
    k[:, 2, 3] = k[:, 3, 2] = m[:, 1, 2] + m[:, 2, 1]
    return aligned(np.linalg.eigh(k, UPLO="U")[1][:, :, 3])


def aligned(turns: Floats) -> Floats:
    """Quaternions (T, 4), each with the sign that is nearer to the one before it."""
    signs = np.sign((turns[1:] * turns[:-1]).sum(axis=1))
    flips = np.cumprod(np.where(signs < 0, -1.0, 1.0))
    found = turns.copy()
    found[1:] *= flips[:, None]
    return found


def matrix(turn: Floats) -> Floats:
    """The rotation (3, 3) of a unit quaternion (4,)."""
    w, x, y, z = turn
    return np.array((
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    ))  # fmt: skip


def about(axis: int, angle: float) -> Floats:
    """The rotation (3, 3) about axis 0 (x), 1 (y) or 2 (z) by an angle in radians."""
    c, s = np.cos(angle), np.sin(angle)
    i, j = ((1, 2), (2, 0), (0, 1))[axis]
    found = np.eye(3)
    found[i, i] = found[j, j] = c
    found[i, j], found[j, i] = -s, s
    return found


def heading(pose: Floats) -> float:
    """The direction in which the pelvis of a pose (35,) faces, in radians about z."""
    forward = matrix(pose[3:7])[:, 0]
    return float(np.arctan2(forward[1], forward[0]))
