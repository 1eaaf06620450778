"""Paths of one hand or foot: swipes, waves, throws, pointing, pushing, beckoning, kicks.

Each function draws one of the many ways in which people make the gesture. Places are in lengths of
the limb from shoulder or hip (right, up, forward), times in seconds. The package docstring says
where the ranges come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.synthesis.drawn_figures import Rng, new_path
from models.synthesis.limb_path import LimbPath

SHARP_S = 0.07
"""`LimbPath.smoothing_s` of throws, punches and kicks, short enough to keep their speed."""


def maybe_pause(rng: Rng, path: LimbPath, most_s: float = 0.4) -> None:
    """Hold the newest point for up to `most_s` seconds, in 40 % of the cases."""
    if rng.random() < 0.4:
        path.stay(float(rng.uniform(0.05, most_s)))


def swipe(rng: Rng, to_left: bool) -> LimbPath:
    """The hand moves across in front of the body, usually faster than it was raised."""
    path = new_path(rng)
    middle = rng.uniform((-0.3, -0.35, 0.45), (0.25, 0.3, 0.95))
    half = np.array([rng.uniform(0.25, 0.8), rng.normal(0, 0.08), rng.normal(0, 0.1)])
    half *= -1 if to_left else 1
    path.ease = float(rng.uniform(0, 0.7))
    path.to(middle - half, rng.uniform(0.2, 0.9))
    maybe_pause(rng, path)
    bulge = (0, rng.normal(0.05, 0.12), rng.uniform(0, 0.25))
    path.to(middle + half, rng.uniform(0.2, 0.7), bulge=bulge)
    maybe_pause(rng, path)
    return path


def wave(rng: Rng) -> LimbPath:
    """The whole arm (25 %), the raised forearm, or the hand alone moves from side to side.

    In 30 % of the cases both hands wave, together or against each other.
    """
    path = _arm_wave(rng) if rng.random() < 0.25 else _forearm_wave(rng)
    if rng.random() < 0.3:
        path.other = replace(path)
        if rng.random() < 0.5:  # the left hand follows the right one to the same side
            middle = np.mean(path.points, axis=0)
            across = [(2 * middle[0] - x, up, forward) for x, up, forward in path.points]
            path.other.points = across
    return path


def _arm_wave(rng: Rng) -> LimbPath:
    """A nearly straight arm swings above the shoulder."""
    path = new_path(rng)
    reach, forward = rng.uniform((0.75, 0.1), (0.98, 0.5))
    middle, swing = np.deg2rad(rng.uniform((-10, 15), (30, 55)))
    path.ease, half_s = float(rng.uniform(0, 1)), rng.uniform(0.25, 0.7)
    path.smoothing_s = min(path.smoothing_s, half_s / 2)
    for n in range(int(rng.integers(3, 8))):
        angle = middle + swing * rng.uniform(0.8, 1.2) * (-1) ** n
        place = reach * np.array([np.sin(angle), np.cos(angle), forward])
        bulge = (0, reach * (1 - np.cos(swing)), 0)
        path.to(place, rng.uniform(0.3, 0.9) if n == 0 else half_s, bulge=bulge if n else (0, 0, 0))
    return path


def _forearm_wave(rng: Rng) -> LimbPath:
    """A raised hand swings by up to 0.4 arm lengths; in 30 % of the cases it only bends."""
    path = new_path(rng, (0.6, -0.9, -0.2))
    centre = rng.uniform((-0.1, -0.45, 0.1), (0.5, 0.85, 0.65))
    period_s, turns = rng.uniform(0.3, 0.9), int(rng.integers(2, 7))
    wide = rng.uniform(0.0, 0.06) if rng.random() < 0.3 else rng.uniform(0.06, 0.35)
    path.wag_deg, path.wag_s = float(rng.uniform(15, 60)), float(period_s)
    path.smoothing_s = min(path.smoothing_s, period_s / 5)
    path.to(centre, rng.uniform(0.3, 0.9))
    for n in range(turns):
        way = wide * rng.uniform(0.8, 1.2) * (-1) ** n
        path.to(centre + np.array([way, -abs(way) * 0.3, 0]), period_s / 2)
    return path


def throw(rng: Rng) -> LimbPath:
    """The hand moves back, then forward fast, and follows through.

    It throws over the shoulder (60 %), from the side or from below (25 %). The hips turn with the
    trunk. Short throws (30 %) draw back less and turn less. In 60 % of the cases the other hand
    moves forward first, and then back.
    """
    kind = rng.choice(3, p=[0.6, 0.15, 0.25])
    back, go, on = _THROWS[kind]
    path, other = new_path(rng, _THROW_ELBOWS[kind]), new_path(rng)
    path.hip_turn_share, path.follow_deg, twist = float(rng.uniform(0, 1)), 0, rng.uniform(10, 60)
    seconds = rng.uniform((0.3, 0.12, 0.1), (0.8, 0.35, 0.3))
    drawn_back = rng.uniform(*back)
    if rng.random() < 0.3:
        short = rng.uniform(0.3, 0.8)
        drawn_back, twist = drawn_back + (1 - short) * (np.array(_NEAR) - drawn_back), twist * short
    path.to(drawn_back, seconds[0], -twist)
    other.to(rng.uniform((-0.2, -0.9, 0.2), (0.3, -0.1, 0.8)), seconds[0])
    if rng.random() < 0.4:
        stay_s = float(rng.uniform(0.05, 0.4))
        path.stay(stay_s)
        other.stay(stay_s)
    path.smoothing_s = SHARP_S
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
"""Throws over the shoulder, from the side and from below.

