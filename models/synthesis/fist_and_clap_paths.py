"""Paths of fists and of clapping hands. Units are those of `arm_and_leg_paths.py`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.synthesis.arm_and_leg_paths import SHARP_S, maybe_pause
from models.synthesis.drawn_figures import Rng, new_path
from models.synthesis.limb_path import LimbPath, Place


def punch(rng: Rng) -> LimbPath:
    """One to three punches from near the shoulder straight forward and mostly back.

    In half of the cases the other fist is held up, otherwise the other arm hangs.
    """
    path, up = _fist(rng), rng.random() < 0.5
    twist, guard = rng.uniform(0, 30), _guard(rng)
    for n in range(int(rng.integers(1, 4))):
        path.to(guard, rng.uniform(0.2, 0.7) if n == 0 else rng.uniform(0.15, 0.4), -twist / 2)
        if n == 0:
            maybe_pause(rng, path)
        path.to(_hit(rng), rng.uniform(0.1, 0.3), twist)
    if rng.random() < 0.7:
        path.to(guard, rng.uniform(0.15, 0.4))
    if up:
        path.other = _fist(rng)
        path.other.to(_guard(rng), path.seconds[0])
        path.other.stay(sum(path.seconds[1:]))
    return path


def boxing(rng: Rng) -> LimbPath:
    """Both fists are raised, then punch in turn, two to six times in all."""
    fists, guards, twist = [_fist(rng), _fist(rng)], [_guard(rng), _guard(rng)], rng.uniform(0, 30)
    raise_s, out_s, in_s = rng.uniform((0.2, 0.1, 0.12), (0.7, 0.3, 0.35))
    first = int(rng.integers(2))
    for fist, guard in zip(fists, guards, strict=True):
        fist.to(guard, raise_s)
    for n in range(int(rng.integers(2, 7))):
        busy = (first + n) % 2
        fists[busy].to(_hit(rng), out_s, twist)
        fists[busy].to(guards[busy], in_s)
        fists[1 - busy].stay(out_s + in_s)
    fists[0].other = fists[1]
    return fists[0]


def clap(rng: Rng) -> LimbPath:
    """Both hands meet one to five times, from below the waist to over the head."""
    path = new_path(rng, (0.7, -0.8, -0.1))
    meet = rng.uniform((-0.4, -0.7, 0.3), (-0.31, 0.4, 0.8))
    if rng.random() < 0.15:
        meet = rng.uniform((-0.4, 0.6, 0.0), (-0.31, 0.9, 0.4))
    wide = np.array([rng.uniform(0.08, 0.8), rng.normal(0, 0.05), rng.normal(0, 0.1)])
    out_s, in_s = rng.uniform(0.1, 0.5, 2)
    path.smoothing_s = min(path.smoothing_s, in_s / 2)
    path.to(meet + wide, rng.uniform(0.3, 0.8))
    for _ in range(int(rng.integers(1, 6))):
        path.to(meet, in_s)
        path.to(meet + wide * rng.uniform(0.7, 1.2), out_s)
    path.other = replace(path)
    return path


def _fist(rng: Rng) -> LimbPath:
    """An empty path of a fist; the trunk turns by the punches alone."""
    path = new_path(rng, (0.6, -0.7, -0.2))
    path.smoothing_s, path.ease, path.follow_deg = SHARP_S, float(rng.uniform(0, 0.7)), 0
    return path


def _guard(rng: Rng) -> Place:
    """A place of a raised fist near the shoulder."""
    return rng.uniform((-0.25, -0.35, 0.1), (0.2, 0.2, 0.45))


def _hit(rng: Rng) -> Place:
    """A place that a punch reaches, with a nearly straight arm."""
    return rng.uniform((-0.4, -0.25, 0.85), (0.1, 0.3, 1.0))
