"""Limits, anatomy and state of outlier rejection, for many bodies at once, as rows of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import Body, FloatArray, Layout
from sensor.tracking.bone_check import BoneCheck
from sensor.tracking.rows import Rows

BoolArray = NDArray[np.bool_]

_FAST = ("Wrist", "Hand", "Thumb", "Ankle", "Foot")
_MIDDLING = ("Elbow", "Knee")


@dataclass(frozen=True)
class OutlierLimits:
    """Limits beyond which a joint is rejected.

    A joint with less than `confidence` (0 to 1) is missing; 0 trusts every position that the sensor
    gives. The speed limits are for trunk and head, for elbows and knees, and for the joints beyond
    them; the fastest punches and kicks stay under 20 m/s. A bone may be `stretch` times as long as
    usual for that person, plus `slack_m`. A joint that is at least `behind_m` behind another
    person's trunk is hidden. A body that was away for longer than `gap_s` starts anew.
    """

    confidence: float = 0.0
    trunk_m_s: float = 12.0
    middle_m_s: float = 16.0
    limb_m_s: float = 20.0
    stretch: float = 1.6
    slack_m: float = 0.05
    behind_m: float = 0.25
    gap_s: float = 0.35


OUTLIER_LIMITS = OutlierLimits()
SHORTEST_STEP_NS = 25_000_000
"""Frames closer than this were delayed on their way; speeds assume at least this step."""
LEARNT_FRAMES = 15
"""A bone is judged once it was seen in this many frames."""
UNKNOWN, TENTATIVE, CONFIRMED = 0, 1, 2
"""How far a joint's last position is trusted: not at all, as its first one, or by a second one."""
_NEAREST_M = 0.3  # a trunk closer to the origin cannot have been seen by a camera there


@dataclass(frozen=True, eq=False)
class Anatomy:
    """The parts of a layout for outlier rejection: limb bones, speed limits, trunk, all bones."""

    limits: OutlierLimits
    parents: NDArray[np.intp]
    children: NDArray[np.intp]
    speed_m_s: FloatArray
    trunk: NDArray[np.intp]
    bones: BoneCheck

    @classmethod
    def of(cls, layout: Layout, limits: OutlierLimits) -> Anatomy:
        """Return the anatomy of a layout."""
        bones = [bone for bone in layout.bones if _is_limb(layout, *bone)]
        speeds = [_speed(name, limits) for name in layout.joints]
        trunk = ("ShoulderLeft", "ShoulderRight", "HipLeft", "HipRight")
        return cls(
            limits,
            np.array([parent for parent, _ in bones], np.intp),
            np.array([child for _, child in bones], np.intp),
            np.array(speeds, np.float32),
            np.array([layout.index[name] for name in trunk], np.intp),
            BoneCheck.of(layout),
        )

    def hidden(self, bodies: tuple[Body, ...]) -> BoolArray:
        """Return, bool (N, J), which joints are hidden behind another person's trunk.

        The camera is at the origin. A trunk counts as the upright rectangle around its four
        corners. It hides nothing if a corner was not seen or it is nearer than `_NEAREST_M`.
        """
        if len(bodies) < 2:
            return np.zeros((len(bodies), len(self.speed_m_s)), bool)
        joints_m = np.stack([body.joints_m for body in bodies])
        depth_m = joints_m[..., 2]
        flat = joints_m[..., :2] / np.maximum(depth_m, np.float32(_NEAREST_M))[..., None]
        sure = np.stack([body.confidence for body in bodies])[:, self.trunk].min(axis=1) > 0
        hides = sure & (depth_m[:, self.trunk].min(axis=1) > _NEAREST_M)
        low, high = flat[:, self.trunk].min(axis=1), flat[:, self.trunk].max(axis=1)
        before_m = depth_m[:, self.trunk].mean(axis=1) + self.limits.behind_m
        hidden = np.zeros(depth_m.shape, bool)
        for i in np.flatnonzero(hides):
            inside = ((flat > low[i]) & (flat < high[i])).all(axis=2)
            behind = depth_m > before_m[i]
            behind[i] = False
            hidden |= inside & behind
        return hidden


def _is_limb(layout: Layout, parent: int, child: int) -> bool:
    """Return whether a bone is part of an arm or leg; trunk bones differ between trackers."""
    names = (layout.joints[parent], layout.joints[child])
    return all(name.endswith(("Left", "Right")) for name in names) and "Clavicle" not in names[0]


def _speed(name: str, limits: OutlierLimits) -> float:
    if name.startswith(_FAST):
        return limits.limb_m_s
    return limits.middle_m_s if name.startswith(_MIDDLING) else limits.trunk_m_s


@dataclass(eq=False)
class OutlierRows(Rows):
    """State of N bodies: last joint positions, and bone lengths.

    `positions_m` (N, J, 3) and `accepted_ns` (N, J), -1 for never, are the last accepted position
    of each joint. `trust` (N, J) says how far it is trusted; if it is `UNKNOWN`, the position was
    rejected. `length_m` (N, B) is the usual length of each limb bone, `measured` (N, B) how often
    it was seen.
    """

    positions_m: FloatArray
    accepted_ns: NDArray[np.int64]
    trust: NDArray[np.int8]
    length_m: FloatArray
    measured: NDArray[np.int64]

    @classmethod
    def new(cls, count: int, anatomy: Anatomy) -> OutlierRows:
        """Return the state of `count` bodies that were never seen."""
        joints, bones = len(anatomy.speed_m_s), len(anatomy.parents)
        return cls(
            np.zeros((count, joints, 3), np.float32),
            np.full((count, joints), -1, np.int64),
            np.full((count, joints), UNKNOWN, np.int8),
            np.zeros((count, bones), np.float32),
            np.zeros((count, bones), np.int64),
        )
