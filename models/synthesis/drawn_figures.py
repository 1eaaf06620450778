"""Paths of figures that a hand draws in the air: circles, letters, and shapes of strokes.

Places are in lengths of the arm from its shoulder (right, up, forward), times in seconds. The
package docstring says where the ranges come from.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.synthesis.limb_path import LimbPath

Rng = np.random.Generator

_SQUARE = [(-0.5, 0.5), (0.5, 0.5), (0.5, -0.5), (-0.5, -0.5)]
_TRIANGLE = [(0.0, 0.5), (0.5, -0.4), (-0.5, -0.4)]
"""Corners (right, up) of figures of unit size around the origin."""
_STEP_DEG = 22.5
"""Angle between two points of an arc, in degrees."""


def new_path(rng: Rng, elbow: tuple[float, float, float] = (0.5, -0.8, 0.0)) -> LimbPath:
    """An empty path with a random body; the elbow points roughly in the direction `elbow`."""
    pole = np.array(elbow) + rng.normal(0, 0.35, 3)
    path = LimbPath((float(pole[0]), float(pole[1]), float(pole[2])), float(rng.uniform(0.06, 0.2)))
    path.shoulder_share, path.follow_deg = rng.uniform((0.02, 0), (0.15, 25)).tolist()
    path.trunk_shift = float(rng.normal(0, 0.04)), float(rng.normal(0.02, 0.04))
    return path


def circle(rng: Rng, clockwise: bool) -> LimbPath:
    """One circle, or in 20 % two or three, in the direction that the person sees."""
    turns = rng.uniform(0.92, 1.15) + (rng.random() < 0.2) * rng.integers(1, 3)
    return _arc(rng, rng.normal(90, 50), (-360 if clockwise else 360) * turns)


def letter_c(rng: Rng) -> LimbPath:
    """An arc from the upper right over the left to the lower right."""
    return _arc(rng, rng.uniform(20, 80), rng.uniform(200, 290))


def _arc(rng: Rng, start_deg: float, sweep_deg: float) -> LimbPath:
    """An arc from `start_deg` (0: right, 90: up), counter-clockwise for a positive sweep."""
    path = new_path(rng)
    centre = rng.uniform((-0.4, -0.25, 0.4), (0.3, 0.4, 0.8))
    radius = rng.uniform(0.12, 0.65) * np.array([rng.uniform(0.7, 1.3), 1.0])
    lean, grown, step_s = rng.normal(0, 0.15), rng.normal(0, 0.15), rng.uniform(0.6, 2.2) / 16
    path.smoothing_s = min(path.smoothing_s, 0.1)
    steps = int(abs(sweep_deg) / _STEP_DEG) + 1
    slowly = rng.uniform(0, 0.8)
    for n in range(steps):
        angle, part = np.deg2rad(start_deg + np.sign(sweep_deg) * _STEP_DEG * n), n / steps
        right, up = radius * np.array([np.cos(angle), np.sin(angle)]) * (1 + grown * part)
        pace = 1 + slowly * np.cos(2 * np.pi * part)  # slower at its start and end
        seconds = rng.uniform(0.25, 0.9) if n == 0 else step_s * pace
        path.to(centre + np.array([right, up, lean * up]), seconds)
    return path


def strokes(rng: Rng, corners: Sequence[Sequence[float]], lifted: Sequence[int] = ()) -> LimbPath:
    """Nearly straight strokes between the corners (K, 2) of a unit figure.

    `lifted` holds the corners to which the hand moves in a curve without drawing.
    """
    path, shape = new_path(rng), _shape(rng)
    centre = rng.uniform((-0.35, -0.2, 0.4), (0.25, 0.45, 0.8))
    stroke_s, lean = rng.uniform(0.16, 0.65), rng.normal(0, 0.15)
    path.smoothing_s = min(path.smoothing_s, stroke_s / 2)
    path.ease = float(rng.uniform(0, 1))
    bowed = rng.uniform(0.02, 0.15)
    last = np.zeros(2)
    for n, corner in enumerate(corners):
        flat = shape @ (np.asarray(corner) + rng.normal(0, 0.07, 2))
        far, off = float(np.linalg.norm(flat - last)), 0.25 if n in lifted else bowed
        bulge = np.array([*rng.normal(0, off, 2), 0.0]) * far
        bulge[2] = -rng.uniform(0, 0.15) * (n in lifted)
        seconds = rng.uniform(0.25, 0.9) if n == 0 else stroke_s * rng.uniform(0.75, 1.3)
        path.to(centre + np.array([*flat, lean * flat[1]]), seconds, bulge=bulge)
        if n and rng.random() < 0.3:
            path.stay(float(rng.uniform(0.03, 0.15)))
        last = flat
    return path


def _shape(rng: Rng) -> NDArray[np.float64]:
    """A random size, width, slant and rotation of a figure, as a matrix (2, 2)."""
    wide, slant = rng.uniform(0.5, 1.2), rng.normal(0, 0.15)
    cos, sin = np.cos(angle := np.deg2rad(rng.normal(0, 8))), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.asarray(rng.uniform(0.4, 1.6) * turn @ np.array([[wide, slant], [0, 1.0]]))


def _closed(rng: Rng, corners: Sequence[tuple[float, float]]) -> LimbPath:
    """A closed figure, drawn in either direction and mostly from its first corner."""
    order = list(range(len(corners)))
    if rng.random() < 0.5:
        order = [order[0], *order[:0:-1]]
    first = 0 if rng.random() < 0.7 else int(rng.integers(1, len(order)))
    order = order[first:] + order[:first]
    return strokes(rng, [corners[n] for n in [*order, order[0]]])


def triangle(rng: Rng) -> LimbPath:
    """A triangle that stands on one side."""
    return _closed(rng, _TRIANGLE)


def square(rng: Rng) -> LimbPath:
    """A square."""
    return _closed(rng, _SQUARE)


def letter_x(rng: Rng) -> LimbPath:
    """Two crossing strokes in either order; in 20 % the second one goes up."""
    corners = np.array([(-0.5, 0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, -0.5)])
    if rng.random() < 0.5:
        corners = corners * np.array([-1, 1])
    if rng.random() < 0.2:
        corners = corners[[0, 1, 3, 2]]
    return strokes(rng, corners.tolist(), lifted=(2,))


def letter_a(rng: Rng) -> LimbPath:
    """One stroke up and one down, or both down, then the bar."""
    left, top, right = (-0.45, -0.5), (0.0, 0.5), (0.45, -0.5)
    bar = [(-0.25, -0.05), (0.25, -0.05)]
    if rng.random() < 0.5:
        return strokes(rng, [left, top, right, *bar], lifted=(3,))
    return strokes(rng, [top, left, top, right, *bar], lifted=(2, 4))


def letter_k(rng: Rng) -> LimbPath:
    """One stroke down, then the two slanted ones."""
    corners = [(-0.35, 0.5), (-0.35, -0.5), (0.4, 0.5), (-0.3, 0.0), (0.4, -0.5)]
    if rng.random() < 0.3:  # both slanted strokes start in the middle
        corners = [*corners[:2], (-0.3, 0.0), (0.4, 0.5), (-0.3, 0.0), (0.4, -0.5)]
    return strokes(rng, corners, lifted=(2,))


def letter_m(rng: Rng) -> LimbPath:
    """Strokes up, half down, up and down; in 25 % a stroke down comes first."""
    corners = [(-0.5, -0.5), (-0.4, 0.5), (0.0, rng.uniform(-0.5, 0.1)), (0.4, 0.5), (0.5, -0.5)]
    if rng.random() < 0.25:
        corners = [(-0.45, 0.5), (-0.5, -0.5), *corners[1:]]
    return strokes(rng, corners)
