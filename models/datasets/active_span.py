"""Finds the part of a recording in which something happens, between the rests at its ends.

Distances are in metres of a body with a torso of 0.48 m. All constants were chosen by hand. The
rule was checked on plots of Kinder-Gator's recordings.
"""

from __future__ import annotations

import numpy as np

from models.features import JOINT, BoolArray, FloatArray
from models.motion import moving_average

_ACTIVE = 0.15
"""A body is active while a joint is further than this from its rest, in metres."""
_ACTIVE_SHARE = 0.4
"""In small motions (walking on the spot) the limit is this share of the greatest distance."""
_NEAR = 0.05
"""Lower bound of that limit, and the distance that still counts as the same place, in metres."""
_RAISED = 0.1
"""Rise of a hand or leg that counts as a motion, in metres."""
_SHORTEST_FRAMES = 10
"""Shorter active spans are ignored."""
_GAP_FRAMES = 20
"""Active spans with a shorter gap between them are one span."""
_MARGIN_FRAMES = 3
"""Frames kept before and after the active part."""

_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
_HANDS = [i for name, i in JOINT.items() if name.startswith("Hand")]
_LEGS = [i for name, i in JOINT.items() if name.startswith(("Knee", "Ankle"))]
_ENDS = [i for name, i in JOINT.items() if name.startswith(("Hand", "Ankle"))]


def active_span(joints_m: FloatArray) -> tuple[int, int]:
    """The frames (start, end) in which a person acts; `end` is the first frame after it.

    `joints_m` float32 (T, 18, 3) metres at 30 Hz. Rest is the pose of a person who stands tall with
    lowered hands. Two parts at the beginning are preparation, not action: the lowering of raised
    arms (Kinder-Gator's people start with spread arms), and any motion that is under way in the
    first frame, unless little motion follows it.
    """
    distance = _distance_from_rest(_normalised(joints_m))
    ready = _ready_frame(distance)
    farthest = distance[ready:].max(axis=1)
    limit = min(_ACTIVE, max(_ACTIVE_SHARE * farthest.max(), _NEAR))
    spans = _merged(true_spans(farthest > limit))
    later = sum(b - a for a, b in spans[1:])
    if spans and spans[0][0] == 0 and spans[0][1] <= 2 * later:
        spans = spans[1:]
    if not spans:
        return 0, len(joints_m)
    start, end = ready + spans[0][0], ready + spans[-1][1]
    return max(start - _MARGIN_FRAMES, 0), min(end + _MARGIN_FRAMES, len(joints_m))


def moving_span(joints_m: FloatArray) -> tuple[int, int]:
    """The frames (start, end) between the poses that are held at both ends of a clip.

    `joints_m` float32 (T, 18, 3) metres at 30 Hz. In contrast to `active_span`, the poses may be of
    any kind. Without a motion it is the whole clip.
    """
    pose = _normalised(joints_m)
    first, last = (np.median(held, axis=0) for held in (pose[:5], pose[-5:]))
    away = [np.linalg.norm(pose - rest, axis=2).max(axis=1) for rest in (first, last)]
    left, not_back = (far > min(_ACTIVE, _ACTIVE_SHARE * float(far.max())) for far in away)
    if not left.any() or not not_back.any():
        return 0, len(joints_m)
    start = int(np.argmax(left)) - _MARGIN_FRAMES
    end = len(joints_m) - int(np.argmax(not_back[::-1])) + _MARGIN_FRAMES
    return max(start, 0), min(end, len(joints_m))


def _distance_from_rest(pose: FloatArray) -> FloatArray:
    """Return the distance of each joint from its place at rest, a mean of five frames: (T, 18)."""
    distance = np.linalg.norm(pose - _rest_pose(pose), axis=2)
    return np.stack([moving_average(one) for one in distance.T], axis=1)


def _ready_frame(distance: FloatArray) -> int:
    """The frame by which hands that were raised at the start have been lowered.

    `distance` (T, 18) is the distance from rest. The search ends when a hand or a leg is raised
    again. Returns 0 if no hand was raised at the start, or if nothing moves afterwards.
    """
    hands, legs = distance[:, _HANDS].max(axis=1), distance[:, _LEGS].max(axis=1)
    if hands[0] <= _ACTIVE:
        return 0
    up = (hands > np.minimum.accumulate(hands) + _RAISED) | (
        legs > np.minimum.accumulate(legs) + _RAISED
    )
    until = int(np.argmax(up)) if up.any() else len(hands)
    lowest = hands[:until].min()
    lowered = lowest < hands[0] - 2 * _RAISED
    ready = int(np.argmax(hands <= lowest + _NEAR)) if lowered else 0
    return ready if distance[ready:].max() > _RAISED else 0


def _normalised(joints_m: FloatArray) -> FloatArray:
    """Joints relative to the usual place of the hips, scaled to a torso of 0.48 m."""
    hips = joints_m[:, _HIPS].mean(axis=1)
    torso = np.linalg.norm(joints_m[:, JOINT["SpineShoulder"]] - hips, axis=1)
    size = max(float(np.median(torso)), 1e-3)
    return np.asarray((joints_m - np.median(hips, axis=0)) * (0.48 / size), np.float32)


def _rest_pose(pose: FloatArray) -> FloatArray:
    """The median (18, 3) of the tenth of the frames that are most at rest.

    At rest a person stands tall, and hands and ankles are low and close to the body.
    """
    ends = pose[:, _ENDS, 1].sum(axis=1) + np.abs(pose[:, _ENDS, 0]).sum(axis=1)
    low = ends - len(_ENDS) * pose[:, JOINT["SpineShoulder"], 1]
    quiet = np.argsort(low, kind="stable")[: max(len(pose) // 10, 5)]
    return np.asarray(np.median(pose[quiet], axis=0), np.float32)


def true_spans(on: BoolArray) -> list[tuple[int, int]]:
    """The spans of True in (T,), as (start, end)."""
    edges = np.flatnonzero(np.diff(np.r_[0, on.astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans across short gaps, except to a span from frame 0, and drop short spans."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start - merged[-1][1] < _GAP_FRAMES and merged[-1][0] > 0:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return [(a, b) for a, b in merged if b - a >= _SHORTEST_FRAMES]
