"""Divides the path of a part into strokes, and names the kind of motion."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from models.features import FloatArray
from models.story import thresholds as limits
from models.story.body_parts import BODY, TRUNK
from models.story.motion import PartMotion

Kind = Literal["translate", "swing", "raise", "lower", "extend", "bend", "circle", "still"]
"""The kinds of motion. `swing` is one sweep or several back and forth: see `Stroke.times`."""


@dataclass(frozen=True)
class Stroke:
    """A movement of one kind, from frame `start` to frame `end`.

    `path_m` is the length of its path. `times` is the number of sweeps of a swing; a `raise` of
    more than one goes up and down.
    """

    kind: Kind
    start: int
    end: int
    path_m: float
    times: int = 1


def moving_spans(motion: PartMotion, rate_hz: float, start: int, end: int) -> list[tuple[int, int]]:
    """The spans of frames in `[start, end]` in which a part moves."""
    speed = np.linalg.norm(np.gradient(motion.path_m, axis=0), axis=1) * rate_hz
    moving = speed >= limits.MOVES_M_S
    moving[:start], moving[end + 1 :] = False, False
    edges = np.flatnonzero(np.diff(moving.astype(int), prepend=0, append=0))
    spans: list[tuple[int, int]] = []
    for a, b in edges.reshape(-1, 2):
        if spans and a - spans[-1][1] <= limits.GAP_S * rate_hz:
            spans[-1] = (spans[-1][0], int(b))
        else:
            spans.append((int(a), int(b)))
    return [(a, min(b, len(moving) - 1)) for a, b in spans]


def length_m(path_m: FloatArray) -> float:
    """The length of a path (F, 3)."""
    return float(np.linalg.norm(np.diff(path_m, axis=0), axis=1).sum())


def strokes(name: str, motion: PartMotion, rate_hz: float, start: int, end: int) -> list[Stroke]:
    """The strokes of a part in a span of frames, in order."""
    path = motion.path_m[start : end + 1]
    if length_m(path) < limits.LEAST_PATH_M:
        return []
    circle = None if name in (BODY, TRUNK) else _circle(path)
    if circle is not None:
        a, b = circle
        return [Stroke("circle", start + a, start + b, length_m(path[a : b + 1]))]
    corners = [start + at for at in _corners(path, rate_hz)]
    pieces = [
        (a, b)
        for a, b in pairwise(corners)
        if np.linalg.norm(motion.path_m[b] - motion.path_m[a]) >= limits.LEAST_STROKE_M
    ]
    found: list[Stroke] = []
    for run in _runs(motion.path_m, pieces):
        kinds = [_kind(name, motion, a, b) for a, b in run]
        sweeps = set(kinds) <= {"swing", "translate"} and name not in (BODY, TRUNK)
        if name == BODY and len(run) >= limits.SWINGS and set(kinds) <= {"raise", "lower"}:
            a, b = run[0][0], run[-1][1]
            found.append(Stroke("raise", a, b, length_m(motion.path_m[a : b + 1]), len(run)))
        elif len(run) >= limits.SWINGS or (len(run) > 1 and sweeps):
            a, b = run[0][0], run[-1][1]
            found.append(Stroke("swing", a, b, length_m(motion.path_m[a : b + 1]), len(run)))
        else:
            found += [
                Stroke(kind, a, b, length_m(motion.path_m[a : b + 1]))
                for kind, (a, b) in zip(kinds, run, strict=True)
            ]
    told = [stroke for stroke in found if stroke.kind != "still"]
    return _merged(told, motion.path_m, limits.GAP_S * rate_hz)


def _corners(path: FloatArray, rate_hz: float) -> list[int]:
    """The frames at which the direction of a path (F, 3) changes sharply, with both its ends."""
    lag = max(1, round(limits.CORNER_S * rate_hz))
    last = len(path) - 1
    at = np.arange(len(path))
    before = path - path[np.maximum(at - lag, 0)]
    after = path[np.minimum(at + lag, last)] - path
    angle = _between(before, after)
    angle[: min(lag, last)], angle[max(last - lag, 0) + 1 :] = 0, 0
    corners = [0]
    for i in np.argsort(-angle):
        if angle[i] < limits.CORNER_DEGREES:
            break
        if min(abs(i - c) for c in [*corners, last]) >= lag:
            corners.append(int(i))
    return [*sorted(corners), last]


def _between(a: FloatArray, b: FloatArray) -> FloatArray:
    """The angles between vectors (..., 3), in degrees; 0 if one has no length."""
    norms = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    cosine = np.where(norms > 1e-9, (a * b).sum(axis=-1) / np.maximum(norms, 1e-9), 1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _runs(path: FloatArray, pieces: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Group pieces of a path: each piece of a run goes back on the one before it."""
    runs: list[list[tuple[int, int]]] = []
    for piece in pieces:
        if runs:
            a, b = runs[-1][-1]
            turn = float(_between(path[b] - path[a], path[piece[1]] - path[piece[0]]))
            if turn >= limits.REVERSED_DEGREES:
                runs[-1].append(piece)
                continue
        runs.append([piece])
    return runs


