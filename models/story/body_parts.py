"""The parts of the body that a story speaks of, and the joints of each."""

from __future__ import annotations

from dataclasses import dataclass

LEFT_ARM, RIGHT_ARM, LEFT_LEG, RIGHT_LEG = "left_arm", "right_arm", "left_leg", "right_leg"
TRUNK, BODY = "trunk", "body"
BOTH_ARMS, BOTH_LEGS = "both_arms", "both_legs"
PAIRS = {BOTH_ARMS: (LEFT_ARM, RIGHT_ARM), BOTH_LEGS: (LEFT_LEG, RIGHT_LEG)}


@dataclass(frozen=True)
class Part:
    """A part: `joints` have its relevance. `root`, `middle` and `ends` show its motion."""

    joints: tuple[str, ...]
    root: tuple[str, ...]
    middle: str | None
    ends: tuple[str, ...]


def _arm(side: str) -> Part:
    joints = tuple(f"{joint}{side}" for joint in ("Shoulder", "Elbow", "Wrist", "Hand"))
    return Part(joints, joints[:1], joints[1], joints[2:])


def _leg(side: str) -> Part:
    joints = tuple(f"{joint}{side}" for joint in ("Hip", "Knee", "Ankle", "Foot"))
    return Part(joints, joints[:1], joints[1], joints[2:3])


PARTS: dict[str, Part] = {
    LEFT_ARM: _arm("Left"),
    RIGHT_ARM: _arm("Right"),
    LEFT_LEG: _leg("Left"),
    RIGHT_LEG: _leg("Right"),
    TRUNK: Part(("Head", "SpineShoulder"), ("HipLeft", "HipRight"), None, ("SpineShoulder",)),
}
"""All parts but the body as a whole, whose motion is that of the hips in the room."""

PART_OF = {joint: part for part, one in PARTS.items() for joint in one.joints}
"""The part of each joint that models read."""
