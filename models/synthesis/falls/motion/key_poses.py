"""Key poses between standing and lying, and the ways that people take through them.

A key pose has the pitch and roll of the pelvis and the angles of the hinges, in degrees: pitch is
positive forward, roll to the right. `turn_deg` turns the whole body to its left on the way there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.synthesis.falls.body.hinges import HINGES, Floats, angles

Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class KeyPose:
    """A pose on the way: orientation of the pelvis in degrees, hinges (28,) in radians."""

    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    turn_deg: float = 0.0
    hinges: Floats = field(default_factory=lambda: np.zeros(len(HINGES)))


def _key(pitch: float = 0, roll: float = 0, turn: float = 0, **degrees: float) -> KeyPose:
    return KeyPose(pitch, roll, turn, angles(**degrees))


_ARMS_HANG = {"shoulder_flex": 5.0, "shoulder_out": 8.0, "elbow": 15.0}
_LEFT_KNEE_DOWN = {
    "left_hip_flex": 8.0, "left_knee": 95.0, "left_ankle": -35.0,
    "right_hip_flex": 92.0, "right_knee": 92.0,
}  # fmt: skip
KEYS = {
    "stand": _key(**_ARMS_HANG),
    "bend": _key(60, hip_flex=65, knee=12, trunk_bend=30, shoulder_flex=75, elbow=10),
    "squat": _key(35, hip_flex=108, knee=108, ankle=24, trunk_bend=20, shoulder_flex=50, elbow=30),
    "reach": _key(45, hip_flex=112, knee=110, ankle=22, trunk_bend=30, right_shoulder_flex=85,
                  left_shoulder_flex=30, left_elbow=70, right_elbow=8),
    "half_kneel": _key(6, **_LEFT_KNEE_DOWN, **_ARMS_HANG),
    "half_kneel_hand": _key(25, left_hip_flex=25, left_knee=95, left_ankle=-35, right_hip_flex=112,
                            right_knee=95, trunk_bend=15, right_shoulder_flex=60, right_elbow=40,
                            left_shoulder_flex=70, left_elbow=10),
    "kneel": _key(3, hip_flex=5, knee=97, ankle=-35, **_ARMS_HANG),
    "heel_sit": _key(12, hip_flex=72, knee=140, ankle=-40, shoulder_flex=30, elbow=40),
    "all_fours": _key(78, hip_flex=80, knee=92, ankle=-35, shoulder_flex=85, elbow=8,
                      neck_bend=-25),
    "seat": _key(-3, hip_flex=86, knee=88, trunk_bend=6, shoulder_flex=22, elbow=60),
    "lean_forward": _key(35, hip_flex=110, knee=98, ankle=8, trunk_bend=15, shoulder_flex=30,
                         elbow=50),
    "long_sit": _key(-18, hip_flex=70, knee=12, ankle=-15, trunk_bend=10, shoulder_flex=-45,
                     shoulder_out=15, elbow=8),
    "sit_knees_up": _key(-10, hip_flex=105, knee=85, ankle=-8, trunk_bend=25, shoulder_flex=45,
                         elbow=40),
    "side_sit": _key(5, 12, 25, left_hip_flex=75, right_hip_flex=80, left_hip_out=15, knee=105,
                     right_hip_out=15, left_hip_twist=-30, right_hip_twist=30, ankle=-30,
                     right_shoulder_out=45, right_shoulder_flex=15, left_shoulder_flex=45,
                     left_elbow=40, trunk_side=-8),
    "on_elbow": _key(0, 60, 10, hip_flex=55, knee=75, right_shoulder_out=60,
                     right_shoulder_flex=35, right_elbow=80, trunk_side=-20, left_shoulder_flex=60,
                     left_elbow=30),
    "supine": _key(-90, hip_flex=3, knee=6, ankle=-25, shoulder_out=20, elbow=15),
    "supine_knees_up": _key(-88, hip_flex=42, knee=82, ankle=-10, shoulder_out=15, elbow=30),
    "side_lie": _key(0, 88, 0, hip_flex=45, knee=60, ankle=-15, left_shoulder_flex=70,
                     left_elbow=60, right_shoulder_flex=80, right_elbow=70, neck_side=15),
    "prone": _key(90, knee=5, ankle=-40, shoulder_flex=140, shoulder_out=35, elbow=80,
                  neck_turn=50),
    "push_up": _key(82, hip_flex=20, knee=30, ankle=-35, shoulder_flex=80, elbow=40,
                    neck_bend=-25, trunk_bend=-15),
    "plank_squat": _key(60, hip_flex=118, knee=90, ankle=15, shoulder_flex=95, elbow=5),
}  # fmt: skip
"""Poses of a person who uses the right side; `mirrored` gives the other."""

UP_FROM_BACK = (
    ("supine_knees_up", "long_sit", "side_sit", "all_fours", "half_kneel_hand", "stand"),
    ("long_sit", "sit_knees_up", "squat", "stand"),
    ("long_sit", "side_sit", "all_fours", "kneel", "half_kneel", "stand"),
    ("side_lie", "on_elbow", "side_sit", "all_fours", "half_kneel_hand", "stand"),
    ("sit_knees_up", "half_kneel_hand", "stand"),
)
UP_FROM_FRONT = (
    ("push_up", "all_fours", "half_kneel_hand", "stand"),
    ("push_up", "all_fours", "kneel", "half_kneel", "stand"),
    ("push_up", "plank_squat", "squat", "stand"),
    ("all_fours", "heel_sit", "kneel", "half_kneel", "stand"),
)
UP_FROM_SIDE = (
    ("on_elbow", "side_sit", "all_fours", "half_kneel_hand", "stand"),
    ("on_elbow", "side_sit", "kneel", "half_kneel", "stand"),
    ("push_up", "all_fours", "half_kneel_hand", "stand"),
    ("on_elbow", "long_sit", "squat", "stand"),
)
LIE_DOWN = (
    ("squat", "sit_knees_up", "long_sit", "supine"),
    ("half_kneel", "kneel", "all_fours", "push_up", "prone"),
    ("half_kneel_hand", "all_fours", "side_sit", "on_elbow", "side_lie"),
    ("kneel", "side_sit", "on_elbow", "side_lie", "supine"),
    ("squat", "side_sit", "on_elbow", "side_lie"),
    ("squat", "long_sit", "supine_knees_up"),
)
_SIDED = np.array([h.name.startswith(("trunk_side", "trunk_turn", "neck_side", "neck_turn"))
                   for h in HINGES])  # fmt: skip
_NAMES = [hinge.name for hinge in HINGES]
_OTHER = np.array([
    _NAMES.index(
        name.replace("left", "#").replace("right", "left").replace("#", "right")
    )
    for name in _NAMES
])  # fmt: skip


def mirrored(key: KeyPose) -> KeyPose:
    """The same pose with left and right exchanged."""
    hinges = key.hinges[_OTHER] * np.where(_SIDED, -1, 1)
    return KeyPose(key.pitch_deg, -key.roll_deg, -key.turn_deg, hinges)


def varied(rng: Rng, key: KeyPose, spread_deg: float = 6.0) -> KeyPose:
    """The pose as another person takes it: every angle a little different."""
    noise = np.deg2rad(rng.normal(0, spread_deg, len(HINGES)))
    return KeyPose(
        key.pitch_deg + float(rng.normal(0, spread_deg)),
        key.roll_deg + float(rng.normal(0, spread_deg / 2)),
        key.turn_deg + float(rng.normal(0, 2 * spread_deg)),
        key.hinges + noise,
    )
