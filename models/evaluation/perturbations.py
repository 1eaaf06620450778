"""Perturbations of a motion: turned, moved, resized, faster, noisy, or with parts missing.

They change the input from the sensor: positions in camera space, the times of frames, and which
joints and frames exist. They do not model the errors of a camera when a person turns away or is far
off, such as hidden joints and more noise.
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
"""The prefix of figures of lost accuracy."""
UNEVEN_S = 0.002
"""The standard deviation of a camera's frame times around an even rate, seconds."""

Change = Callable[[Motion, np.random.Generator], Motion]
"""Makes a changed motion from a motion, which it leaves as it is."""

_HIPS = [KINECT_V2.index["HipLeft"], KINECT_V2.index["HipRight"]]
_FEET = [KINECT_V2.index[name] for name in ("AnkleLeft", "AnkleRight", "FootLeft", "FootRight")]
_NOT_OF_15 = ("Hand", "Thumb", "Foot", "Neck", "SpineBase")
"""Beginnings of the joints that skeletons of 15 joints, such as OpenNI's, do not have."""
_SWAPPED = np.array(
    [
        KINECT_V2.index[name.replace("Left", "#").replace("Right", "Left").replace("#", "Right")]
        for name in KINECT_V2.joints
    ]
)


def position_m(motion: Motion) -> FloatArray:
    """Return the person's position: the mean of the hips over the clip, float32 (3,), metres."""
    hips = motion.joints_m[:, _HIPS][motion.seen[:, _HIPS]]
    everything = motion.joints_m[motion.seen]
    mean: FloatArray = (hips if len(hips) else everything).mean(axis=0)
    return mean


def floor_m(motion: Motion) -> float:
    """Return the height of the floor, metres: the lowest position of a foot or ankle."""
    feet = motion.joints_m[:, _FEET][motion.seen[:, _FEET]]
    everything = motion.joints_m[motion.seen]
    return float((feet if len(feet) else everything)[:, 1].min())


def _moved(motion: Motion, joints_m: NDArray[np.floating]) -> Motion:
    """The motion with other joint positions; joints that are not seen are set to zero."""
    positions = np.where(motion.seen[..., None], joints_m, 0).astype(np.float32)
    return Motion(positions, motion.seen, motion.times_s)


def turn(degrees: float) -> Change:
    """Turn the person about their own vertical axis."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        centre = position_m(motion)
        return _moved(motion, (motion.joints_m - centre) @ matrix.T + centre)

    return change


def place(away_m: float, side_m: float = 0.0) -> Change:
    """Move the person to a distance from the camera, and by `side_m` to its left."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        here = position_m(motion)
        return _moved(motion, motion.joints_m + np.array([side_m - here[0], 0, away_m - here[2]]))

    return change


def scale(factor: float) -> Change:
    """Change the person's size; position and floor stay the same."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        here = position_m(motion)
        foot = np.array([here[0], floor_m(motion), here[2]])
        return _moved(motion, (motion.joints_m - foot) * factor + foot)

    return change


def change_speed(factor: float) -> Change:
    """Show the same frames in less time (`factor` above 1) or in more."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        return Motion(motion.joints_m, motion.seen, motion.times_s / factor)

    return change


def change_rate(rate_hz: float) -> Change:
    """Resample the motion at another frame rate, with slightly uneven frame times."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        end_s = motion.times_s[-1]
        times = np.arange(int(end_s * rate_hz + 1e-6) + 1) / rate_hz
        jitter = np.clip(rng.normal(0, UNEVEN_S, len(times)), -0.4 / rate_hz, 0.4 / rate_hz)
        times = np.clip(times + jitter, 0, end_s)
        times[0] = 0.0
        return _resampled(motion, np.unique(times))

    return change


def _resampled(motion: Motion, times_s: NDArray[np.float64]) -> Motion:
    """The motion at other times, by linear interpolation; a joint is seen if both frames see it."""
    after = np.clip(np.searchsorted(motion.times_s, times_s), 1, max(len(motion.times_s) - 1, 1))
    after = np.minimum(after, len(motion.times_s) - 1)
    before = np.maximum(after - 1, 0)
    step_s = np.maximum(motion.times_s[after] - motion.times_s[before], 1e-9)
    share = np.clip((times_s - motion.times_s[before]) / step_s, 0, 1)[:, None, None]
    joints = motion.joints_m[before] * (1 - share) + motion.joints_m[after] * share
    between = Motion(motion.joints_m[before], motion.seen[before] & motion.seen[after], times_s)
    return _moved(between, joints)


def drop_frames(probability: float) -> Change:
    """Drop each frame but the first with this probability."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        kept = rng.random(len(motion.times_s)) >= probability
        kept[0] = True
        return Motion(motion.joints_m[kept], motion.seen[kept], motion.times_s[kept])

    return change


