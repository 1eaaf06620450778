"""The things that go wrong, done to one motion: pure functions from a motion to a motion.

They change what a sensor would have seen, never the model's features: places in camera space,
the times of frames, and which joints and frames there are. What they cannot show is what a
camera itself does when a person turns away or goes far: joints it can no longer see, and noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.evaluation.clip_runs import Motion
from models.features import CANONICAL_PICKS, FloatArray
from sensor.skeleton import KINECT_V2

LOST = "lost_"
"""Figures of accuracy lost begin so."""


Change = Callable[[Motion, np.random.Generator], Motion]

_HIPS = [KINECT_V2.index["HipLeft"], KINECT_V2.index["HipRight"]]
_FEET = [KINECT_V2.index[name] for name in ("AnkleLeft", "AnkleRight", "FootLeft", "FootRight")]
_SWAPPED = np.array(
    [
        KINECT_V2.index[name.replace("Left", "#").replace("Right", "Left").replace("#", "Right")]
        for name in KINECT_V2.joints
    ]
)
UNEVEN_S = 0.002
"""Standard deviation of a device's frame times about an even rate."""


def place_m(motion: Motion) -> FloatArray:
    """Where the person is: the mean of the hips over the clip, float32 (3,)."""
    hips = motion.joints_m[:, _HIPS][motion.seen[:, _HIPS]]
    everything = motion.joints_m[motion.seen]
    mean: FloatArray = (hips if len(hips) else everything).mean(axis=0)
    return mean


def floor_m(motion: Motion) -> float:
    """The height of the floor under the person: that of the lowest foot."""
    feet = motion.joints_m[:, _FEET][motion.seen[:, _FEET]]
    everything = motion.joints_m[motion.seen]
    return float((feet if len(feet) else everything)[:, 1].min())


def _moved(motion: Motion, joints_m: NDArray[np.floating]) -> Motion:
    places = np.where(motion.seen[..., None], joints_m, 0).astype(np.float32)
    return Motion(places, motion.seen, motion.times_s)


def turned(degrees: float) -> Change:
    """The person turned about their own vertical axis, on the spot."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        centre = place_m(motion)
        return _moved(motion, (motion.joints_m - centre) @ matrix.T + centre)

    return change


def placed(away_m: float, side_m: float = 0.0) -> Change:
    """The person at a distance from the camera, and to its left by `side_m`."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        here = place_m(motion)
        return _moved(motion, motion.joints_m + np.array([side_m - here[0], 0, away_m - here[2]]))

    return change


def scaled(factor: float) -> Change:
    """A person of another size on the same floor, at the same place."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        here = place_m(motion)
        foot = np.array([here[0], floor_m(motion), here[2]])
        return _moved(motion, (motion.joints_m - foot) * factor + foot)

    return change


def at_speed(factor: float) -> Change:
    """The same frames in less time (`factor` above 1) or more."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        return Motion(motion.joints_m, motion.seen, motion.times_s / factor)

    return change


def at_rate(rate_hz: float) -> Change:
    """The same motion as a device of another rate sees it, at its not quite even times."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        end_s = motion.times_s[-1]
        times = np.arange(int(end_s * rate_hz + 1e-6) + 1) / rate_hz
        late = np.clip(rng.normal(0, UNEVEN_S, len(times)), -0.4 / rate_hz, 0.4 / rate_hz)
        times = np.clip(times + late, 0, end_s)
        times[0] = 0.0
        return _seen_at(motion, np.unique(times))

    return change


def _seen_at(motion: Motion, times_s: NDArray[np.float64]) -> Motion:
    """The motion at other times, on the straight line between its frames."""
    after = np.clip(np.searchsorted(motion.times_s, times_s), 1, max(len(motion.times_s) - 1, 1))
    after = np.minimum(after, len(motion.times_s) - 1)
    before = np.maximum(after - 1, 0)
    step_s = np.maximum(motion.times_s[after] - motion.times_s[before], 1e-9)
    share = np.clip((times_s - motion.times_s[before]) / step_s, 0, 1)[:, None, None]
    joints = motion.joints_m[before] * (1 - share) + motion.joints_m[after] * share
    between = Motion(motion.joints_m[before], motion.seen[before] & motion.seen[after], times_s)
    return _moved(between, joints)


def with_frames_dropped(part: float) -> Change:
    """Each frame but the first is lost with probability `part`."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        kept = rng.random(len(motion.times_s)) >= part
        kept[0] = True
        return Motion(motion.joints_m[kept], motion.seen[kept], motion.times_s[kept])

    return change


