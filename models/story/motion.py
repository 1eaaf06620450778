"""How far each part of a body moves, measured from the frames of an action.

Lengths are metres of a body with a torso of 0.48 m (`models.features`), so they do not depend on a
person's size. x points to the body's right, y up and z to its back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.features import JOINT, TEMPLATE, BoolArray, FeatureSettings, FloatArray
from models.story.body_parts import BODY, BOTH_LEGS, PAIRS, PARTS, TRUNK
from models.story.thresholds import SMOOTHED_S

_SEEN = 3
"""The channel of a joint that is 1 if it was seen."""
_HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
_UP = np.array([0, 1, 0])


@dataclass(frozen=True, eq=False)
class PartMotion:
    """The motion of one part in F frames.

    `path_m` (F, 3) is the end of a limb relative to its root, the neck relative to the hips, or the
    hips in the room. `angle` (F,), in degrees, is that at the elbow or knee (180 is straight), or
    that of the trunk to the vertical; None for the whole body. `middle_m` (F, 3) is the elbow or
    knee relative to the root. `room_m` (F, 3) is the path of a leg's end in the room.
    """

    path_m: FloatArray
    angle: FloatArray | None = None
    middle_m: FloatArray | None = None
    room_m: FloatArray | None = None


def part_motions(features: FloatArray, settings: FeatureSettings) -> dict[str, PartMotion]:
    """The motion of each part that was seen, from features float32 (F, J, 4)."""
    places, seen = positions(features, settings.rate_hz)
    room = _hips_in_room(features, settings)
    found = {
        name: _of_part(name, places, room)
        for name, part in PARTS.items()
        if all(seen[JOINT[joint]] for joint in (*part.root, *part.ends))
    }
    if seen[_HIPS].all():
        found[BODY] = PartMotion(room)
    return found


def _hips_in_room(features: FloatArray, settings: FeatureSettings) -> FloatArray:
    """The path (F, 3) of the hips in the room, from the first frame's place of the slow origin."""
    hips = features[:, _HIPS, :3].mean(axis=1).astype(np.float64)  # offsets of TEMPLATE cancel
    # In each frame the origin covers this share of its distance to the hips.
    gain = float(settings.gain(settings.origin_s))
    return _smoothed(np.asarray(hips + np.cumsum(hips, axis=0) * gain), settings.rate_hz)


def positions(features: FloatArray, rate_hz: float) -> tuple[FloatArray, BoolArray]:
    """The joints' places (F, J, 3), and which joints were seen at all (J,).

    Places are smoothed over `SMOOTHED_S`. While a joint is not seen, it moves evenly between the
    places before and after.
    """
    seen = np.asarray(features[:, :, _SEEN] > 0)
    places = features[:, :, :3].astype(np.float64) + TEMPLATE
    frames = np.arange(len(features))
    for joint in np.flatnonzero(seen.any(axis=0) & ~seen.all(axis=0)):
        known = seen[:, joint]
        for axis in range(3):
            places[:, joint, axis] = np.interp(frames, frames[known], places[known, joint, axis])
    return _smoothed(np.asarray(places), rate_hz), np.asarray(seen.any(axis=0))


def _of_part(name: str, places: FloatArray, room: FloatArray) -> PartMotion:
    part = PARTS[name]
    root, end = (_mean(places, joints) for joints in (part.root, part.ends))
    path = end - root
    if name == TRUNK or part.middle is None:
        return PartMotion(path, _degrees(path, _UP))
    middle = _mean(places, (part.middle,))
    in_room = room + end - _mean(places, PARTS[TRUNK].root) if name in PAIRS[BOTH_LEGS] else None
    return PartMotion(path, _degrees(root - middle, end - middle), middle - root, in_room)


def _mean(places: FloatArray, joints: Sequence[str]) -> FloatArray:
    return np.asarray(places[:, [JOINT[joint] for joint in joints]].mean(axis=1))


def _degrees(a: FloatArray, b: FloatArray) -> FloatArray:
    """The angles between vectors (F, 3), in degrees."""
    norms = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    cosine = (a * b).sum(axis=-1) / np.maximum(norms, 1e-9)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _smoothed(values: FloatArray, rate_hz: float) -> FloatArray:
    """The running mean over `SMOOTHED_S` along the first axis; its ends repeat."""
    half = max(1, round(SMOOTHED_S * rate_hz / 2))
    padded = np.concatenate([values[:1]] * half + [values] + [values[-1:]] * half)
    total = np.cumsum(np.concatenate([np.zeros_like(padded[:1]), padded]), axis=0)
    return np.asarray((total[2 * half + 1 :] - total[: -2 * half - 1]) / (2 * half + 1))
