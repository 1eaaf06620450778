"""Outlier rejection for many bodies at once, as rows of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import Body, FloatArray, Layout
from sensor.tracking.rows import Rows, length2

BoolArray = NDArray[np.bool_]


_FAST = ("Wrist", "Hand", "Thumb", "Ankle", "Foot")


_MIDDLING = ("Elbow", "Knee")


@dataclass(frozen=True)
class OutlierLimits:
    """How wide the gates stand.

    A joint of less than `confidence` (0 to 1) is missing; 0 trusts whatever the sensor gives a
    place. Speeds are for the trunk and head, for elbows and knees, and for what is beyond them;
    the fastest punches and kicks stay under 20 m/s. A bone may be `stretch` times as long as
    that person's bone usually is, and `slack_m` more. A joint is hidden that is `behind_m` or
    more behind another's trunk. Who was away for `gap_s` is new.
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
"""Frames that come closer than this were held up on their way: speeds take them as this far."""


LEARNT_FRAMES = 15
"""A bone is judged once it has been seen this often."""


_NEAREST_M = 0.3  # a trunk nearer to the origin than this was not seen by a camera there


@dataclass(frozen=True, eq=False)
class Anatomy:
    """What the gates need of a layout: limb bones, speed limits, the trunk."""

    limits: OutlierLimits
    parents: NDArray[np.intp]
    children: NDArray[np.intp]
    speed_m_s: FloatArray
    trunk: NDArray[np.intp]

    @classmethod
    def of(cls, layout: Layout, limits: OutlierLimits) -> Anatomy:
        """That of a layout."""
        bones = [bone for bone in layout.bones if _is_limb(layout, *bone)]
        speeds = [_speed(name, limits) for name in layout.joints]
        trunk = ("ShoulderLeft", "ShoulderRight", "HipLeft", "HipRight")
        return cls(
            limits,
            np.array([parent for parent, _ in bones], np.intp),
            np.array([child for _, child in bones], np.intp),
            np.array(speeds, np.float32),
            np.array([layout.index[name] for name in trunk], np.intp),
        )

    def hidden(self, bodies: tuple[Body, ...]) -> BoolArray:
        """Which joints (N, J) another's trunk stands before, as the camera at the origin sees it.

        A trunk is taken as the upright rectangle round its four corners; one that is not all
        seen, or is nearer than `_NEAREST_M`, hides nothing.
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
    """Bones of arms and legs. Those of the trunk differ too much from tracker to tracker."""
    names = (layout.joints[parent], layout.joints[child])
    return all(name.endswith(("Left", "Right")) for name in names) and "Clavicle" not in names[0]


def _speed(name: str, limits: OutlierLimits) -> float:
    if name.startswith(_FAST):
        return limits.limb_m_s
    return limits.middle_m_s if name.startswith(_MIDDLING) else limits.trunk_m_s


@dataclass(eq=False)
class OutlierRows(Rows):
    """What is remembered of N bodies: where each joint was last believed, when, and their bones.

    `places_m` (N, J, 3), `believed_ns` (N, J), -1 for never; `length_m` and `measured` (N, B): how
    long each limb bone usually is, and how often it was seen.
    """

    places_m: FloatArray
    believed_ns: NDArray[np.int64]
    length_m: FloatArray
    measured: NDArray[np.int64]

    @classmethod
    def new(cls, count: int, body: Anatomy) -> OutlierRows:
        """`count` bodies that nobody has seen yet."""
        joints, bones = len(body.speed_m_s), len(body.parents)
        return cls(
            np.zeros((count, joints, 3), np.float32),
            np.full((count, joints), -1, np.int64),
            np.zeros((count, bones), np.float32),
            np.zeros((count, bones), np.int64),
        )


def judge(
    rows: OutlierRows,
    body: Anatomy,
    joints_m: FloatArray,
    ok: BoolArray,
    now_ns: NDArray[np.int64],
) -> BoolArray:
    """Which of the joints that are `ok` (N, J) so far are to be believed at places (N, J, 3).

    `now_ns` (N,). Changes `rows`.
    """
    believed = ok & ~_leapt(rows, body, joints_m, ok, now_ns)
    # All of it has moved: that is another place for the body, not a slip of some joints.
    moved = believed.sum(axis=1) * 2 < ok.sum(axis=1)
    believed = np.where(moved[:, None], ok, believed)
    believed = _without_long_bones(rows, body, joints_m, believed)
    np.copyto(rows.places_m, joints_m, where=believed[..., None])
    np.copyto(rows.believed_ns, now_ns[:, None], where=believed)
    return believed


def _leapt(
    rows: OutlierRows, body: Anatomy, joints_m: FloatArray, ok: BoolArray, now_ns: NDArray[np.int64]
) -> BoolArray:
    """Joints further from where they were believed last than they could have come since."""
    since_ns = np.maximum(now_ns[:, None] - rows.believed_ns, SHORTEST_STEP_NS)
    reach_m = body.speed_m_s * (since_ns * np.float32(1e-9))
    way_m = joints_m - rows.places_m
    known = rows.believed_ns >= 0
    leapt: BoolArray = ok & known & (length2(way_m) > reach_m * reach_m)
    return leapt


def _without_long_bones(
    rows: OutlierRows, body: Anatomy, joints_m: FloatArray, ok: BoolArray
) -> BoolArray:
    """`ok` less the far ends of bones that are too long; learns from what is seen.

    What a bone usually is follows its measures in small steps, four times as fast up as
    down: the length that four in five are under, whatever a few wild ones say.
    """
    bones_m = joints_m[:, body.children] - joints_m[:, body.parents]
    length_m = np.sqrt(length2(bones_m))
    measured = ok[:, body.parents] & ok[:, body.children]
    most_m = body.limits.stretch * rows.length_m + np.float32(body.limits.slack_m)
    long = measured & (rows.measured >= LEARNT_FRAMES) & (length_m > most_m)
    _learn(rows, length_m, measured)
    believed = ok.copy()
    believed[:, body.children] &= ~long
    return believed


def _learn(rows: OutlierRows, length_m: FloatArray, measured: BoolArray) -> None:
    first = measured & (rows.measured == 0)
    np.copyto(rows.length_m, length_m, where=first)
    rows.measured += measured
    step = np.maximum(np.float32(0.005), np.float32(0.3) / np.maximum(rows.measured, 1))
    way = np.where(length_m > rows.length_m, step, -step / 4) * measured
    rows.length_m *= np.exp(way).astype(np.float32)