Each has the ranges (low, high) of three places: hand drawn back, hand lets go, hand at the end.
"""
_NEAR = (0.15, 0.1, 0.35)
"""Place of a hand that is hardly drawn back."""
_THROW_ELBOWS = ((0.9, -0.3, -0.3), (0.7, -0.6, -0.3), (0.4, -0.3, -0.8))
"""Directions of the elbow in the same throws."""


def reach_and_hold(rng: Rng, low: Sequence[float], high: Sequence[float]) -> LimbPath:
    """The hand moves to a place between `low` and `high` and is held there.

    It is held for 0.6 to 2 s, because many other gestures also begin with a raised hand.
    """
    path, place = new_path(rng), rng.uniform(low, high)
    if rng.random() < 0.6:  # with a straight arm
        place *= rng.uniform(0.9, 1.0) / np.linalg.norm(place)
    path.to(place, rng.uniform(0.3, 0.8))
    path.stay(float(rng.uniform(0.6, 2.0)))
    return path


def point(rng: Rng) -> LimbPath:
    """A finger points forward, with a stretched arm or, in 25 % of the cases, a bent one."""
    near = rng.random() < 0.25
    low, high = ((-0.2, -0.5, 0.5), (0.2, 0.1, 0.8)) if near else _AHEAD
    path = reach_and_hold(rng, low, high)
    path.hand_scale = float(rng.uniform(1.0, 2.2))
    return path


def stop_sign(rng: Rng) -> LimbPath:
    """A palm is held out to the front."""
    path = reach_and_hold(rng, (-0.25, -0.1, 0.55), (0.4, 0.45, 1.0))
    path.lift_deg, path.hand_scale = float(rng.uniform(20, 75)), float(rng.uniform(0.4, 1.2))
    return path


_AHEAD = (-0.2, -0.2, 0.8), (0.3, 0.25, 1.0)
"""Range of the hand of a stretched arm that points."""


def push_button(rng: Rng) -> LimbPath:
    """The hand is raised, pushes forward by 0.12 to 0.5 arm lengths, and often comes back."""
    path = new_path(rng)
    ready = rng.uniform((-0.35, -0.5, 0.35), (0.3, 0.3, 0.8))
    path.to(ready, rng.uniform(0.3, 0.7))
    maybe_pause(rng, path, 0.3)
    path.to(ready + np.array([0, 0, rng.uniform(0.12, 0.5)]), rng.uniform(0.15, 0.4))
    maybe_pause(rng, path, 0.3)
    if rng.random() < 0.6:
        path.to(ready, rng.uniform(0.15, 0.4))
    return path


def come_here(rng: Rng) -> LimbPath:
    """The hand reaches out and beckons 1 to 4 times, with the arm or mostly with the hand."""
    path = new_path(rng, (0.4, -0.9, -0.2))
    out, near_to = rng.uniform((-0.3, -0.4, 0.55), (0.4, 0.25, 0.95)), rng.uniform(0.3, 0.95)
    period_s = rng.uniform(0.3, 1.1)
    path.smoothing_s = min(path.smoothing_s, period_s / 4)
    path.wag_s, path.hand_scale = float(period_s), float(rng.uniform(0.4, 1.0))
    path.lift_deg, path.nod_deg = rng.uniform((-20, 20), (40, 90)).tolist()
    path.to(out, rng.uniform(0.3, 0.9))
    for _ in range(int(rng.integers(1, 5))):
        path.to(out * near_to + np.array([0, rng.uniform(0, 0.25), 0]), period_s / 2)
        path.to(out, period_s / 2)
    return path


def _new_leg_path(rng: Rng) -> LimbPath:
    """An empty path of an ankle, with the knee forward and a trunk that leans a little."""
    path = new_path(rng, (0.1, 0.2, 1.0))
    path.leg = True
    path.trunk_shift = float(rng.normal(-0.03, 0.08)), float(rng.normal(-0.02, 0.08))
    return path


def raise_leg(rng: Rng, low: Sequence[float], high: Sequence[float]) -> LimbPath:
    """The foot moves to a place between `low` and `high`, and may be held or raised again."""
    path, place = _new_leg_path(rng), rng.uniform(low, high)
    path.to(place, rng.uniform(0.3, 0.7))
    maybe_pause(rng, path, 1.5)
    for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.3 else 0):
        path.to(_DOWN, rng.uniform(0.3, 0.7))
        path.to(place, rng.uniform(0.3, 0.7))
    return path


_DOWN = (0.03, -0.97, 0.02)
"""Place of the ankle of a standing leg."""


def front_kick(rng: Rng) -> LimbPath:
    """The foot moves back (60 %) or the knee up, then the leg swings forward."""
    path = _new_leg_path(rng)
    path.smoothing_s = SHARP_S
    path.body_shift = float(rng.normal(0, 0.08)), float(rng.uniform(0, 0.35))
    if rng.random() < 0.6:
        path.to(rng.uniform((-0.1, -0.95, -0.7), (0.2, -0.6, -0.15)), rng.uniform(0.2, 0.6))
        maybe_pause(rng, path)
    else:
        path.to(rng.uniform((-0.1, -0.7, 0.05), (0.15, -0.4, 0.4)), rng.uniform(0.2, 0.5))
    path.to(rng.uniform((-0.5, -0.85, 0.4), (0.2, 0.0, 1.0)), rng.uniform(0.12, 0.35))
    return path


def side_kick(rng: Rng) -> LimbPath:
    """The knee moves up, then the leg kicks out to its side."""
    path = _new_leg_path(rng)
    path.smoothing_s = SHARP_S
    path.to(rng.uniform((0.0, -0.7, 0.0), (0.3, -0.4, 0.4)), rng.uniform(0.2, 0.5))
    path.to(rng.uniform((0.5, -0.7, -0.2), (0.95, -0.15, 0.35)), rng.uniform(0.12, 0.35))
    return path
