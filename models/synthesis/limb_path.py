"""`LimbPath`: the path of a hand or a foot, and how the rest of the body moves with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]
"""A place or direction: right, up, forward."""
Place = Sequence[float] | NDArray[np.float64]
"""What is accepted as a point: three numbers."""


def _point(place: Place) -> Point:
    right, up, forward = (float(value) for value in place)
    return right, up, forward


@dataclass
class LimbPath:
    """The path of a right wrist from rest through points, and the settings of the body on the way.

    Places and bulges are in lengths of the arm, from its shoulder: right, up, forward. If `leg` is
    set, the same holds for hip, knee and ankle. Then the foot keeps its direction, and the settings
    of hand and shoulder and `follow_deg` have no effect. Nothing is checked. The ranges given here
    are those that the gestures draw from; the package docstring says where they come from.
    """

    elbow: Point
    """Direction in which the elbow points off the line between shoulder and wrist (the pole vector
    of the inverse kinematics). Its length does not matter."""
    smoothing_s: float
    """Seconds over which corners of the path are rounded, 0 or more; 0.06 to 0.2."""
    points: list[Point] = field(default_factory=list)
    """The K places that the wrist reaches, one after the other. Length 1 is a straight arm."""
    seconds: list[float] = field(default_factory=list)
    """Time (K) from the place before to each point, above 0; the first from rest."""
    turn_deg: list[float] = field(default_factory=list)
    """Turn (K) of the trunk to the left at each point, in degrees; negative to the right."""
    bulges: list[Point] = field(default_factory=list)
    """How far (K) the path to each point stands off the straight line, in its middle."""
    ease: float = 0.0
    """How slowly each stroke between points starts and ends: 0 (even speed) to 1 (smoothstep)."""
    wag_deg: float = 0.0
    """Greatest sideways bend of the hand, in degrees, which swings once in `wag_s`; 15 to 60 in
    waves."""
    wag_s: float = 1.0
    """Period in seconds, above 0, of `wag_deg` and `nod_deg`."""
    lift_deg: float = 0.0
    """Upward bend of the hand, in degrees; 20 to 75 shows a palm."""
    nod_deg: float = 0.0
    """Additional upward bend, in degrees, that comes and goes once in `wag_s`; 40 to 90 beckons."""
    hand_scale: float = 1.0
    """Factor, above 0, by which the hand looks longer: above 1 for a pointing finger, below 1 for a
    palm towards the camera."""
    hip_turn_share: float = 0.0
    """Share of the trunk's turn that hips and legs turn as well, 0 to 1."""
    body_shift: tuple[float, float] = (0.0, 0.0)
    """How far the whole body moves right and forward, per distance of the wrist from its rest; 0
    to 0.35 forward in kicks."""
    trunk_shift: tuple[float, float] = (0.0, 0.0)
    """How far everything above the hips moves right and forward besides, per distance of the wrist
    from its rest; about -0.1 to 0.1."""
    shoulder_share: float = 0.0
    """Share of the wrist's movement by which the whole arm moves, shoulder included; 0.02 to
    0.15."""
    follow_deg: float = 0.0
    """Turn of the trunk to the left, in degrees, when the wrist is one arm length further forward
    or left than at rest; 0 to 25."""
    leg: bool = False
    """Whether this is the path of an ankle."""
    other: LimbPath | None = None
    """Path of the left wrist, mirrored and stretched to the time of this path. With it `follow_deg`
    has no effect."""

    def to(
        self, point: Place, seconds: float, turn_deg: float = 0.0, bulge: Place = (0, 0, 0)
    ) -> None:
        """Continue to a point, in `seconds`."""
        self.points.append(_point(point))
        self.seconds.append(seconds)
        self.turn_deg.append(turn_deg)
        self.bulges.append(_point(bulge))

    def stay(self, seconds: float) -> None:
        """Hold the newest point."""
        self.to(self.points[-1], seconds, self.turn_deg[-1])
