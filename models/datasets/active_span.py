"""Where in a recording something happens: the part between the rests at its ends."""

from __future__ import annotations

import numpy as np

from models.features import JOINT, BoolArray, FloatArray
from models.motion import smoothed

APART = 0.15
"""How far from its rest a joint must be, for a torso of 0.48, for the body to be active."""
PART = 0.4
"""The same of small motions, as walking on the spot: the part of the farthest that a joint goes."""

_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
_HANDS = [i for name, i in JOINT.items() if name.startswith("Hand")]
_LEGS = [i for name, i in JOINT.items() if name.startswith(("Knee", "Ankle"))]
_ENDS = [i for name, i in JOINT.items() if name.startswith(("Hand", "Ankle"))]
_SHORTEST_FRAMES, _GAP_FRAMES, _MARGIN_FRAMES = 10, 20, 3
_NEAR, _AGAIN = 0.05, 0.1
"""What still counts as the same place, and how far something goes that counts as a motion."""


def active_span(joints_m: FloatArray) -> tuple[int, int]:
    """The frames from `start` to before `end` in which a person acts.

    `joints_m` float32 (T, 18, 3) metres at 30 Hz. The rest is the pose that stands tallest with
    the hands lowest. Arms that come down first are getting ready (Kinder-Gator's people begin with
    the arms spread), and so is what else goes on from the first frame, unless little follows it.
    """
    away = _away(_pose(joints_m))
    ready = _ready(away)
    farthest = away[ready:].max(axis=1)
    spans = _merged(_runs(farthest > min(APART, max(PART * farthest.max(), _NEAR))))
    later = sum(b - a for a, b in spans[1:])
    if spans and spans[0][0] == 0 and spans[0][1] <= 2 * later:
        spans = spans[1:]
    if not spans:
        return 0, len(joints_m)
    start, end = ready + spans[0][0], ready + spans[-1][1]
    return max(start - _MARGIN_FRAMES, 0), min(end + _MARGIN_FRAMES, len(joints_m))


def _away(pose: FloatArray) -> FloatArray:
    """How far each joint is from where it rests, smoothed over five frames, (T, 18)."""
    away = np.linalg.norm(pose - _rest_pose(pose), axis=2)
    return np.stack([smoothed(one) for one in away.T], axis=1)


def _ready(away: FloatArray) -> int:
    """The frame at which hands that were raised at first are down, or up again, or a leg is.

    `away` (T, 18) from rest. 0 where no hand was raised, or nothing moves afterwards.
    """
    hands, legs = away[:, _HANDS].max(axis=1), away[:, _LEGS].max(axis=1)
    if hands[0] <= APART:
        return 0
    up = (hands > np.minimum.accumulate(hands) + _AGAIN) | (
        legs > np.minimum.accumulate(legs) + _AGAIN
    )
    until = int(np.argmax(up)) if up.any() else len(hands)
    lowest = hands[:until].min()
    ready = int(np.argmax(hands <= lowest + _NEAR)) if lowest < hands[0] - 2 * _AGAIN else 0
    return ready if away[ready:].max() > _AGAIN else 0


def _pose(joints_m: FloatArray) -> FloatArray:
    """Joints from the usual place of the hips, for a torso of 0.48."""
    hips = joints_m[:, _HIPS].mean(axis=1)
    torso = np.linalg.norm(joints_m[:, JOINT["SpineShoulder"]] - hips, axis=1)
    size = max(float(np.median(torso)), 1e-3)
    return np.asarray((joints_m - np.median(hips, axis=0)) * (0.48 / size), np.float32)


def _rest_pose(pose: FloatArray) -> FloatArray:
    """The median of the tenth of the frames that stand tallest with the hands lowest, (18, 3)."""
    ends = pose[:, _ENDS, 1].sum(axis=1) + np.abs(pose[:, _ENDS, 0]).sum(axis=1)
    low = ends - len(_ENDS) * pose[:, JOINT["SpineShoulder"], 1]
    quiet = np.argsort(low, kind="stable")[: max(len(pose) // 10, 5)]
    return np.asarray(np.median(pose[quiet], axis=0), np.float32)


def _runs(on: BoolArray) -> list[tuple[int, int]]:
    """The stretches of True, as (start, end)."""
    edges = np.flatnonzero(np.diff(np.r_[0, on.astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans with short gaps closed, then the short ones left out."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start - merged[-1][1] < _GAP_FRAMES and merged[-1][0] > 0:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return [(a, b) for a, b in merged if b - a >= _SHORTEST_FRAMES]
