"""Gestures of an arm or a leg as paths of the hand or the foot: swipes, waves, throws, kicks.

Each draws one of the many ways in which people do it. Places are in lengths of the limb, from
shoulder or hip: right, up, forward; times in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.synthesis.drawn_figures import Rng, begun
from models.synthesis.limb_path import LimbPath

SHARP_S = 0.07
"""Nothing of a throw or a kick is smoothed away."""


def maybe_stay(rng: Rng, path: LimbPath, most_s: float = 0.4) -> None:
    """Now and then the hand waits where it is."""
    if rng.random() < 0.4:
        path.stay(float(rng.uniform(0.05, most_s)))


def swipe(rng: Rng, to_left: bool) -> LimbPath:
    """The hand goes across in front, quicker than it came."""
    path = begun(rng)
    middle = rng.uniform((-0.3, -0.35, 0.45), (0.25, 0.3, 0.95))
    half = np.array([rng.uniform(0.25, 0.8), rng.normal(0, 0.08), rng.normal(0, 0.1)])
    half *= -1 if to_left else 1
    path.ease = float(rng.uniform(0, 0.7))
    path.to(middle - half, rng.uniform(0.2, 0.9))
    maybe_stay(rng, path)
    bulge = (0, rng.normal(0.05, 0.12), rng.uniform(0, 0.25))
    path.to(middle + half, rng.uniform(0.2, 0.7), bulge=bulge)
    maybe_stay(rng, path)
    return path


def wave(rng: Rng) -> LimbPath:
    """A raised forearm, or the hand alone, or the whole arm goes from side to side."""
    return _arm_waved(rng) if rng.random() < 0.25 else _forearm_waved(rng)


def _arm_waved(rng: Rng) -> LimbPath:
    """Nearly straight, over the shoulder."""
    path = begun(rng)
    reach, forward = rng.uniform((0.75, 0.1), (0.98, 0.5))
    middle, swing = np.deg2rad(rng.uniform((-10, 15), (30, 55)))
    path.ease, half_s = float(rng.uniform(0, 1)), rng.uniform(0.25, 0.7)
    path.round_s = min(path.round_s, half_s / 2)
    for n in range(int(rng.integers(3, 8))):
        angle = middle + swing * rng.uniform(0.8, 1.2) * (-1) ** n
        place = reach * np.array([np.sin(angle), np.cos(angle), forward])
        bulge = (0, reach * (1 - np.cos(swing)), 0)
        path.to(place, rng.uniform(0.3, 0.9) if n == 0 else half_s, bulge=bulge if n else (0, 0, 0))
    return path


def _forearm_waved(rng: Rng) -> LimbPath:
    path = begun(rng, (0.6, -0.9, -0.2))
    centre = rng.uniform((-0.1, -0.2, 0.1), (0.5, 0.85, 0.65))
    period_s, turns = rng.uniform(0.3, 0.9), int(rng.integers(2, 7))
    wide = rng.uniform(0.0, 0.06) if rng.random() < 0.3 else rng.uniform(0.06, 0.35)
    path.wag_deg, path.wag_s = float(rng.uniform(15, 60)), float(period_s)
    path.round_s = min(path.round_s, period_s / 5)
    path.to(centre, rng.uniform(0.3, 0.9))
    for n in range(turns):
        way = wide * rng.uniform(0.8, 1.2) * (-1) ** n
        path.to(centre + np.array([way, -abs(way) * 0.3, 0]), period_s / 2)
    return path


def throw(rng: Rng) -> LimbPath:
    """Back, then forward at once, and on: over the shoulder, from the side or from below. Hips
    turn along; the other hand may go ahead first, and goes back then."""
    kind = rng.choice(3, p=[0.7, 0.15, 0.15])
    back, go, on = _THROWS[kind]
    path, other = begun(rng, _THROW_ELBOWS[kind]), begun(rng)
    path.hips, path.follow_deg, twist = float(rng.uniform(0, 1)), 0, rng.uniform(10, 60)
    seconds = rng.uniform((0.3, 0.12, 0.1), (0.8, 0.35, 0.3))
    path.to(rng.uniform(*back), seconds[0], -twist)
    other.to(rng.uniform((-0.2, -0.9, 0.2), (0.3, -0.1, 0.8)), seconds[0])
    if rng.random() < 0.4:
        stay_s = float(rng.uniform(0.05, 0.4))
        path.stay(stay_s)
        other.stay(stay_s)
    path.round_s = SHARP_S
    path.to(rng.uniform(*go), seconds[1], twist / 2)
    path.to(rng.uniform(*on), seconds[2], twist * rng.uniform(0.5, 1))
    other.to(rng.uniform((0.1, -0.95, -0.5), (0.4, -0.7, 0.2)), seconds[1] + seconds[2])
    if rng.random() < 0.6:
        path.other = other
    return path


_THROWS = (
    (((0.0, 0.25, -0.35), (0.5, 0.9, 0.45)), ((-0.3, 0.0, 0.75), (0.3, 0.65, 1.0)),
     ((-0.6, -0.8, 0.3), (0.1, -0.1, 0.85))),
    (((0.4, -0.1, -0.4), (0.9, 0.4, 0.2)), ((-0.2, -0.1, 0.7), (0.3, 0.4, 1.0)),
     ((-0.7, -0.5, 0.2), (-0.2, 0.2, 0.8))),
    (((-0.1, -0.9, -0.7), (0.3, -0.5, -0.3)), ((-0.2, -0.4, 0.6), (0.2, 0.1, 0.95)),
     ((-0.3, -0.1, 0.6), (0.1, 0.6, 0.95))),
)  # fmt: skip
"""Over the shoulder, from the side, from below: where the hand is drawn back, lets go, ends."""
_THROW_ELBOWS = ((0.9, -0.3, -0.3), (0.7, -0.6, -0.3), (0.4, -0.3, -0.8))


def reached_out(rng: Rng, low: Sequence[float], high: Sequence[float]) -> LimbPath:
    """The hand goes somewhere and is held there, for longer than it took to go: much else begins
    with a hand that is raised."""
    path, place = begun(rng), rng.uniform(low, high)
    if rng.random() < 0.6:  # at the end of a straight arm
        place *= rng.uniform(0.9, 1.0) / np.linalg.norm(place)
    path.to(place, rng.uniform(0.3, 0.8))
    path.stay(float(rng.uniform(0.6, 2.0)))
    return path


def point(rng: Rng) -> LimbPath:
    """A finger is held out to the front, at the end of a straight arm or of the forearm."""
    near = rng.random() < 0.25
    low, high = ((-0.2, -0.5, 0.5), (0.2, 0.1, 0.8)) if near else _AHEAD
    path = reached_out(rng, low, high)
    path.hand = float(rng.uniform(1.0, 2.2))
    return path


def stop_sign(rng: Rng) -> LimbPath:
    """A palm is held out to the front."""
    path = reached_out(rng, (-0.25, -0.1, 0.55), (0.4, 0.45, 1.0))
    path.lift_deg, path.hand = float(rng.uniform(20, 75)), float(rng.uniform(0.4, 1.2))
    return path


_AHEAD = (-0.2, -0.2, 0.8), (0.3, 0.25, 1.0)


def push_button(rng: Rng) -> LimbPath:
    """Out, a short push, and back."""
    path = begun(rng)
    ready = rng.uniform((-0.35, -0.5, 0.35), (0.3, 0.3, 0.8))
    path.to(ready, rng.uniform(0.3, 0.7))
    maybe_stay(rng, path, 0.3)
    path.to(ready + np.array([0, 0, rng.uniform(0.12, 0.5)]), rng.uniform(0.15, 0.4))
    maybe_stay(rng, path, 0.3)
    if rng.random() < 0.6:
        path.to(ready, rng.uniform(0.15, 0.4))
    return path


def come_here(rng: Rng) -> LimbPath:
    """Out, and a few times in towards the own shoulder, with the arm or with the hand alone."""
    path = begun(rng, (0.4, -0.9, -0.2))
    out, near_to = rng.uniform((-0.3, -0.4, 0.55), (0.4, 0.25, 0.95)), rng.uniform(0.3, 0.95)
    period_s = rng.uniform(0.3, 1.1)
    path.round_s = min(path.round_s, period_s / 4)
    path.wag_s, path.hand = float(period_s), float(rng.uniform(0.4, 1.0))
    path.lift_deg, path.nod_deg = rng.uniform((-20, 20), (40, 90)).tolist()
    path.to(out, rng.uniform(0.3, 0.9))
    for _ in range(int(rng.integers(1, 5))):
        path.to(out * near_to + np.array([0, rng.uniform(0, 0.25), 0]), period_s / 2)
        path.to(out, period_s / 2)
    return path


def _leg(rng: Rng) -> LimbPath:
    path = begun(rng, (0.1, 0.2, 1.0))
    path.leg, path.lean = True, (float(rng.normal(-0.03, 0.08)), float(rng.normal(-0.02, 0.08)))
    return path


def leg_up(rng: Rng, low: Sequence[float], high: Sequence[float]) -> LimbPath:
    """A foot goes somewhere, is held there, or goes again."""
    path, place = _leg(rng), rng.uniform(low, high)
    path.to(place, rng.uniform(0.3, 0.7))
    maybe_stay(rng, path, 1.5)
    for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.3 else 0):
        path.to(_DOWN, rng.uniform(0.3, 0.7))
        path.to(place, rng.uniform(0.3, 0.7))
    return path


_DOWN = (0.03, -0.97, 0.02)


def front_kick(rng: Rng) -> LimbPath:
    """The foot goes back, or the knee up, and the leg swings forward."""
    path = _leg(rng)
    path.round_s, path.step = SHARP_S, (float(rng.normal(0, 0.08)), float(rng.uniform(0, 0.35)))
    if rng.random() < 0.6:
        path.to(rng.uniform((-0.1, -0.95, -0.7), (0.2, -0.6, -0.15)), rng.uniform(0.2, 0.6))
        maybe_stay(rng, path)
    else:
        path.to(rng.uniform((-0.1, -0.7, 0.05), (0.15, -0.4, 0.4)), rng.uniform(0.2, 0.5))
    path.to(rng.uniform((-0.5, -0.85, 0.4), (0.2, 0.0, 1.0)), rng.uniform(0.12, 0.35))
    return path


def side_kick(rng: Rng) -> LimbPath:
    """The knee goes up, and the leg out to its side."""
    path = _leg(rng)
    path.round_s = SHARP_S
    path.to(rng.uniform((0.0, -0.7, 0.0), (0.3, -0.4, 0.4)), rng.uniform(0.2, 0.5))
    path.to(rng.uniform((0.5, -0.7, -0.2), (0.95, -0.15, 0.35)), rng.uniform(0.12, 0.35))
    return path
