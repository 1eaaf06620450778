"""Synthetic squats, jumps, and sitting on and rising from seats: motions of the hips.

The feet stay on the floor, the knees follow by inverse kinematics, and the trunk leans for balance.
Arms hang, reach forward, or keep their pose on the trunk. Depths are in lengths of the leg from hip
to ankle, times in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.augmentation.limbs import HIPS, facing_turn
from models.features import JOINT, FloatArray
from models.synthesis.drawn_figures import Rng
from models.synthesis.inverse_kinematics import (
    LEGS,
    RATE_HZ,
    TO_CAMERA,
    UPPER,
    rest_pole,
    two_bone_ik,
)

_ARMS = [
    [JOINT[f"{joint}{side}"] for joint in ("Shoulder", "Elbow", "Wrist", "Hand")]
    for side in ("Left", "Right")
]


@dataclass
class HipPath:
    """Key poses of the hips: K times in seconds and K values each; the first is the pose at rest.

    `down` and `back` are in leg lengths, `lean_deg` is the forward lean of the trunk, `reach` how
    far the arms reach forward (0 to 1), and `lift` the height of the feet in leg lengths.
    """

    times: list[float]
    down: list[float]
    back: list[float]
    lean_deg: list[float]
    reach: list[float]
    lift: list[float]

    @classmethod
    def new(cls) -> HipPath:
        """A path that begins at rest."""
        return cls([0.0], [0.0], [0.0], [0.0], [0.0], [0.0])

    def to(
        self,
        seconds: float,
        down: float = 0.0,
        back: float = 0.0,
        lean_deg: float = 0.0,
        reach: float = 0.0,
        lift: float = 0.0,
    ) -> None:
        """Continue to a pose, in `seconds`."""
        self.times.append(self.times[-1] + seconds)
        for values, value in (
            (self.down, down),
            (self.back, back),
            (self.lean_deg, lean_deg),
            (self.reach, reach),
            (self.lift, lift),
        ):
            values.append(value)

    def stay(self, seconds: float) -> None:
        """Hold the newest pose."""
        self.to(
            seconds, self.down[-1], self.back[-1], self.lean_deg[-1], self.reach[-1], self.lift[-1]
        )


def squat(rng: Rng, pose_m: FloatArray) -> FloatArray:
    """One to three squats of any depth, or a crouch that is held; the arms do anything."""
    path, reach = HipPath.new(), _reach(rng)
    down = rng.uniform(0.25, 0.75)
    back, lean = down * rng.uniform(0.1, 0.45), rng.uniform(5, 55) * down / 0.6
    for _ in range(int(rng.integers(1, 4)) if rng.random() < 0.4 else 1):
        path.to(rng.uniform(0.4, 1.3), down, back, lean, reach)
        if rng.random() < 0.5:
            path.stay(float(rng.uniform(0.1, 1.5)))
        path.to(rng.uniform(0.4, 1.3))
    return follow_hips(rng, pose_m, path)


def jump(rng: Rng, pose_m: FloatArray) -> FloatArray:
    """One to three jumps: a short dip, the flight by gravity, and a landing that gives way."""
    path, leg_m = HipPath.new(), _leg_m(pose_m)
    for _ in range(int(rng.integers(1, 4)) if rng.random() < 0.3 else 1):
        dip, height_m = rng.uniform(0.08, 0.35), rng.uniform(0.08, 0.45)
        rise_s = float(np.sqrt(2 * height_m / 9.81))
        reach = float(rng.uniform(0, 1)) if rng.random() < 0.5 else 0.0
        path.to(rng.uniform(0.2, 0.6), dip, dip * 0.3, 60 * dip)
        path.to(rng.uniform(0.1, 0.25), reach=reach / 2)
        path.to(rise_s, lift=height_m / leg_m, reach=reach)
        path.to(rise_s, reach=reach / 2)
        path.to(rng.uniform(0.08, 0.2), dip * rng.uniform(0.3, 1), dip * 0.2, 40 * dip)
        path.to(rng.uniform(0.2, 0.5))
    return follow_hips(rng, pose_m, path)


def sit_down(rng: Rng, pose_m: FloatArray) -> FloatArray:
    """A person sits down on a seat of any height and stays there."""
    path, seat = HipPath.new(), _Seat.drawn(rng)
    path.to(rng.uniform(0.3, 0.8), seat.down * 0.45, seat.back * 0.4, seat.lean_deg, seat.reach)
    path.to(rng.uniform(0.3, 0.8), seat.down, seat.back, seat.lean_deg * 0.6)
    path.to(rng.uniform(0.2, 0.6), seat.down, seat.back, seat.rest_deg)
    path.stay(float(rng.uniform(0.1, 0.6)))
    return follow_hips(rng, pose_m, path)


def stand_up(rng: Rng, pose_m: FloatArray) -> FloatArray:
    """A person who sits rises from a seat of any height."""
    return np.ascontiguousarray(sit_down(rng, pose_m)[::-1])


@dataclass(frozen=True)
class _Seat:
    """Height and place of a seat in leg lengths, and how a person leans on the way and on it."""

    down: float
    back: float
    lean_deg: float
    rest_deg: float
    reach: float

    @classmethod
    def drawn(cls, rng: Rng) -> _Seat:
        down, back, lean_deg, rest_deg = rng.uniform((0.3, 0.3, 20, -15), (0.65, 0.6, 55, 12))
        return cls(down, back, lean_deg, rest_deg, _reach(rng))


def _reach(rng: Rng) -> float:
    """Half of the people let their arms hang, the others reach forward by some way."""
    return float(rng.uniform(0.3, 1.0)) if rng.random() < 0.5 else 0.0


def _leg_m(pose_m: FloatArray) -> float:
    """The length from hip to ankle along the right leg of a pose (18, 3), in metres."""
    return float(np.linalg.norm(np.diff(pose_m[LEGS[1][:3]], axis=0), axis=1).sum())


def follow_hips(rng: Rng, pose_m: FloatArray, path: HipPath) -> FloatArray:
    """Move a body along a path of the hips, float32 (T, 18, 3) metres at `RATE_HZ`.

    `pose_m` float32 (18, 3) metres in camera space is the pose at rest. Between key poses all
    values follow a smoothstep.
    """
    turn = facing_turn(pose_m[None])
    body = (pose_m @ turn.T) * TO_CAMERA  # right, up, forward
    at = np.arange(int(path.times[-1] * RATE_HZ) + 2, dtype=np.float32) / np.float32(RATE_HZ)
    down, back, lean, reach, lift = (
        _smoothstep(at, path.times, values)
        for values in (path.down, path.back, path.lean_deg, path.reach, path.lift)
    )
    leg_m = _leg_m(pose_m)
    out = np.repeat(body[None], len(at), axis=0)
    shift = np.stack([np.zeros_like(at), -down, -back], axis=1) * np.float32(leg_m)
    feet = out.copy()
    out += shift[:, None]
    _lean(out, np.deg2rad(lean))
    _place_arms(out, body, np.deg2rad(lean), reach, hang=bool(rng.random() < 0.6))
    _plant_feet(out, feet, spread=float(rng.uniform(0, 0.6)))
    out[..., 1] += lift[:, None] * np.float32(leg_m)
    return np.asarray((out * TO_CAMERA) @ turn, np.float32)


def _smoothstep(at: FloatArray, times: list[float], values: list[float]) -> FloatArray:
    """Values at `times` (K,), at the moments `at` (T,), with slow ends between the key poses."""
    n = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 2)
    start, end = np.array(times)[n], np.array(times)[n + 1]
    part = np.clip((at - start) / np.maximum(end - start, 1e-6), 0, 1)
    part = part * part * (3 - 2 * part)
    first, last = np.array(values)[n], np.array(values)[n + 1]
    return np.asarray(first + part * (last - first), np.float32)


def _rotated(vectors: FloatArray, angle: FloatArray) -> FloatArray:
    """Vectors (T, N, 3) pitched forward by `angle` (T,) radians."""
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    up, forward = vectors[..., 1], vectors[..., 2]
    return np.stack([vectors[..., 0], up * cos - forward * sin, forward * cos + up * sin], axis=-1)


def _lean(body: FloatArray, angle: FloatArray) -> None:
    """Pitch everything above the hips forward by `angle` (T,); changes `body` (T, 18, 3)."""
    centre = body[:, HIPS].mean(axis=1, keepdims=True)
    body[:, UPPER] = _rotated(body[:, UPPER] - centre, angle) + centre


def _place_arms(
    body: FloatArray, rest: FloatArray, lean: FloatArray, reach: FloatArray, hang: bool
) -> None:
    """Pitch the arms up by `reach` times 90 degrees; changes `body` (T, 18, 3).

    With `hang`, the arms keep their direction in space when the trunk leans (T,).
    """
    for arm in _ARMS:
        relative = np.repeat((rest[arm] - rest[arm[0]])[None], len(body), axis=0)
        angle = (np.zeros_like(lean) if hang else lean) - reach * np.float32(np.pi / 2)
        body[:, arm] = body[:, arm[:1]] + _rotated(relative, angle)


def _plant_feet(body: FloatArray, feet: FloatArray, spread: float) -> None:
    """Bend the knees so that the feet stay at `feet` (T, 18, 3); changes `body` (T, 18, 3).

    Knees point forward, and outward by `spread`.
    """
    for leg, outward in zip(LEGS, (-1, 1), strict=True):
        limb = feet[0, leg]
        pole = rest_pole(limb, leg=True) * np.float32(0.2) + np.array(
            [outward * spread, 0, 1], np.float32
        )
        ends = feet[:, leg[2]] - body[:, leg[0]]
        knees, ankles = two_bone_ik(ends, np.repeat(pole[None], len(body), axis=0), limb)
        body[:, leg[1]], body[:, leg[2]] = body[:, leg[0]] + knees, body[:, leg[0]] + ankles
        body[:, leg[3]] = body[:, leg[2]] + limb[3] - limb[2]