def lose_block(seconds: float) -> Change:
    """Drop all frames of one stretch of this length; the first and the last frame stay."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        begin_s = rng.uniform(0, max(motion.times_s[-1] - seconds, 0))
        kept = (motion.times_s < begin_s) | (motion.times_s >= begin_s + seconds)
        kept[[0, -1]] = True
        return Motion(motion.joints_m[kept], motion.seen[kept], motion.times_s[kept])

    return change


def few_joints(motion: Motion, rng: np.random.Generator) -> Motion:
    """Keep the 15 joints of simple trackers, without hands and feet."""
    seen = motion.seen.copy()
    seen[:, [name.startswith(_NOT_OF_15) for name in KINECT_V2.joints]] = False
    return _moved(Motion(motion.joints_m, seen, motion.times_s), motion.joints_m)


def hide_joints(count: int) -> Change:
    """Hide `count` joints in the whole clip, drawn from those that models read."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        seen = motion.seen.copy()
        seen[:, rng.choice(CANONICAL_PICKS, count, replace=False)] = False
        return _moved(Motion(motion.joints_m, seen, motion.times_s), motion.joints_m)

    return change


def add_noise(deviation_m: float) -> Change:
    """Add independent normal noise to each joint, frame and axis, with this standard deviation."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        noise = rng.normal(0, deviation_m, motion.joints_m.shape)
        return _moved(motion, motion.joints_m + noise)

    return change


def mirror(motion: Motion, rng: np.random.Generator) -> Motion:
    """Exchange left and right; the position stays the same."""
    centre_x = 2 * position_m(motion)[0]
    joints = motion.joints_m[:, _SWAPPED] * np.array([-1, 1, 1]) + np.array([centre_x, 0, 0])
    return _moved(Motion(motion.joints_m, motion.seen[:, _SWAPPED], motion.times_s), joints)


def truncate(share: float) -> Change:
    """Keep only the first `share` of the frames, at least one."""

    def change(motion: Motion, rng: np.random.Generator) -> Motion:
        frames = max(round(share * len(motion.times_s)), 1)
        return Motion(motion.joints_m[:frames], motion.seen[:frames], motion.times_s[:frames])

    return change


@dataclass(frozen=True)
class Perturbation:
    """A named change of a motion.

    `allowed` is the greatest acceptable loss of accuracy, 0 to 1; None means no target. The name
    is part of the names of figures, and it seeds the random draws.
    """

    name: str
    about: str
    change: Change
    allowed: float | None = None


PERTURBATIONS = (
    Perturbation("turned_-30", "turned by -30 degrees", turn(-30), 0.02),
    Perturbation("turned_+30", "turned by +30 degrees", turn(30), 0.02),
    Perturbation("turned_-60", "turned by -60 degrees", turn(-60), 0.05),
    Perturbation("turned_+60", "turned by +60 degrees", turn(60), 0.05),
    Perturbation("turned_-90", "turned by -90 degrees", turn(-90)),
    Perturbation("turned_+90", "turned by +90 degrees", turn(90)),
    *(
        Perturbation(f"away_{away}_m", f"{away} m from the camera", place(away), 0.02)
        for away in (1, 2, 3, 4, 5)
    ),
    Perturbation("side_-1.5_m", "3 m away, 1.5 m to the camera's right", place(3, -1.5), 0.02),
    Perturbation("side_+1.5_m", "3 m away, 1.5 m to the camera's left", place(3, 1.5), 0.02),
    *(
        Perturbation(f"scaled_{size}", f"a body {size} times as large", scale(size), 0.02)
        for size in (0.6, 0.8, 1.2)
    ),
    Perturbation("speed_0.5", "half the speed", change_speed(0.5), 0.05),
    Perturbation("speed_0.75", "0.75 times the speed", change_speed(0.75), 0.02),
    Perturbation("speed_1.5", "1.5 times the speed", change_speed(1.5), 0.02),
    Perturbation("speed_2", "twice the speed", change_speed(2), 0.05),
    Perturbation("rate_15_hz", "a camera of 15 frames a second", change_rate(15)),
    Perturbation("rate_60_hz", "a camera of 60 frames a second", change_rate(60)),
    Perturbation("dropped_10", "10 % of frames dropped", drop_frames(0.1), 0.02),
    Perturbation("dropped_30", "30 % of frames dropped", drop_frames(0.3), 0.02),
    Perturbation("dropped_50", "50 % of frames dropped", drop_frames(0.5), 0.01),
    Perturbation("block_1_s", "all frames of one second lost", lose_block(1.0), 0.03),
    Perturbation("joints_1", "1 joint hidden", hide_joints(1), 0.05),
    Perturbation("joints_3", "3 joints hidden", hide_joints(3), 0.05),
    Perturbation("joints_6", "6 joints hidden", hide_joints(6)),
    Perturbation("joints_15", "a skeleton of 15 joints, no hands or feet", few_joints, 0.02),
    Perturbation("noise_1_cm", "sensor noise of 1 cm on each axis", add_noise(0.01), 0.02),
    Perturbation("noise_3_cm", "sensor noise of 3 cm on each axis", add_noise(0.03), 0.02),
    Perturbation("noise_5_cm", "sensor noise of 5 cm on each axis", add_noise(0.05)),
    Perturbation("mirrored", "left and right exchanged, also in the labels", mirror),
)
"""The perturbations of the protocol `robustness`, in the order of its report and its plot."""
