"""Inverse kinematics: turns the path of a hand or foot into the motion of a whole body.

Elbow and knee follow by two-bone inverse kinematics (law of cosines). The trunk follows an arm.
Body coordinates are right, up, forward, in metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.augmentation.limbs import HIPS, facing_turn, transplant_limbs
from models.features import JOINT, JOINTS_USED, FloatArray
from models.mirroring import mirror_bodies
from models.synthesis.limb_path import LimbPath, Point

_ARM = [JOINT[f"{joint}Right"] for joint in ("Shoulder", "Elbow", "Wrist", "Hand")]
LEGS = [
    [JOINT[f"{joint}{side}"] for joint in ("Hip", "Knee", "Ankle", "Foot")]
    for side in ("Left", "Right")
]
"""Joints of the left and the right leg, from the hip outwards."""
UPPER = [
    n
    for name, n in JOINT.items()
    if name.startswith(("Head", "Spine", "Shou", "Elb", "Wri", "Han"))
]
"""Joints above the hips."""
_EVERY = list(range(len(JOINTS_USED)))
RATE_HZ = 30
"""Frames per second of the motions."""
TO_CAMERA = np.array([1, 1, -1], np.float32)
"""Between body coordinates and camera space, for a body that faces the camera."""
_STRAIGHT = 0.985
"""Greatest reach as a share of both bones, or the reach at rest if that is greater. Chosen by hand.

A limb that is not quite straight keeps its elbow or knee on one side.
"""
_ELBOW_TURN_S = 0.3
"""Seconds over which the elbow's direction is smoothed, against flips. Chosen by hand."""
_OUTWARD = np.array([0.08, 0.0, 0.12])
"""Offset in arm lengths that keeps a rising or falling hand off the body. Chosen by hand."""


def follow_path(pose_m: FloatArray, path: LimbPath, back_s: float) -> FloatArray:
    """Move the right hand or foot of a body along a path, and back to rest in `back_s` seconds.

    `pose_m` float32 (18, 3) metres in camera space is the pose at rest. Returns float32 (T, 18, 3)
    at `RATE_HZ`.
    """
    if path.other is None:
        return _move_right_limb(pose_m, path, back_s)
    joints_m = _move_right_limb(pose_m, replace(path, follow_deg=0), back_s)
    other = replace(path.other, smoothing_s=path.smoothing_s, follow_deg=0)
    mirrored = _move_right_limb(mirror_bodies(pose_m), other, back_s)
    return transplant_limbs(joints_m, mirror_bodies(mirrored), ("ArmLeft",))


def _move_right_limb(pose_m: FloatArray, path: LimbPath, back_s: float) -> FloatArray:
    """`follow_path` without the left arm of `path.other`."""
    turn = facing_turn(pose_m[None])
    body = (pose_m @ turn.T) * TO_CAMERA  # right, up, forward
    chain = LEGS[1] if path.leg else _ARM
    limb = body[chain]
    times = np.cumsum([0.0, *path.seconds, back_s])
    margin_s = path.smoothing_s + 1 / RATE_HZ  # smoothing reaches this far beyond the ends
    at = _eased_times(np.arange(-margin_s, times[-1] + margin_s, 1 / RATE_HZ), times, path.ease)
    end, pole, angle = _tracks(path, limb, times, at)
    out = np.repeat(body[None], len(at), axis=0)
    middles, ends = two_bone_ik(end, pole, limb)
    last = limb[3] - limb[2] if path.leg else _hand(path, limb, ends - middles, at)
    moved = np.stack([middles, ends, ends + last], axis=1)
    out[:, chain[1:]] = out[:, chain[:1]] + moved
    angle = angle + _move_body(out, path, end - end[:1])
    _turn_trunk(out, angle, path.hip_turn_share)
    return np.asarray((out * TO_CAMERA) @ turn, np.float32)


