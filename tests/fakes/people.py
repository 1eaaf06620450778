"""People who raise their hands: recordings for the labels of the fake model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sensor.block import Block
from sensor.formats.recording import Recording, even_times_ns
from sensor.skeleton import KINECT_V2, Body, FloatArray, Frame, Layout
from tests.builders import pose

RATE_HZ = 30.0
SCRIPT = (("rest", 1.0), ("right", 1.5), ("rest", 1.5), ("left", 1.5), ("rest", 1.0))
_LIFT_M = {"Elbow": 0.3, "Wrist": 0.75, "Hand": 0.85, "HandTip": 0.95, "Thumb": 0.85}


def motion(script: Sequence[tuple[str, float]] = SCRIPT, layout: Layout = KINECT_V2) -> FloatArray:
    """Return a standing person who raises a hand per step of the script, float32 (T, J, 3)."""
    steps = [hand for hand, seconds in script for _ in range(round(seconds * RATE_HZ))]
    joints = np.repeat(pose(layout)[None], len(steps), axis=0)
    for frame, hand in enumerate(steps):
        if hand != "rest":
            for part, lift_m in _LIFT_M.items():
                joint = layout.index.get(f"{part}{hand.capitalize()}")
                if joint is not None:
                    joints[frame, joint, 1] += lift_m
    return joints


def frames(
    *people: FloatArray, layout: Layout = KINECT_V2, start_ns: int = 0, apart_m: float = 1.2
) -> list[Frame]:
    """Return one stream of all people side by side, ids from 1, at 30 Hz from `start_ns`."""
    count = max(len(joints) for joints in people)
    made = []
    for i, t_ns in enumerate(even_times_ns(count, RATE_HZ)):
        bodies = tuple(
            _body(n + 1, joints[i] + np.float32((n * apart_m, 0, 0)))
            for n, joints in enumerate(people)
            if i < len(joints)
        )
        made.append(Frame("people", i, start_ns + int(t_ns), bodies, layout))
    return made


def _body(id: int, joints_m: FloatArray) -> Body:
    return Body(id, joints_m, np.ones(len(joints_m), np.float32))


def recording(*people: FloatArray, layout: Layout = KINECT_V2) -> Recording:
    """Return the same frames as a recording."""
    everybody = people or (motion(layout=layout),)
    made = tuple(frames(*everybody, layout=layout))
    return Recording("people", "built", layout, made, RATE_HZ)


def block_of(frames: Sequence[Frame]) -> Block:
    """Return frames that show the same single body as a block."""
    return Block(
        frames[0].source,
        frames[0].layout,
        frames[0].bodies[0].id,
        np.array([frame.sequence for frame in frames]),
        np.array([frame.captured_ns for frame in frames]),
        np.stack([frame.bodies[0].joints_m for frame in frames]),
        np.stack([frame.bodies[0].confidence for frame in frames]),
    )
