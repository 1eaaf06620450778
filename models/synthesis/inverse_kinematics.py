"""Motions made of where a hand or a foot goes: the limb follows, the trunk turns with an arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.augmentation.limbs import HIPS, facing_turn, with_limbs_of
from models.features import JOINT, JOINTS_USED, FloatArray
from models.mirroring import other_way_round
from models.synthesis.limb_path import LimbPath, Point

_ARM = [JOINT[f"{joint}Right"] for joint in ("Shoulder", "Elbow", "Wrist", "Hand")]
_LEG = [JOINT[f"{joint}Right"] for joint in ("Hip", "Knee", "Ankle", "Foot")]
_UPPER = [
    n
    for name, n in JOINT.items()
    if name.startswith(("Head", "Spine", "Shou", "Elb", "Wri", "Han"))
]
_EVERY = list(range(len(JOINTS_USED)))
RATE_HZ = 30
_TO_CAMERA = np.array([1, 1, -1], np.float32)
_STRAIGHT = 0.985
"""No limb gets straighter than this (or than it is at rest), so elbow and knee keep their side."""

_TURNS_S = 0.3
"""So long an elbow takes at least to get to another side."""

_OUTWARD = np.array([0.08, 0.0, 0.12])
"""A hand that is raised stays clear of the body."""


def reached(pose_m: FloatArray, path: LimbPath, back_s: float) -> FloatArray:
    """A body, float32 (18, 3) metres, whose right hand or foot goes a path and back: (T, 18, 3)."""
    if path.other is None:
        return _right(pose_m, path, back_s)
    joints_m = _right(pose_m, replace(path, follow_deg=0), back_s)
    other = replace(path.other, round_s=path.round_s, follow_deg=0)
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
    last = limb[3] - limb[2] if path.leg else _hand(path, limb, ankles - knees, at)
    made = np.stack([knees, ankles, ankles + last], axis=1)
    out[:, chain[1:]] = out[:, chain[:1]] + made
    angle = angle + _followed_by(out, path, end - end[:1])
    _twist(out, angle, path.hips)
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


def _bent(end: FloatArray, side: FloatArray, limb: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Elbow and wrist (or knee and ankle), each (T, 3) from where the limb hangs, by the law of
    cosines."""
    upper, lower = (float(bone) for bone in np.linalg.norm(np.diff(limb, axis=0), axis=1)[:2])
    far = np.linalg.norm(end, axis=1, keepdims=True)
    along = end / np.maximum(far, 1e-6)
    longest = max(_STRAIGHT * (upper + lower), float(np.linalg.norm(limb[2] - limb[0])))
    far = np.clip(far, abs(upper - lower) + 0.02, longest)
    cosine = np.clip((upper**2 + far**2 - lower**2) / (2 * upper * far), -1, 1)
    off = _unit(_across(_rounded(_unit(_across(side, along)), _TURNS_S), along))
    return upper * (cosine * along + np.sqrt(1 - cosine**2) * off), far * along


def _across(side: FloatArray, along: FloatArray) -> FloatArray:
    """The part of `side` (T, 3) at right angles to unit vectors `along` (T, 3)."""
    return np.asarray(side - (side * along).sum(axis=1, keepdims=True) * along)


def _hand(path: LimbPath, arm: FloatArray, forearm: FloatArray, at: FloatArray) -> FloatArray:
    """The hand from the wrist (T, 3) metres at moments (T,): the way of the forearm (T, 3), bent
    sideways and upwards, each as far as the hand is up."""
    part = np.clip(at / at[-1], 0, 1)
    swing = np.sin(2 * np.pi * at / path.wag_s)
    sideways = np.deg2rad(path.wag_deg) * swing * np.sin(np.pi * part)
    up = np.minimum(1, 5 * np.minimum(part, 1 - part))  # a fifth of the time each way
    upwards = np.deg2rad(path.lift_deg + path.nod_deg * (0.5 + 0.5 * swing)) * up
    forearm = _unit(forearm)
    across = _unit(np.cross(forearm, np.array([0.0, 0.0, 1.0])))
    bent = np.cos(sideways)[:, None] * forearm + np.sin(sideways)[:, None] * across
    over = _unit(np.array([0.0, 1.0, 0.0]) - bent * bent[:, 1:2])
    bent = np.cos(upwards)[:, None] * bent + np.sin(upwards)[:, None] * over
    share = 1 + (path.hand - 1) * up[:, None]
    return np.asarray(np.linalg.norm(arm[3] - arm[2]) * share * bent)


def _unit(vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6))


def _followed_by(body: FloatArray, path: LimbPath, gone_m: FloatArray) -> FloatArray:
    """The trunk follows a wrist or an ankle that has gone (T, 3) metres, in place; returns by how
    much it is to turn to the left (T,) radians."""
    frames = np.arange(len(gone_m))[:, None]
    gone_m = gone_m * np.minimum(1, np.minimum(frames, frames[::-1]) / 6)  # ends as it began
    far_m = np.linalg.norm(gone_m, axis=1)[:, None]
    for joints, (right, forward) in ((_EVERY, path.step), (_UPPER, path.lean)):
        body[:, joints] += (far_m * np.array([right, 0, forward]))[:, None]
    if path.leg:
        return np.zeros(len(gone_m), np.float32)
    body[:, _ARM] += path.shrug * gone_m[:, None]
    arm_m = float(np.linalg.norm(np.diff(body[0, _ARM], axis=0), axis=1)[:2].sum())
    return np.asarray(np.deg2rad(path.follow_deg) * (gone_m[:, 2] - gone_m[:, 0]) / arm_m)


def _twist(body: FloatArray, angle: FloatArray, hips: float) -> None:
    """Turn all above the hips by `angle` (T,) radians to the left, about the hips, and hips and
    legs by `hips` of that; in place."""
    lower = [joint for joint in _EVERY if joint not in _UPPER]
    centre = body[:, HIPS].mean(axis=1, keepdims=True)
    for joints, share in ((_UPPER, 1.0), (lower, hips)):
        off = body[:, joints] - centre
        cos, sin = np.cos(share * angle)[:, None], np.sin(share * angle)[:, None]
        right, forward = off[..., 0].copy(), off[..., 2].copy()
        off[..., 0] = right * cos - forward * sin
        off[..., 2] = forward * cos + right * sin
        body[:, joints] = off + centre