def _tracks(
    path: LimbPath, limb: FloatArray, times: FloatArray, at: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The wrist, the pole vector of the elbow, and the turn of the trunk at the moments `at` (T,).

    `limb` (4, 3) is the limb at rest; `times` (K + 2,) are the times of rest, points and rest.
    Returns the wrist from the shoulder (T, 3) in metres, the pole (T, 3), and radians (T,).
    """
    length_m = float(np.linalg.norm(np.diff(limb, axis=0), axis=1)[:2].sum())
    rest, pole_at_rest = (limb[2] - limb[0]) / length_m, rest_pole(limb, path.leg)
    first, last = _swing_middle(rest, path.points[0]), _swing_middle(rest, path.points[-1])
    keys = np.array([rest, first, *path.points, last, rest])
    half_way = times[1] / 2, (times[-2] + times[-1]) / 2
    key_times = np.r_[0.0, half_way[0], times[1:-1], half_way[1], times[-1]]
    poles = np.array([pole_at_rest, *[path.elbow] * len(path.points), pole_at_rest])
    degrees = np.array([0.0, *path.turn_deg, 0.0])[:, None]
    wrists = _interpolated(at, key_times, keys) + _bulge_offsets(at, times, path.bulges)
    values = [wrists, _interpolated(at, times, np.c_[poles, degrees])]
    wrist, pole, turned = np.split(
        _smoothed(np.concatenate(values, axis=1), path.smoothing_s), [3, 6], axis=1
    )
    return wrist * length_m, pole, np.deg2rad(turned[:, 0])


def _eased_times(at: FloatArray, times: FloatArray, ease: float) -> FloatArray:
    """The moments `at` (T,), moved so that the strokes between `times` (K + 2,) are eased.

    The strokes from rest and back to rest follow a smoothstep, the others are mixed with it by
    `ease`.
    """
    out = at.copy()
    slow = [1.0, *[ease] * (len(times) - 3), 1.0]
    for begin, end, share in zip(times[:-1], times[1:], slow, strict=True):
        part = np.clip((at - begin) / (end - begin), 0, 1)
        out += share * (end - begin) * (part * part * (3 - 2 * part) - part)
    return out


def _bulge_offsets(at: FloatArray, times: FloatArray, bulges: Sequence[Point]) -> FloatArray:
    """Offsets from the straight strokes at the moments `at` (T,): parabolas, (T, 3)."""
    begin, end = times[:-2, None], times[1:-1, None]
    part = np.clip((at - begin) / (end - begin), 0, 1)
    return np.asarray((4 * part * (1 - part)).T @ np.array(bulges))


def _swing_middle(rest: FloatArray, point: Sequence[float]) -> FloatArray:
    """A place half way from rest to a point, on an arc around the shoulder."""
    middle = (rest + np.asarray(point)) / 2 + _OUTWARD
    far = (np.linalg.norm(rest) + np.linalg.norm(point)) / 2
    return np.asarray(middle * (far / max(float(np.linalg.norm(middle)), 1e-3)))


def _interpolated(at: FloatArray, times: FloatArray, keys: FloatArray) -> FloatArray:
    """Keys (K, D) at `times` (K,), interpolated linearly at the moments `at` (T,): (T, D)."""
    return np.stack([np.interp(at, times, key) for key in keys.T], axis=1)


def _smoothed(values: FloatArray, seconds: float) -> FloatArray:
    """Values (T, D) after two moving averages over about `seconds` each, ends repeated outwards."""
    half = max(round(seconds * RATE_HZ / 2), 1)
    for _ in range(2):
        padded = np.concatenate([values[:1]] * half + [values] + [values[-1:]] * half)
        total = np.cumsum(np.concatenate([np.zeros_like(values[:1]), padded]), axis=0)
        values = (total[2 * half + 1 :] - total[: -2 * half - 1]) / (2 * half + 1)
    return values


def rest_pole(limb: FloatArray, leg: bool) -> FloatArray:
    """The direction (3,) from the line between both ends to the elbow or knee at rest.

    In a straight limb it is forward for a knee, and back, outward and down for an elbow.
    """
    line, middle = limb[2] - limb[0], limb[1] - limb[0]
    off = middle - line * (np.dot(middle, line) / max(float(line @ line), 1e-6))
    away = off + 1e-3 * np.array([0, 0, 1] if leg else [0.5, -0.3, -1])
    return np.asarray(away / np.linalg.norm(away))


def two_bone_ik(
    end: FloatArray, pole: FloatArray, limb: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Elbow and wrist (or knee and ankle) from the shoulder (or hip), (T, 3) metres each.

    `end` (T, 3) is where the wrist should be; it is limited to the reach of the `limb` (4, 3).
    `pole` (T, 3) is the direction of the elbow. The angle at the shoulder is by the law of cosines.
    """
    upper, lower = (float(bone) for bone in np.linalg.norm(np.diff(limb, axis=0), axis=1)[:2])
    far = np.linalg.norm(end, axis=1, keepdims=True)
    along = end / np.maximum(far, 1e-6)
    longest = max(_STRAIGHT * (upper + lower), float(np.linalg.norm(limb[2] - limb[0])))
    far = np.clip(far, abs(upper - lower) + 0.02, longest)
    cosine = np.clip((upper**2 + far**2 - lower**2) / (2 * upper * far), -1, 1)
    steady = _smoothed(_unit(_perpendicular(pole, along)), _ELBOW_TURN_S)
    off = _unit(_perpendicular(steady, along))
    return upper * (cosine * along + np.sqrt(1 - cosine**2) * off), far * along


def _perpendicular(vectors: FloatArray, along: FloatArray) -> FloatArray:
    """The part of vectors (T, 3) at right angles to the unit vectors `along` (T, 3)."""
    return np.asarray(vectors - (vectors * along).sum(axis=1, keepdims=True) * along)


def _hand(path: LimbPath, arm: FloatArray, forearm: FloatArray, at: FloatArray) -> FloatArray:
    """The hand from the wrist (T, 3) metres, at the moments `at` (T,).

    It continues the forearm (T, 3), bent sideways and upwards by the settings of `path`. The bends
    grow after the start and shrink before the end.
    """
    part = np.clip(at / at[-1], 0, 1)
    swing = np.sin(2 * np.pi * at / path.wag_s)
    sideways = np.deg2rad(path.wag_deg) * swing * np.sin(np.pi * part)
    up = np.minimum(1, 5 * np.minimum(part, 1 - part))  # a fifth of the time at either end
    upwards = np.deg2rad(path.lift_deg + path.nod_deg * (0.5 + 0.5 * swing)) * up
    forearm = _unit(forearm)
    across = _unit(np.cross(forearm, np.array([0.0, 0.0, 1.0])))
    bent = np.cos(sideways)[:, None] * forearm + np.sin(sideways)[:, None] * across
    over = _unit(np.array([0.0, 1.0, 0.0]) - bent * bent[:, 1:2])
    bent = np.cos(upwards)[:, None] * bent + np.sin(upwards)[:, None] * over
    scale = 1 + (path.hand_scale - 1) * up[:, None]
    return np.asarray(np.linalg.norm(arm[3] - arm[2]) * scale * bent)


def _unit(vectors: FloatArray) -> FloatArray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6))


