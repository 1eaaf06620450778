"""Why people fall: the pushes, the loss of muscle tone and the reach of each kind of fall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.synthesis.falls.body.hinges import ARMS, HINGE_INDEX, HINGES, LEGS, Floats, angles
from models.synthesis.falls.body.shape import BodyShape
from models.synthesis.falls.body.simulator import RATE_HZ, Push
from models.synthesis.falls.motion.key_poses import Rng
from models.synthesis.falls.motion.rotations import about

STAND, WALK, SEAT, RISE = "standing", "walking", "sitting", "rising"


@dataclass(frozen=True, eq=False)
class Trigger:
    """What happens to a body from the first frame of its fall on.

    `tone` (T, 28) is the muscles' share of full stiffness, `reach` (28,) the angles that they pull
    towards after `latency` frames. `obstacle_m` is the height of a box before the feet.
    """

    pushes: tuple[Push, ...]
    tone: Floats
    reach: Floats
    latency: int
    friction: float = 0.8
    obstacle_m: float = 0.0


@dataclass(frozen=True)
class Setting:
    """What a trigger depends on: body, its direction, and which foot swings."""

    shape: BodyShape
    facing: float
    swinging: str
    frames: int


_FORWARD = angles(shoulder_flex=75, shoulder_out=10, elbow=30, knee=30, hip_flex=20, neck_bend=-25)
_BACKWARD = angles(shoulder_flex=-45, shoulder_out=25, elbow=25, hip_flex=55, knee=50,
                   trunk_bend=25, neck_bend=30)  # fmt: skip


def _sideways(side: str) -> Floats:
    other = "right" if side == "left" else "left"
    return angles(**{
        f"{side}_shoulder_out": 65, f"{side}_elbow": 35, f"{other}_shoulder_out": 30,
        f"{other}_elbow": 50, "knee": 35, "hip_flex": 25,
    })  # fmt: skip


def _fading(frames: int, start: float, end: float, delay_s: float, tau_s: float) -> Floats:
    """Tone (T, 1) that stays at `start`, then falls towards `end`."""
    times = np.arange(frames)[:, None] / RATE_HZ - delay_s
    found: Floats = end + (start - end) * np.exp(-np.maximum(times, 0) / tau_s)
    return found


def _tone(rng: Rng, frames: int, legs: tuple[float, float], arms: tuple[float, float]) -> Floats:
    """Tone (T, 28); each range is of the share that is left after the first tenths of a second."""
    found = np.empty((frames, len(HINGES)))
    found[:] = _fading(frames, 0.9, rng.uniform(0.15, 0.5), rng.uniform(0, 0.3), 0.35)
    leg = _fading(frames, 0.9, rng.uniform(*legs), rng.uniform(0, 0.25), rng.uniform(0.1, 0.4))
    found[:, LEGS] = leg
    found[:, ARMS] = _fading(frames, 0.8, rng.uniform(*arms), 0.2, 0.4)
    late = max(int(rng.uniform(1.3, 2.0) * RATE_HZ), 1)
    relaxing = _fading(frames - late, 1, 0.1, 0, 0.25) if frames > late else np.ones((0, 1))
    found[late:] *= relaxing
    return found


def _pushed(
    rng: Rng, s: Setting, way_deg: float, speed: tuple[float, float], part: str = "chest"
) -> Push:
    """A push that gives the body about this speed (range in m/s); 0 degrees is forward."""
    frames = int(rng.integers(3, 8))
    way = s.facing + np.deg2rad(way_deg + rng.normal(0, 12))
    force = s.shape.mass_kg * rng.uniform(*speed) * RATE_HZ / frames
    return Push(0, frames, part, force * np.array([np.cos(way), np.sin(way), rng.normal(0, 0.05)]))


def _latency(rng: Rng) -> int:
    return int(rng.integers(3, 11))


def _push_forward(rng: Rng, s: Setting) -> Trigger:
    push = _pushed(rng, s, 0, (0.7, 1.7))
    return Trigger((push,), _tone(rng, s.frames, (0.15, 0.5), (0.2, 0.7)), _FORWARD, _latency(rng))


def _push_backward(rng: Rng, s: Setting) -> Trigger:
    push = _pushed(rng, s, 180, (0.6, 1.5))
    return Trigger((push,), _tone(rng, s.frames, (0.1, 0.4), (0.2, 0.7)), _BACKWARD, _latency(rng))


def _push_sideways(rng: Rng, s: Setting) -> Trigger:
    side = "left" if rng.random() < 0.5 else "right"
    push = _pushed(rng, s, 90 if side == "left" else -90, (0.8, 1.7))
    tone = _tone(rng, s.frames, (0.1, 0.45), (0.2, 0.7))
    return Trigger((push,), tone, _sideways(side), _latency(rng))


def _trip(rng: Rng, s: Setting) -> Trigger:
    frames = int(rng.integers(3, 6))
    force = 0.16 * s.shape.mass_kg * rng.uniform(2.0, 3.5) * RATE_HZ / frames
    back = about(2, s.facing) @ np.array([-force, 0, 0])
    caught = Push(0, frames, f"{s.swinging}_foot", back)
    pushes = caught, _pushed(rng, s, 0, (0.2, 0.9))
    return Trigger(pushes, _tone(rng, s.frames, (0.1, 0.4), (0.25, 0.8)), _FORWARD, _latency(rng))


def _slip(rng: Rng, s: Setting) -> Trigger:
    frames = int(rng.integers(4, 8))
    way = about(2, s.facing + np.deg2rad(rng.normal(0, 15)))
    pushes = [_pushed(rng, s, 180, (0.5, 1.2))]
    for side in ("left", "right"):
        speed = rng.uniform(1.5, 3.0) * (1 if side != s.swinging else rng.uniform(0.3, 1))
        force = 0.12 * s.shape.mass_kg * speed * RATE_HZ / frames
        pushes.append(Push(0, frames, f"{side}_foot", way @ np.array([force, 0, 0])))
    tone = _tone(rng, s.frames, (0.1, 0.4), (0.2, 0.7))
    return Trigger(tuple(pushes), tone, _BACKWARD, _latency(rng), float(rng.uniform(0.15, 0.4)))


def _obstacle(rng: Rng, s: Setting) -> Trigger:
    push = _pushed(rng, s, 0, (0.1, 0.6))
    tone = _tone(rng, s.frames, (0.15, 0.5), (0.25, 0.8))
    height = float(rng.uniform(0.08, 0.16)) * s.shape.height
    return Trigger((push,), tone, _FORWARD, _latency(rng), obstacle_m=height)


def _faint(rng: Rng, s: Setting) -> Trigger:
    tone = np.empty((s.frames, len(HINGES)))
    tau = rng.uniform(0.08, 0.45)
    tone[:] = _fading(s.frames, 0.9, rng.uniform(0.02, 0.06), 0.1, tau)
    tone[:, LEGS] = _fading(s.frames, 0.8, rng.uniform(0.01, 0.04), 0, tau)
    reach = angles(knee=60, hip_flex=45, trunk_bend=25, ankle=15, neck_bend=35)
    push = _pushed(rng, s, rng.uniform(-180, 180), (0.05, 0.5))
    return Trigger((push,), tone, reach, 1)


def _leg_gives_way(rng: Rng, s: Setting) -> Trigger:
    side = "left" if rng.random() < 0.5 else "right"
    tone = _tone(rng, s.frames, (0.15, 0.4), (0.2, 0.7))
    weak = [i for name, i in HINGE_INDEX.items() if LEGS[i] and name.startswith(side)]
    tone[:, weak] = _fading(s.frames, 0.5, 0.02, 0, rng.uniform(0.05, 0.2))
    push = _pushed(rng, s, 60 if side == "left" else -60, (0.2, 0.7))
    return Trigger((push,), tone, _sideways(side), _latency(rng))


def _topple(rng: Rng, s: Setting) -> Trigger:
    tone = _tone(rng, s.frames, (0.3, 0.7), (0.05, 0.4))
    for name, i in HINGE_INDEX.items():
        if "ankle" in name:
            tone[:, i] = 0.05
    way = rng.uniform(-180, 180)
    reach = _FORWARD if abs(way) < 60 else _BACKWARD if abs(way) > 120 else _sideways(
        "left" if way > 0 else "right")  # fmt: skip
    reach = reach * np.where(LEGS, 0.3, rng.uniform(0, 1))
    return Trigger((_pushed(rng, s, way, (0.35, 0.8)),), tone, reach, _latency(rng) + 6)


def _chair_slide(rng: Rng, s: Setting) -> Trigger:
    tone = _tone(rng, s.frames, (0.03, 0.15), (0.1, 0.5))
    push = _pushed(rng, s, 0, (1.2, 2.2), "pelvis")
    return Trigger((push,), tone, 0.5 * _BACKWARD, _latency(rng), float(rng.uniform(0.25, 0.5)))


def _chair_sideways(rng: Rng, s: Setting) -> Trigger:
    side = "left" if rng.random() < 0.5 else "right"
    push = _pushed(rng, s, 75 if side == "left" else -75, (1.5, 2.6))
    tone = _tone(rng, s.frames, (0.05, 0.3), (0.1, 0.6))
    return Trigger((push,), tone, _sideways(side), _latency(rng))


def _chair_rising(rng: Rng, s: Setting) -> Trigger:
    way = rng.choice([0, 60, -60, 100, -100])
    push = _pushed(rng, s, float(way), (0.8, 1.6))
    reach = _FORWARD if way == 0 else _sideways("left" if way > 0 else "right")
    return Trigger((push,), _tone(rng, s.frames, (0.05, 0.3), (0.2, 0.7)), reach, _latency(rng))


FALLS: dict[str, tuple[tuple[str, ...], Callable[[Rng, Setting], Trigger]]] = {
    "push_forward": ((STAND, WALK), _push_forward),
    "push_backward": ((STAND, STAND, WALK), _push_backward),
    "push_sideways": ((STAND, WALK), _push_sideways),
    "trip": ((WALK,), _trip),
    "slip": ((WALK, WALK, STAND), _slip),
    "obstacle": ((WALK,), _obstacle),
    "faint": ((STAND, STAND, WALK), _faint),
    "leg_gives_way": ((STAND, WALK), _leg_gives_way),
    "topple": ((STAND,), _topple),
    "chair_slide": ((SEAT,), _chair_slide),
    "chair_sideways": ((SEAT,), _chair_sideways),
    "chair_rising": ((RISE,), _chair_rising),
}
"""The kinds of falls: what the person does before, and the function that draws the trigger."""