def _circle(path: FloatArray) -> tuple[int, int] | None:
    """The longest part of a path that circles.

    Up to 40 % are cut off at each end, and the rest begins and ends away from these ends: a limb
    that only leaves its rest and comes back draws no circle.
    """
    cuts = [(a, b) for a in range(1, 5) for b in range(1, 5)]
    for a, b in sorted(cuts, key=sum):
        start, end = len(path) * a // 10, len(path) - 1 - len(path) * b // 10
        away = np.linalg.norm(path[[start, end]] - path[[0, -1]], axis=1)
        if end - start > 2 and away.min() >= limits.AWAY_M and _circles(path[start : end + 1]):
            return start, end
    return None


def _circles(path: FloatArray) -> bool:
    """Whether a path (F, 3) goes round its middle at least once."""
    if length_m(path) < limits.CIRCLE_PATH_M:
        return False
    centred = path - path.mean(axis=0)
    _, width, axes = np.linalg.svd(centred, full_matrices=False)
    x, y = (centred @ axes[:2].T).T
    turned = np.diff(np.unwrap(np.arctan2(y, x)))
    around = abs(float(np.degrees(turned.sum())))
    radius = np.hypot(x, y)
    round_ = width[1] >= limits.CIRCLE_ROUND * width[0]
    hollow = float(np.quantile(radius, 0.1)) >= limits.CIRCLE_HOLLOW * float(radius.mean())
    one_way = around >= limits.CIRCLE_ONE_WAY * float(np.degrees(np.abs(turned).sum()))
    return around >= limits.CIRCLE_DEGREES and bool(round_) and hollow and one_way


def _kind(name: str, motion: PartMotion, a: int, b: int) -> Kind:
    """The kind of one stroke, from displacement and angles.

    A leg that stands while the body moves bends or extends, or is still.
    """
    moved = motion.path_m[b] - motion.path_m[a]
    up = float(moved[1])
    least = limits.STEEP_BODY if name == BODY else limits.STEEP
    steep = abs(up) >= least * float(np.linalg.norm(moved)) and abs(up) >= limits.RAISED_M
    bent = 0.0 if motion.angle is None else float(motion.angle[b] - motion.angle[a])
    if name == TRUNK:
        if abs(bent) >= limits.TILTED_DEGREES:
            return "bend" if bent > 0 else "extend"  # away from the vertical, or back
        return "translate"
    if name == BODY:
        return ("raise" if up > 0 else "lower") if steep else "translate"
    assert motion.middle_m is not None
    if _stands(motion, a, b):
        return "still" if abs(bent) < limits.BENT_DEGREES else "extend" if bent > 0 else "bend"
    hinge = float(np.linalg.norm(motion.middle_m[b] - motion.middle_m[a])) < limits.HINGE_M
    if abs(bent) >= limits.BENT_DEGREES and (hinge or not steep):
        return "extend" if bent > 0 else "bend"
    if steep:
        return "raise" if up > 0 else "lower"
    turned = float(_between(motion.path_m[a], motion.path_m[b]))
    return "swing" if turned >= limits.SWUNG_DEGREES else "translate"


def _stands(motion: PartMotion, a: int, b: int) -> bool:
    """Whether a limb's end stays in the room while its root moves."""
    if motion.room_m is None:
        return False
    in_room, path = motion.room_m[b] - motion.room_m[a], motion.path_m[b] - motion.path_m[a]
    return float(np.linalg.norm(in_room)) < limits.STANDS * float(np.linalg.norm(path))


def _merged(found: list[Stroke], path: FloatArray, gap: float) -> list[Stroke]:
    """Join strokes of the same kind that follow each other within `gap` frames."""
    joined: list[Stroke] = []
    for stroke in found:
        if joined and joined[-1].kind == stroke.kind and stroke.start <= joined[-1].end + gap:
            first = joined.pop()
            length = length_m(path[first.start : stroke.end + 1])
            stroke = Stroke(
                stroke.kind, first.start, stroke.end, length, first.times + stroke.times
            )
        joined.append(stroke)
    return joined
