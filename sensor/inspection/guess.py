"""Guesses the axes and the unit of joints from the body itself.

The head is above the hips, the trunk of a grown person is about half a metre long, and toes point
forward. The axes are named by how the file's own axes relate to camera space: x to the sensor's
left, y up, z away from the sensor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import Layout

TRUNKS = (
    ("m", 0.25, 0.9, "metres"), ("ft", 0.9, 2.5, "feet"), ("dm", 2.5, 9.0, "decimetres"),
    ("cm", 20.0, 90.0, "centimetres"), ("mm", 200.0, 900.0, "millimetres"),
)  # fmt: skip
"""For each unit the lengths of a trunk, from hips to shoulders, and its name."""
FACTORS = (10, 100, 1000)
"""By so much a body is too small if metres were taken for a smaller unit."""
_LETTERS = "xyz"
_HIPS = ("HipLeft", "HipRight")
_SHOULDERS = ("ShoulderLeft", "ShoulderRight")

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Guess:
    """What the body says about a file.

    `axes` are the file's axes that point to the sensor's left, up, and away from it, such as
    ("x", "-y", "z"), or None if the body does not tell. `unit` is a key of TRUNKS, or None. `scale`
    is the trunk's length in the file. The reasons are sentences.
    """

    axes: tuple[str, str, str] | None
    axes_reason: str
    unit: str | None
    unit_reason: str


def guess(joints: NDArray[np.float32], confidence: NDArray[np.float32], layout: Layout) -> Guess:
    """Guess from the joints of bodies, (T, J, 3) in the file's axes and unit, confidence (T, J)."""
    places = np.where(confidence[..., None] > 0, joints.astype(np.float64), np.nan)
    return Guess(*_axes(places, layout), *_unit(places, layout))


def _unit(places: Vector, layout: Layout) -> tuple[str | None, str]:
    trunk = _middle(places, layout, _SHOULDERS) - _middle(places, layout, _HIPS)
    lengths = np.linalg.norm(trunk, axis=1)
    if not np.isfinite(lengths).any():
        return None, "shoulders and hips are never seen together"
    length = float(np.nanmedian(lengths))
    for unit, low, high, title in TRUNKS:
        if low <= length < high:
            return unit, f"{title}: the trunk is {length:.3g} long"
    text = f"the trunk is {length:.3g} long, which is no person's in any known unit"
    low, high = TRUNKS[0][1:3]
    factor = next((f for f in FACTORS if low <= length * f < high), None)
    return None, text if factor is None else f"{text}; it is too small by a factor of {factor}"


def _axes(places: Vector, layout: Layout) -> tuple[tuple[str, str, str] | None, str]:
    up = _middle(places, layout, ("Head",)) - _middle(places, layout, _HIPS)
    up = up[np.isfinite(up).all(axis=1)]
    if not len(up):
        return None, "head and hips are never seen together"
    axis, sign = _main_axis(np.median(up, axis=0))
    share = np.mean((np.abs(up).argmax(axis=1) == axis) & (np.sign(up[:, axis]) == sign))
    reason = f"{_name(axis, sign)} is up: the head is above the hips in {share:.0%} of frames"
    right = _one_joint(places, layout, "ShoulderRight") - _one_joint(places, layout, "ShoulderLeft")
    right_vector = _median(right, without=axis)
    if right_vector is None:
        return None, f"{reason}; the shoulders do not tell left from right"
    right_axis, right_sign = _main_axis(right_vector)
    away_axis = 3 - axis - right_axis
    forward = _forward(places, layout, away_axis)
    if forward is None:
        # Without toes the axes are taken to be right-handed: left x up = away.
        away_sign = _right_handed(right_axis, right_sign, axis, sign, away_axis)
        reason += "; the feet do not tell forward, so the axes are taken to be right-handed"
    else:
        away_sign = -int(np.sign(forward))
        reason += f"; the toes point to {_name(away_axis, -away_sign)}"
    left, top, away = (
        _name(right_axis, right_sign), _name(axis, sign), _name(away_axis, away_sign),
    )  # fmt: skip
    return (left, top, away), reason


def _right_handed(right: int, right_sign: int, up: int, up_sign: int, away: int) -> int:
    matrix = np.zeros((3, 3))
    matrix[0, right], matrix[1, up], matrix[2, away] = right_sign, up_sign, 1
    return 1 if np.linalg.det(matrix) > 0 else -1


def _forward(places: Vector, layout: Layout, away_axis: int) -> float | None:
    """Return how far the toes are in front of the ankles on one axis, None if not seen."""
    steps = [
        _one_joint(places, layout, f"Foot{side}") - _one_joint(places, layout, f"Ankle{side}")
        for side in ("Left", "Right")
    ]
    ahead = np.concatenate(steps)[:, away_axis]
    ahead = ahead[np.isfinite(ahead)]
    value = float(np.median(ahead)) if len(ahead) else 0.0
    return value or None


def _main_axis(vector: Vector) -> tuple[int, int]:
    axis = int(np.abs(vector).argmax())
    return axis, 1 if vector[axis] >= 0 else -1


def _name(axis: int, sign: int) -> str:
    return ("" if sign > 0 else "-") + _LETTERS[axis]


def _median(vectors: Vector, without: int) -> Vector | None:
    """Return the median of the vectors that are finite, zero on one axis; None without any."""
    known = vectors[np.isfinite(vectors).all(axis=1)]
    if not len(known):
        return None
    middle: Vector = np.median(known, axis=0)
    middle[without] = 0
    return middle if middle.any() else None


def _one_joint(places: Vector, layout: Layout, name: str) -> Vector:
    """Return a joint's places (T, 3), NaN if the layout lacks it."""
    index = layout.index.get(name)
    return np.full((len(places), 3), np.nan) if index is None else places[:, index]


def _middle(places: Vector, layout: Layout, names: tuple[str, ...]) -> Vector:
    """Return the midpoint of joints, (T, 3)."""
    return sum((_one_joint(places, layout, name) for name in names), np.zeros(3)) / len(names)
