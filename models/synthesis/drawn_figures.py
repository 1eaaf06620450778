"""Figures that a hand draws in the air: circles, letters and other shapes of straight strokes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.synthesis.limb_path import LimbPath

Rng = np.random.Generator

_SQUARE = [(-0.5, 0.5), (0.5, 0.5), (0.5, -0.5), (-0.5, -0.5)]
_TRIANGLE = [(0.0, 0.5), (0.5, -0.4), (-0.5, -0.4)]


def begun(rng: Rng, elbow: tuple[float, float, float] = (0.5, -0.8, 0.0)) -> LimbPath:
    """A path with nothing in it yet, the elbow more or less to that side."""
    side = np.array(elbow) + rng.normal(0, 0.35, 3)
    path = LimbPath((float(side[0]), float(side[1]), float(side[2])), float(rng.uniform(0.06, 0.2)))
    path.shrug, path.follow_deg = rng.uniform((0.02, 0), (0.15, 25)).tolist()
    path.lean = float(rng.normal(0, 0.04)), float(rng.normal(0.02, 0.04))
    return path


def circle(rng: Rng, clockwise: bool) -> LimbPath:
    """Once round or more, as the person sees it."""
    turns = rng.uniform(0.92, 1.15) + (rng.random() < 0.2) * rng.integers(1, 3)
    return _arc(rng, rng.normal(90, 50), (-360 if clockwise else 360) * turns)


def letter_c(rng: Rng) -> LimbPath:
    """From the upper right over the left to the lower right."""
    return _arc(rng, rng.uniform(20, 80), rng.uniform(200, 290))


def _arc(rng: Rng, start_deg: float, sweep_deg: float) -> LimbPath:
    path = begun(rng)
    centre = rng.uniform((-0.4, -0.25, 0.4), (0.3, 0.4, 0.8))
    radius = rng.uniform(0.12, 0.65) * np.array([rng.uniform(0.7, 1.3), 1.0])
    lean, grown, step_s = rng.normal(0, 0.15), rng.normal(0, 0.15), rng.uniform(0.6, 2.2) / 16
    path.round_s = min(path.round_s, 0.1)
    steps = int(abs(sweep_deg) / 22.5) + 1
    slowly = rng.uniform(0, 0.8)
    for n in range(steps):
        angle, part = np.deg2rad(start_deg + np.sign(sweep_deg) * 22.5 * n), n / steps
        right, up = radius * np.array([np.cos(angle), np.sin(angle)]) * (1 + grown * part)
        pace = 1 + slowly * np.cos(2 * np.pi * part)  # slow where it begins and ends
        seconds = rng.uniform(0.25, 0.9) if n == 0 else step_s * pace
        path.to(centre + np.array([right, up, lean * up]), seconds)
    return path


def strokes(rng: Rng, corners: Sequence[Sequence[float]], lifted: Sequence[int] = ()) -> LimbPath:
    """Strokes between corners (K, 2) of a unit figure, nearly straight, quickest half way; to a
    `lifted` one nothing is drawn, the hand only goes there, in a bow."""
    path, shape = begun(rng), _shape(rng)
    centre = rng.uniform((-0.35, -0.2, 0.4), (0.25, 0.45, 0.8))
    stroke_s, lean = rng.uniform(0.16, 0.65), rng.normal(0, 0.15)
    path.round_s, path.ease = min(path.round_s, stroke_s / 2), float(rng.uniform(0, 1))
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
    """How large, wide, slanted and turned a figure is, (2, 2)."""
    wide, slant = rng.uniform(0.5, 1.2), rng.normal(0, 0.15)
    cos, sin = np.cos(angle := np.deg2rad(rng.normal(0, 8))), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.asarray(rng.uniform(0.4, 1.6) * turn @ np.array([[wide, slant], [0, 1.0]]))


def _closed(rng: Rng, corners: Sequence[tuple[float, float]]) -> LimbPath:
    """Round a figure either way, mostly from its first corner."""
    order = list(range(len(corners)))
    if rng.random() < 0.5:
        order = [order[0], *order[:0:-1]]
    first = 0 if rng.random() < 0.7 else int(rng.integers(1, len(order)))
    order = order[first:] + order[:first]
    return strokes(rng, [corners[n] for n in [*order, order[0]]])


def triangle(rng: Rng) -> LimbPath:
    """A closed triangle that stands on a side."""
    return _closed(rng, _TRIANGLE)


def square(rng: Rng) -> LimbPath:
    """A closed square."""
    return _closed(rng, _SQUARE)


def letter_x(rng: Rng) -> LimbPath:
    """Two strokes, either first, the second now and then from below."""
    corners = np.array([(-0.5, 0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, -0.5)])
    if rng.random() < 0.5:
        corners = corners * np.array([-1, 1])
    if rng.random() < 0.2:
        corners = corners[[0, 1, 3, 2]]
    return strokes(rng, corners.tolist(), lifted=(2,))


def letter_a(rng: Rng) -> LimbPath:
    """Up and down, or both down, then the bar."""
    left, top, right = (-0.45, -0.5), (0.0, 0.5), (0.45, -0.5)
    bar = [(-0.25, -0.05), (0.25, -0.05)]
    if rng.random() < 0.5:
        return strokes(rng, [left, top, right, *bar], lifted=(3,))
    return strokes(rng, [top, left, top, right, *bar], lifted=(2, 4))


def letter_k(rng: Rng) -> LimbPath:
    """Down, then the arm and the leg."""
    corners = [(-0.35, 0.5), (-0.35, -0.5), (0.4, 0.5), (-0.3, 0.0), (0.4, -0.5)]
    if rng.random() < 0.3:  # each from the middle
        corners = [*corners[:2], (-0.3, 0.0), (0.4, 0.5), (-0.3, 0.0), (0.4, -0.5)]
    return strokes(rng, corners, lifted=(2,))


def letter_m(rng: Rng) -> LimbPath:
    """Up, half down, up, down."""
    corners = [(-0.5, -0.5), (-0.4, 0.5), (0.0, rng.uniform(-0.5, 0.1)), (0.4, 0.5), (0.5, -0.5)]
    if rng.random() < 0.25:
        corners = [(-0.45, 0.5), (-0.5, -0.5), *corners[1:]]
    return strokes(rng, corners)
