"""`LimbPath`: where a hand or a foot goes, and what the body does meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]
Place = Sequence[float] | NDArray[np.float64]


def _point(place: Place) -> Point:
    right, up, forward = (float(value) for value in place)
    return right, up, forward


@dataclass
class LimbPath:
    """Where a right wrist goes, in lengths of the arm from its shoulder: right, up, forward.

    `points` (K) are reached `seconds` (K) after each other, the first from rest; on the way
    corners are rounded over `round_s`, a way stands off the straight one by its `bulges` (K) in
    the middle, and by `ease` (0 to 1) each is begun and ended slowly. The elbow keeps to the side
    of `elbow`, the trunk turns by `turn_deg` (K) to the left, hips and legs by `hips` of that, and
    the hand bends sideways by up to `wag_deg` every `wag_s`, upwards by `lift_deg` and as often by
    up to `nod_deg` more; it is seen `hand` times as long (of a pointing one the finger is seen).
    The body follows, by the way of the wrist from where it hung: all of it goes by `step` (right,
    forward), all above the hips by `lean`, the shoulder by `shrug`, and the trunk turns by up to
    `follow_deg`.
    Meanwhile, and for as long, the left wrist goes the mirrored way of `other`. Of a `leg` all this
    is said of hip, knee and ankle; the foot keeps its direction.
    """

    elbow: Point
    round_s: float
    points: list[Point] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    turn_deg: list[float] = field(default_factory=list)
    bulges: list[Point] = field(default_factory=list)
    ease: float = 0.0
    wag_deg: float = 0.0
    wag_s: float = 1.0
    lift_deg: float = 0.0
    nod_deg: float = 0.0
    hand: float = 1.0
    hips: float = 0.0
    step: tuple[float, float] = (0.0, 0.0)
    lean: tuple[float, float] = (0.0, 0.0)
    shrug: float = 0.0
    follow_deg: float = 0.0
    leg: bool = False
    other: LimbPath | None = None

    def to(
        self, point: Place, seconds: float, turn_deg: float = 0.0, bulge: Place = (0, 0, 0)
    ) -> None:
        """Go on to a point."""
        self.points.append(_point(point))
        self.seconds.append(seconds)
        self.turn_deg.append(turn_deg)
        self.bulges.append(_point(bulge))

    def stay(self, seconds: float) -> None:
        """Stay at the newest point."""
        self.to(self.points[-1], seconds, self.turn_deg[-1])
