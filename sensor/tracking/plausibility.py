"""Tells whether the bodies of a recording or a stream can be people.

A body that fails in nearly all frames shows that the axes or the unit of its coordinates are not
those of camera space. A person who lies, bends or falls fails in some frames only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from sensor.block import Block
from sensor.skeleton import Body
from sensor.tracking.posture import Finding, examine_frame

FEWEST = 3
"""With fewer findings nothing is said about a body."""
_ENOUGH = 0.2  # a share of findings of a person that suffices
_TRUNKS_IN_HEIGHT = 3.4
_UNITS_M = {
    "millimetres": 0.001, "centimetres": 0.01, "inches": 0.0254, "decimetres": 0.1,
    "feet": 0.3048, "metres": 1.0,
}  # fmt: skip
_FACTORS = (10, 100, 1000)
_USUAL_TRUNK_M = 0.5
_SAME_UNIT = math.log(1.5)


@dataclass(frozen=True, slots=True)
class Convention:
    """The unit of the coordinates in metres, and whether they have y up, for the sentences."""

    unit: str = "metres"
    y_up: bool = True


CAMERA_SPACE = Convention()


def problem_in(
    findings: Sequence[Finding], convention: Convention = CAMERA_SPACE, rotate: str = ""
) -> str | None:
    """Return one line on the likely cause and its mend, if hardly any finding is of a person.

    `rotate` is the option that turns the bodies, such as "rotate={}"; "" if there is none.
    """
    persons = sum(finding.verdict == "person" for finding in findings)
    if len(findings) < FEWEST or persons >= _ENOUGH * len(findings):
        return None
    wrong = Counter(f.verdict for f in findings if f.verdict != "person").most_common(1)[0][0]
    those = [finding for finding in findings if finding.verdict == wrong]
    if wrong == "size":
        trunk_m = float(np.median([finding.trunk_m for finding in those]))
        return _size_problem(trunk_m, convention.unit)
    y_must = f"y must point {'up' if convention.y_up else 'down'}"
    if wrong in ("upside down", "on its side"):
        turn = Counter(finding.turn for finding in those).most_common(1)[0][0]
        mirrored = Counter(finding.mirrored for finding in those).most_common(1)[0][0]
        return _turned_problem(turn, mirrored, y_must, rotate)
    if wrong == "along z":
        return (
            f"the body lies along the z axis: z seems to point up or down, but {y_must}; exchange "
            "the axes"
        )
    return "the limbs do not fit the trunk: are the joints in the order of their layout?"


def _turned_problem(turn: int, mirrored: bool | None, y_must: str, rotate: str) -> str:
    """Return the line on a body that must be turned, or mirrored, to stand."""
    place = "stands on its head" if turn == 180 else "lies on its side"
    if mirrored:
        flip = {90: "exchange x and y", 180: "negate y", 270: "exchange x and y and negate both"}
        return f"the body {place}: {y_must}; {flip[turn]}"
    by_hand = {90: "-y, x", 180: "-x, -y", 270: "y, -x"}
    how = (
        f"add {rotate.format(turn)}"
        if rotate
        else f"turn the coordinates (x, y to {by_hand[turn]})"
    )
    either = "negate y, or " if mirrored is None and turn == 180 else ""
    camera = "is the camera upside down?" if turn == 180 else "is the camera turned?"
    return f"the body {place}: {y_must}; {either}{camera} {how}"


def _size_problem(trunk_m: float, expected: str) -> str:
    height_m = _TRUNKS_IN_HEIGHT * trunk_m
    shown = f"{height_m:,.0f}" if height_m >= 10 else f"{height_m:.2g}"
    trunk = trunk_m / _UNITS_M[expected]
    unit = min(_UNITS_M, key=lambda name: _misfit(trunk * _UNITS_M[name]))
    factor = min(_FACTORS, key=lambda one: _misfit(trunk_m * one))
    if unit != expected and _misfit(trunk * _UNITS_M[unit]) < _SAME_UNIT:
        cause = f"coordinates seem to be {unit}, but must be {expected}"
    elif _misfit(trunk_m * factor) < _SAME_UNIT:
        cause = f"coordinates seem to be {expected} divided by {factor}, but must be {expected}"
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
    `rotate` is the option that turns the bodies, as for `problem_in`.
    """

    problem: str | None = None
    done: bool = False
    rotate: str = ""
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
        self.problem = problem_in(self._findings, rotate=self.rotate)
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