def _move_body(body: FloatArray, path: LimbPath, gone_m: FloatArray) -> FloatArray:
    """Move body, trunk and shoulder with a wrist or ankle; changes `body` (T, 18, 3).

    `gone_m` (T, 3) is how far the wrist or ankle is from its rest. Returns the turn of the trunk
    to the left that follows from it, (T,) radians. All movement ends where it began.
    """
    frames = np.arange(len(gone_m))[:, None]
    gone_m = gone_m * np.minimum(1, np.minimum(frames, frames[::-1]) / 6)  # fades in 0.2 s
    far_m = np.linalg.norm(gone_m, axis=1)[:, None]
    for joints, (right, forward) in ((_EVERY, path.body_shift), (UPPER, path.trunk_shift)):
        body[:, joints] += (far_m * np.array([right, 0, forward]))[:, None]
    if path.leg:
        return np.zeros(len(gone_m), np.float32)
    body[:, _ARM] += path.shoulder_share * gone_m[:, None]
    arm_m = float(np.linalg.norm(np.diff(body[0, _ARM], axis=0), axis=1)[:2].sum())
    return np.asarray(np.deg2rad(path.follow_deg) * (gone_m[:, 2] - gone_m[:, 0]) / arm_m)


def _turn_trunk(body: FloatArray, angle: FloatArray, hip_turn_share: float) -> None:
    """Turn everything above the hips to the left about the hips by `angle` (T,) radians.

    Hips and legs turn by `hip_turn_share` of it. Changes `body` (T, 18, 3).
    """
    lower = [joint for joint in _EVERY if joint not in UPPER]
    centre = body[:, HIPS].mean(axis=1, keepdims=True)
    for joints, share in ((UPPER, 1.0), (lower, hip_turn_share)):
        off = body[:, joints] - centre
        cos, sin = np.cos(share * angle)[:, None], np.sin(share * angle)[:, None]
        right, forward = off[..., 0].copy(), off[..., 2].copy()
        off[..., 0] = right * cos - forward * sin
        off[..., 2] = forward * cos + right * sin
        body[:, joints] = off + centre
