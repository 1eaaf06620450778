"""The hinges of the simulated body: axes, ranges, and the torques that muscles hold them with.

The body stands upright at zero angles: x where it faces, y to its left, z up; arms and legs hang
down. Ranges are those of healthy adults, rounded from the tables of Norkin and White, "Measurement
of Joint Motion". Stiffness is for a body of 70 kg and 1.75 m, chosen by hand so that a body with
full muscle tone follows recorded motions within a few degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Hinge:
    """A hinge: name, the part that it moves, axis, range in degrees, stiffness in N m / rad."""

    name: str
    part: str
    axis: tuple[int, int, int]
    low_deg: float
    high_deg: float
    stiffness: float


_LEG = (
    ("hip_flex", "thigh", (0, -1, 0), -25, 125, 500.0),
    ("hip_out", "thigh", (1, 0, 0), -25, 45, 500.0),
    ("hip_twist", "thigh", (0, 0, 1), -40, 40, 200.0),
    ("knee", "shin", (0, 1, 0), 0, 150, 400.0),
    ("ankle", "foot", (0, -1, 0), -45, 25, 250.0),
    ("ankle_side", "foot", (1, 0, 0), -20, 20, 120.0),
)
_ARM = (
    ("shoulder_flex", "upper_arm", (0, -1, 0), -60, 180, 100.0),
    ("shoulder_out", "upper_arm", (1, 0, 0), -20, 170, 100.0),
    ("shoulder_twist", "upper_arm", (0, 0, 1), -90, 90, 50.0),
    ("elbow", "forearm", (0, -1, 0), 0, 145, 60.0),
    ("wrist", "hand", (0, -1, 0), -60, 60, 8.0),
)
"""Hinges of a left arm; `_LEG` likewise. Right ones turn the other way about x and z."""


def _hinges() -> tuple[Hinge, ...]:
    found = [
        Hinge("trunk_bend", "chest", (0, 1, 0), -30, 70, 500.0),
        Hinge("trunk_side", "chest", (1, 0, 0), -35, 35, 500.0),
        Hinge("trunk_turn", "chest", (0, 0, 1), -40, 40, 300.0),
        Hinge("neck_bend", "head", (0, 1, 0), -50, 50, 40.0),
        Hinge("neck_side", "head", (1, 0, 0), -35, 35, 40.0),
        Hinge("neck_turn", "head", (0, 0, 1), -60, 60, 20.0),
    ]
    for limb in (_ARM, _LEG):
        for side, sign in (("left", 1), ("right", -1)):
            for name, part, (x, y, z), low, high, stiffness in limb:
                axis = (sign * x, y, sign * z)
                found.append(Hinge(f"{side}_{name}", f"{side}_{part}", axis, low, high, stiffness))
    return tuple(found)


HINGES = _hinges()
"""All hinges in the order of a pose, which is that of the parts in the model.

Hinges of one part turn one after the other.
"""
HINGE_INDEX = {hinge.name: i for i, hinge in enumerate(HINGES)}
LOW = np.deg2rad([hinge.low_deg for hinge in HINGES])
HIGH = np.deg2rad([hinge.high_deg for hinge in HINGES])
STIFFNESS = np.array([hinge.stiffness for hinge in HINGES])
ROOT = 7
"""Numbers of a pose before its hinges: position (3) in metres and quaternion (4, w first)."""
ARMS = np.array([any(p in h.name for p in ("shoulder", "elbow", "wrist")) for h in HINGES])
"""Which hinges belong to the arms, bool (28,); `LEGS` likewise."""
LEGS = np.array([any(p in h.name for p in ("hip", "knee", "ankle")) for h in HINGES])


def angles(**degrees: float) -> Floats:
    """Angles of all hinges in radians, zero except those named, in degrees.

    A name without a side (`knee=90`) sets both sides.
    """
    found = np.zeros(len(HINGES))
    for name, value in degrees.items():
        both = [name] if name in HINGE_INDEX else [f"left_{name}", f"right_{name}"]
        for hinge in both:
            found[HINGE_INDEX[hinge]] = np.deg2rad(value)
    return found