def with_joints_lost(count: int) -> Change:
    """`count` of the joints that models read, drawn for each clip, are never seen in it."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        seen = motion.seen.copy()
        seen[:, rng.choice(CANONICAL_PICKS, count, replace=False)] = False
        return _moved(Motion(motion.joints_m, seen, motion.times_s), motion.joints_m)

    return change


def with_noise(deviation_m: float) -> Change:
    """Every joint of every frame is off by itself, with this standard deviation on each axis."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        noise = rng.normal(0, deviation_m, motion.joints_m.shape)
        return _moved(motion, motion.joints_m + noise)

    return change


def mirrored(motion: Motion, rng: np.random.Generator) -> Motion:
    """Left and right exchanged, on the spot."""
    centre_x = 2 * place_m(motion)[0]
    joints = motion.joints_m[:, _SWAPPED] * np.array([-1, 1, 1]) + np.array([centre_x, 0, 0])
    return _moved(Motion(motion.joints_m, motion.seen[:, _SWAPPED], motion.times_s), joints)


def begun(part: float) -> Change:
    """Only the first `part` of the motion."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        frames = max(round(part * len(motion.times_s)), 1)
        return Motion(motion.joints_m[:frames], motion.seen[:frames], motion.times_s[:frames])

    return change


@dataclass(frozen=True)
class Trouble:
    """One thing that goes wrong: its name, what it does, and the share that may be lost by it."""

    name: str
    about: str
    change: Change
    allowed: float | None = None


TROUBLES = (
    Trouble("turned_-30", "turned by -30 degrees", turned(-30), 0.02),
    Trouble("turned_+30", "turned by +30 degrees", turned(30), 0.02),
    Trouble("turned_-60", "turned by -60 degrees", turned(-60), 0.05),
    Trouble("turned_+60", "turned by +60 degrees", turned(60), 0.05),
    Trouble("turned_-90", "turned by -90 degrees", turned(-90)),
    Trouble("turned_+90", "turned by +90 degrees", turned(90)),
    *(
        Trouble(f"away_{away}_m", f"{away} m from the camera", placed(away), 0.02)
        for away in (1, 2, 3, 4, 5)
    ),
    Trouble("side_-1.5_m", "3 m away, 1.5 m to the camera's right", placed(3, -1.5), 0.02),
    Trouble("side_+1.5_m", "3 m away, 1.5 m to the camera's left", placed(3, 1.5), 0.02),
    *(
        Trouble(f"scaled_{size}", f"a body of {size} times the size", scaled(size), 0.02)
        for size in (0.6, 0.8, 1.2)
    ),
    Trouble("speed_0.5", "half as fast", at_speed(0.5), 0.05),
    Trouble("speed_0.75", "0.75 times as fast", at_speed(0.75), 0.02),
    Trouble("speed_1.5", "1.5 times as fast", at_speed(1.5), 0.02),
    Trouble("speed_2", "twice as fast", at_speed(2), 0.05),
    Trouble("rate_15_hz", "a camera of 15 frames a second", at_rate(15)),
    Trouble("rate_60_hz", "a camera of 60 frames a second", at_rate(60)),
    Trouble("dropped_10", "10 % of frames dropped", with_frames_dropped(0.1), 0.02),
    Trouble("dropped_30", "30 % of frames dropped", with_frames_dropped(0.3), 0.02),
    Trouble("dropped_50", "50 % of frames dropped", with_frames_dropped(0.5)),
    Trouble("joints_1", "1 joint never seen", with_joints_lost(1), 0.05),
    Trouble("joints_3", "3 joints never seen", with_joints_lost(3), 0.05),
    Trouble("joints_6", "6 joints never seen", with_joints_lost(6)),
    Trouble("noise_1_cm", "sensor noise of 1 cm on each axis", with_noise(0.01), 0.02),
    Trouble("noise_3_cm", "sensor noise of 3 cm on each axis", with_noise(0.03), 0.02),
    Trouble("noise_5_cm", "sensor noise of 5 cm on each axis", with_noise(0.05)),
    Trouble("mirrored", "left and right exchanged, sided labels too", mirrored),
)
