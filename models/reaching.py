"""Motions made of where a hand or a foot goes: the limb follows, the trunk turns with an arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.features import JOINTS_USED, FloatArray
from models.limbs import HIPS, facing_turn, with_limbs_of
from models.variation import other_way_round

_AT = {name: i for i, name in enumerate(JOINTS_USED)}
_ARM = [_AT[f"{joint}Right"] for joint in ("Shoulder", "Elbow", "Wrist", "Hand")]
_LEG = [_AT[f"{joint}Right"] for joint in ("Hip", "Knee", "Ankle", "Foot")]
_TRUNK = [_AT[name] for name in ("Head", "SpineShoulder", "ShoulderLeft", "ElbowLeft", "WristLeft",
                                 "HandLeft", "ShoulderRight")]  # fmt: skip
RATE_HZ = 30
_TO_CAMERA = np.array([1, 1, -1], np.float32)
_STRAIGHT = 0.985
"""No limb gets straighter than this (or than it is at rest), so elbow and knee keep their side."""

_OUTWARD = np.array([0.08, 0.0, 0.12])
"""A hand that is raised stays clear of the body."""

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
    of `elbow`, the trunk turns by `turn_deg` (K) to the left, and the hand bends sideways by up to
    `wag_deg` every `wag_s`. Meanwhile, and for as long, the left wrist goes the mirrored way of
    `other`. Of a `leg` all this is said of hip, knee and ankle; the foot keeps its direction.
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


def reached(pose_m: FloatArray, path: LimbPath, back_s: float) -> FloatArray:
    """A body, float32 (18, 3) metres, whose right hand or foot goes a path and back: (T, 18, 3)."""
    joints_m = _right(pose_m, path, back_s)
    if path.other is None:
        return joints_m
    other = replace(path.other, round_s=path.round_s)
    mirrored = _right(other_way_round(pose_m), other, back_s)
    return with_limbs_of(joints_m, other_way_round(mirrored), ("ArmLeft",))


def _right(pose_m: FloatArray, path: LimbPath, back_s: float) -> FloatArray:
    """`reached`, whatever the left arm does."""
    turn = facing_turn(pose_m[None])
    body = (pose_m @ turn.T) * _TO_CAMERA  # right, up, forward
    chain = _LEG if path.leg else _ARM
    limb = body[chain]
    times = np.cumsum([0.0, *path.seconds, back_s])
    margin_s = path.round_s + 1 / RATE_HZ  # as far as rounding reads
    at = _paced(np.arange(-margin_s, times[-1] + margin_s, 1 / RATE_HZ), times, path.ease)
    end, side, angle = _followed(path, limb, times, at)
    out = np.repeat(body[None], len(at), axis=0)
    knees, ankles = _bent(end, side, limb)
    last = limb[3] - limb[2] if path.leg else _hand(knees, ankles, limb, _wag(path, at))
    made = np.stack([knees, ankles, ankles + last], axis=1)
    out[:, chain[1:]] = out[:, chain[:1]] + made
    _twist(out, angle)
    return np.asarray((out * _TO_CAMERA) @ turn, np.float32)


def _followed(
    path: LimbPath, limb: FloatArray, times: FloatArray, at: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """At moments (T,): the wrist from the shoulder (T, 3) metres, the side of the elbow (T, 3),
    and the turn of the trunk (T,) radians; `times` (K + 2,) are those of rest, points, rest."""
    length_m = float(np.linalg.norm(np.diff(limb, axis=0), axis=1)[:2].sum())
    rest, still = (limb[2] - limb[0]) / length_m, _bent_side(limb, path.leg)
    first, last = _swung(rest, path.points[0]), _swung(rest, path.points[-1])
    keys = np.array([rest, first, *path.points, last, rest])
    half_way = times[1] / 2, (times[-2] + times[-1]) / 2
    key_times = np.r_[0.0, half_way[0], times[1:-1], half_way[1], times[-1]]
    side = np.array([still, *[path.elbow] * len(path.points), still])
    degrees = np.array([0.0, *path.turn_deg, 0.0])[:, None]
    wrists = _between(at, key_times, keys) + _bulging(at, times, path.bulges)
    values = [wrists, _between(at, times, np.c_[side, degrees])]
    wrist, elbow, turned = np.split(
        _rounded(np.concatenate(values, axis=1), path.round_s), [3, 6], axis=1
    )
    return wrist * length_m, elbow, np.deg2rad(turned[:, 0])


def _paced(at: FloatArray, times: FloatArray, ease: float) -> FloatArray:
    """The moments `at` (T,) with the ways between `times` (K + 2,) begun and ended slowly, those
    from rest and back wholly, the others by `ease`."""
    out = at.copy()
    slow = [1.0, *[ease] * (len(times) - 3), 1.0]
    for begin, end, share in zip(times[:-1], times[1:], slow, strict=True):
        part = np.clip((at - begin) / (end - begin), 0, 1)
        out += share * (end - begin) * (part * part * (3 - 2 * part) - part)
    return out


def _bulging(at: FloatArray, times: FloatArray, bulges: Sequence[Point]) -> FloatArray:
    """How far the ways stand off straight ones at moments (T,): (T, 3)."""
    begin, end = times[:-2, None], times[1:-1, None]
    part = np.clip((at - begin) / (end - begin), 0, 1)
    return np.asarray((4 * part * (1 - part)).T @ np.array(bulges))


def _swung(rest: FloatArray, point: Sequence[float]) -> FloatArray:
    """Half way from rest to a point as an arm swings: round the shoulder, not straight."""
    middle = (rest + np.asarray(point)) / 2 + _OUTWARD
    far = (np.linalg.norm(rest) + np.linalg.norm(point)) / 2
    return np.asarray(middle * (far / max(float(np.linalg.norm(middle)), 1e-3)))


def _between(at: FloatArray, times: FloatArray, keys: FloatArray) -> FloatArray:
    """Straight lines through keys (K, D) at `times` (K,): (T, D)."""
    return np.stack([np.interp(at, times, key) for key in keys.T], axis=1)


def _rounded(values: FloatArray, seconds: float) -> FloatArray:
    """Smoothed (T, D) by two running means, ends kept."""
    half = max(round(seconds * RATE_HZ / 2), 1)
    for _ in range(2):
        padded = np.concatenate([values[:1]] * half + [values] + [values[-1:]] * half)
        total = np.cumsum(np.concatenate([np.zeros_like(values[:1]), padded]), axis=0)
        values = (total[2 * half + 1 :] - total[: -2 * half - 1]) / (2 * half + 1)
    return values


def _bent_side(limb: FloatArray, leg: bool) -> FloatArray:
    """The direction in which an elbow or a knee stands off the line from end to end."""
    line, middle = limb[2] - limb[0], limb[1] - limb[0]
    off = middle - line * (np.dot(middle, line) / max(float(line @ line), 1e-6))
    away = off + 1e-3 * np.array([0, 0, 1] if leg else [0.5, -0.3, -1])  # where it is straight
    return np.asarray(away / np.linalg.norm(away))


def _wag(path: LimbPath, at: FloatArray) -> FloatArray:
    swing = np.sin(2 * np.pi * at / path.wag_s)
    fade = np.sin(np.pi * np.clip(at / at[-1], 0, 1))
    return np.asarray(np.deg2rad(path.wag_deg) * swing * fade)


def _bent(end: FloatArray, side: FloatArray, limb: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Elbow and wrist (or knee and ankle), each (T, 3) from where the limb hangs, by the law of
    cosines."""
    upper, lower = (float(bone) for bone in np.linalg.norm(np.diff(limb, axis=0), axis=1)[:2])
    far = np.linalg.norm(end, axis=1, keepdims=True)
    along = end / np.maximum(far, 1e-6)
    longest = max(_STRAIGHT * (upper + lower), float(np.linalg.norm(limb[2] - limb[0])))
    far = np.clip(far, abs(upper - lower) + 0.02, longest)
    cosine = np.clip((upper**2 + far**2 - lower**2) / (2 * upper * far), -1, 1)
    off = side - (side * along).sum(axis=1, keepdims=True) * along
    off = off / np.maximum(np.linalg.norm(off, axis=1, keepdims=True), 1e-6)
    return upper * (cosine * along + np.sqrt(1 - cosine**2) * off), far * along


def _hand(elbows: FloatArray, wrists: FloatArray, arm: FloatArray, wag: FloatArray) -> FloatArray:
    """The hand from the wrist (T, 3): the way of the forearm, bent sideways by `wag` (T,)."""
    forearm = wrists - elbows
    forearm = forearm / np.linalg.norm(forearm, axis=1, keepdims=True)
    across = np.cross(forearm, np.array([0.0, 0.0, 1.0]))
    across = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    bent = np.cos(wag)[:, None] * forearm + np.sin(wag)[:, None] * across
    return np.asarray(np.linalg.norm(arm[3] - arm[2]) * bent)


def _twist(body: FloatArray, angle: FloatArray) -> None:
    """Turn all above the hips by `angle` (T,) radians to the left, about the hips; in place."""
    upper = [*_TRUNK, *_ARM[1:]]
    hips = body[:, HIPS].mean(axis=1, keepdims=True)
    off = body[:, upper] - hips
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    right, forward = off[..., 0].copy(), off[..., 2].copy()
    off[..., 0] = right * cos - forward * sin
    off[..., 2] = forward * cos + right * sin
    body[:, upper] = off + hips
