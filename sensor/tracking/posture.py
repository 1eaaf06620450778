"""Tells from one frame which way up a body is, and whether it is built like a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sensor.skeleton import KINECT_V2, Body, FloatArray

Verdict = Literal["person", "upside down", "along z", "on its side", "size", "limbs"]

_TRUNK_M = (0.25, 0.9)
_UPRIGHT = 0.5  # an upright part rises by at least this share of its length
_ARM = (0.4, 3.0)  # upper arm and forearm in lengths of the trunk; generous, for poor sensors
_LEG = (0.6, 4.0)
_INDEX = KINECT_V2.index
_CHAINS = {
    part + side: [_INDEX[name + side] for name in names]
    for part, names in (
        ("Arm", ("Shoulder", "Elbow", "Wrist")),
        ("Leg", ("Hip", "Knee", "Ankle")),
    )
    for side in ("Left", "Right")
}
_FEET = [_INDEX[name] for name in ("FootLeft", "FootRight", "AnkleLeft", "AnkleRight")]
_SIDES = [_INDEX[name] for name in ("ShoulderLeft", "ShoulderRight")]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one frame says of one body, with the length of its trunk in metres.

    `turn` is by how many degrees the body must be turned about the viewing axis to stand, clockwise
    as the camera sees it. `mirrored` says whether left and right are exchanged, None if the feet do
    not tell forward.
    """

    verdict: Verdict
    trunk_m: float
    turn: int = 0
    mirrored: bool | None = None


def examine(body: Body) -> Finding | None:
    """Return the finding on a body in the canonical layout; None if its trunk was not seen."""
    shoulders = _middle(body, "ShoulderLeft", "ShoulderRight")
    hips = _middle(body, "HipLeft", "HipRight")
    if shoulders is None or hips is None:
        return None
    trunk_m = float(np.linalg.norm(shoulders - hips))
    if not _TRUNK_M[0] <= trunk_m <= _TRUNK_M[1]:
        return Finding("size", trunk_m)
    head = _middle(body, "Head")
    feet = _middle(body, "AnkleLeft", "AnkleRight")
    parts = [(shoulders if head is None else head) - hips]
    if feet is not None:
        parts.insert(0, hips - feet)
    verdict, turn = _posture(parts)
    if verdict == "person":
        return Finding("person" if _has_limbs(body, trunk_m) else "limbs", trunk_m)
    return Finding(verdict, trunk_m, turn, _is_mirrored(body, parts[-1]))


def examine_frame(bodies: Sequence[Body]) -> Finding | None:
    """Return the finding on a frame's bodies; None if no trunk was seen.

    One person in view shows that the axes are right, whatever else the tracker sees.
    """
    found = [finding for body in bodies if (finding := examine(body)) is not None]
    persons = [finding for finding in found if finding.verdict == "person"]
    return next(iter(persons or found), None)


def _middle(body: Body, *names: str) -> FloatArray | None:
    """Return the middle of these joints, (3,); None if one of them was not seen."""
    picks = [_INDEX[name] for name in names]
    if not body.confidence[picks].all():
        return None
    return np.asarray(body.joints_m[picks].mean(axis=0))


def _posture(parts: Sequence[FloatArray]) -> tuple[Verdict, int]:
    """Judge the posture, and how to turn it, from hips minus feet, if seen, and head minus hips.

    The first part that clearly rises or falls decides: the feet of somebody who bends are below.
    """
    for part in parts:
        rise = float(part[1] / max(float(np.linalg.norm(part)), 1e-6))
        if abs(rise) >= _UPRIGHT:
            return ("person", 0) if rise > 0 else ("upside down", 180)
    x, _, z = np.sum(parts, axis=0)
    return ("along z", 0) if abs(z) > abs(x) else ("on its side", 90 if x > 0 else 270)


def _is_mirrored(body: Body, up: FloatArray) -> bool | None:
    """Return whether left, up and forward, where the feet point, are a mirror image."""
    if not body.confidence[_FEET].all() or not body.confidence[_SIDES].all():
        return None
    toes = (body.joints_m[_FEET[:2]] - body.joints_m[_FEET[2:]]).sum(axis=0)
    left = body.joints_m[_SIDES[0]] - body.joints_m[_SIDES[1]]
    volume = float(np.linalg.det(np.stack((left, up, toes)).astype(np.float64)))
    return None if volume == 0 else volume < 0


def _has_limbs(body: Body, trunk_m: float) -> bool:
    for name, picks in _CHAINS.items():
        if body.confidence[picks].all():
            steps = np.diff(body.joints_m[picks], axis=0)
            length = float(np.sqrt((steps * steps).sum(axis=1)).sum()) / trunk_m
            low, high = _ARM if name.startswith("Arm") else _LEG
            if not low <= length <= high:
                return False
    return True
