"""Rotation matrices for motions that tests make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def euler_angles(turns: Floats, order: str) -> Floats:
    """Return the Euler angles (T, 3) in degrees of turns that are applied as R1 R2 R3."""
    i, j, k = ("XYZ".index(axis) for axis in order)
    sign = 1 if (i + 1) % 3 == j else -1
    first = np.arctan2(-sign * turns[:, j, k], turns[:, k, k])
    second = np.arcsin(np.clip(sign * turns[:, i, k], -1, 1))
    third = np.arctan2(-sign * turns[:, i, j], turns[:, i, i])
    return np.rad2deg(np.stack((first, second, third), axis=1))


def turns_about(axes: Floats, angle: Floats) -> Floats:
    """Return rotations about unit axes (..., 3) by Rodrigues' formula."""
    x, y, z = np.moveaxis(np.broadcast_to(axes, (*angle.shape, 3)), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack((zero, -z, y, z, zero, -x, -y, x, zero), axis=-1).reshape(*x.shape, 3, 3)
    a = angle[..., None, None]
    turned: Floats = np.eye(3) + np.sin(a) * cross + (1 - np.cos(a)) * (cross @ cross)
    return turned


def swing(start: Floats, end: Floats) -> Floats:
    """Return the least rotations that turn directions (T, 3) into others."""
    start = start / np.linalg.norm(start, axis=1, keepdims=True)
    end = end / np.linalg.norm(end, axis=1, keepdims=True)
    # Opposite directions have no axis of their own; any one across them will do.
    opposite = (start * end).sum(axis=1, keepdims=True) < -1 + 1e-9
    axis = np.where(
        opposite, np.cross(start, np.eye(3)[np.argmin(abs(start[0]))]), np.cross(start, end)
    )
    size = np.linalg.norm(axis, axis=1, keepdims=True)
    angle = np.where(opposite[:, 0], np.pi, np.arctan2(size[:, 0], (start * end).sum(axis=1)))
    return turns_about(axis / np.maximum(size, 1e-12), angle)


def best_turns(rest: Floats, places: Floats) -> Floats:
    """Return the rotations (T, 3, 3) that turn rest (N, 3) best into places (T, N, 3) (Kabsch)."""
    u, _, v = np.linalg.svd(np.swapaxes(places, 1, 2) @ rest)
    u[:, :, 2] *= np.sign(np.linalg.det(u @ v))[:, None]
    turned: Floats = u @ v
    return turned
