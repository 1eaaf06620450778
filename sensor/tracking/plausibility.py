"""Tells which way up a body is, and whether it has the size and the limbs of a person.

A body that fails in nearly all frames shows that the axes or the unit of its coordinates are not
those of camera space. A person who lies, bends or falls fails in some frames only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Literal

import numpy as np

from sensor.block import Block
from sensor.skeleton import KINECT_V2, Body, FloatArray

Verdict = Literal["person", "upside down", "along z", "on its side", "size", "limbs"]

FEWEST = 3
"""With fewer findings nothing is said about a body."""
_ENOUGH = 0.2  # a share of findings of a person that suffices
_TRUNK_M = (0.25, 0.9)
_TRUNKS_IN_HEIGHT = 3.4
_UPRIGHT = 0.5  # an upright part rises by at least this share of its length
_ARM = (0.4, 3.0)  # upper arm and forearm in lengths of the trunk; generous, for poor sensors
_LEG = (0.6, 4.0)
_UNITS_M = {
    "millimetres": 0.001, "centimetres": 0.01, "inches": 0.0254, "decimetres": 0.1,
    "feet": 0.3048, "metres": 1.0,
}  # fmt: skip
_USUAL_TRUNK_M = 0.5
_SAME_UNIT = math.log(1.5)

_INDEX = KINECT_V2.index
_CHAINS = {
    part + side: [_INDEX[name + side] for name in names]
    for part, names in (
        ("Arm", ("Shoulder", "Elbow", "Wrist")),
        ("Leg", ("Hip", "Knee", "Ankle")),
    )
    for side in ("Left", "Right")
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one frame says of one body, with the length of its trunk in metres."""

    verdict: Verdict
    trunk_m: float


@dataclass(frozen=True, slots=True)
class Convention:
    """The unit of the coordinates in metres, and whether they have y up, for the sentences."""

    unit: str = "metres"
    y_up: bool = True


CAMERA_SPACE = Convention()


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
    verdict = _posture(parts)
    if verdict == "person" and not _has_limbs(body, trunk_m):
        verdict = "limbs"
    return Finding(verdict, trunk_m)


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


def _posture(parts: Sequence[FloatArray]) -> Verdict:
    """Judge the posture from the ways hips minus feet, if seen, and head minus hips.

    The first part that clearly rises or falls decides: the feet of somebody who bends are below.
    """
    for part in parts:
        rise = float(part[1] / max(float(np.linalg.norm(part)), 1e-6))
        if abs(rise) >= _UPRIGHT:
            return "person" if rise > 0 else "upside down"
    x, _, z = np.abs(np.sum(parts, axis=0))
    return "along z" if z > x else "on its side"


def _has_limbs(body: Body, trunk_m: float) -> bool:
    for name, picks in _CHAINS.items():
        if body.confidence[picks].all():
            steps = np.diff(body.joints_m[picks], axis=0)
            length = float(np.sqrt((steps * steps).sum(axis=1)).sum()) / trunk_m
            low, high = _ARM if name.startswith("Arm") else _LEG
            if not low <= length <= high:
                return False
    return True


def problem_in(findings: Sequence[Finding], convention: Convention = CAMERA_SPACE) -> str | None:
    """Return one line on the likely cause and its mend, if hardly any finding is of a person."""
    persons = sum(finding.verdict == "person" for finding in findings)
    if len(findings) < FEWEST or persons >= _ENOUGH * len(findings):
        return None
    wrong = Counter(f.verdict for f in findings if f.verdict != "person").most_common(1)[0][0]
    trunk_m = float(np.median([f.trunk_m for f in findings if f.verdict == wrong]))
    y_must = f"y must point {'up' if convention.y_up else 'down'}"
    if wrong == "size":
        return _size_problem(trunk_m, convention.unit)
    return {
        "upside down": f"the body stands on its head: {y_must}",
        "along z": f"the body lies along the z axis: z seems to point up or down, but {y_must}; "
        "exchange the axes",
        "on its side": f"the body lies on its side: is the camera turned? {y_must}; turn the "
        "camera, or the coordinates by 90°",
    }.get(wrong, "the limbs do not fit the trunk: are the joints in the order of their layout?")


def _size_problem(trunk_m: float, expected: str) -> str:
    height_m = _TRUNKS_IN_HEIGHT * trunk_m
    shown = f"{height_m:,.0f}" if height_m >= 10 else f"{height_m:.2g}"
    trunk = trunk_m / _UNITS_M[expected]
    unit = min(_UNITS_M, key=lambda name: _misfit(trunk * _UNITS_M[name]))
    if unit != expected and _misfit(trunk * _UNITS_M[unit]) < _SAME_UNIT:
        cause = f"coordinates seem to be {unit}, but must be {expected}"
    else:
        cause = f"coordinates must be {expected}, and not scaled"
    return f"the body is {shown} m tall: {cause}"


def _misfit(trunk_m: float) -> float:
    """Return how far a trunk is from a usual one, as the absolute log of their ratio."""
    return abs(math.log(max(trunk_m, 1e-9) / _USUAL_TRUNK_M))


@dataclass(slots=True)
class RunningCheck:
    """Checks the bodies of a live stream until they have clearly been people.

    It looks at one frame in 0.1 s and judges the last 50 findings. After 20 findings of a person
    the axes and the unit are right, and `done` stays True. `problem` is the line to show, or None.
    """

    problem: str | None = None
    done: bool = False
    _findings: list[Finding] = field(default_factory=list)
    _looked_ns: int | None = None

    STEP_NS: ClassVar[int] = 95_000_000  # below 0.1 s, since times of 30 Hz are rounded
    KEPT: ClassVar[int] = 50
    PERSONS: ClassVar[int] = 20

    def due(self, now_ns: int) -> bool:
        """Return whether a frame of this time must be given to `update`."""
        looked_ns = self._looked_ns
        passed = looked_ns is None or not 0 <= now_ns - looked_ns < self.STEP_NS
        return passed and not self.done

    def update(self, bodies: Sequence[Body], now_ns: int) -> None:
        """Look at the bodies of a frame, which are in the canonical layout."""
        if bodies:
            self._looked_ns = now_ns
        finding = examine_frame(bodies)
        if finding is None:
            return
        self._findings = [*self._findings, finding][-self.KEPT :]
        self.problem = problem_in(self._findings)
        persons = sum(one.verdict == "person" for one in self._findings)
        self.done = self.problem is None and persons >= self.PERSONS

    def after(self, block: Block) -> RunningCheck:
        """Return a copy that has looked at a block in the canonical layout, up to a problem."""
        check = replace(self)
        for i, t_ns in enumerate(block.captured_ns.tolist()):
            if check.problem is None and check.due(t_ns):
                body = Body(block.body_id, block.joints_m[i], block.confidence[i])
                check.update((body,), t_ns)
        return check
