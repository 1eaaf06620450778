"""Continuous streams of one person who acts, rests, walks about and does unknown things.

Unlike the streams of `stream_composer`, they are for measuring: nothing is varied but the order,
and each stretch keeps the name of the motion it shows. Validation people can be given the same
streams to tune thresholds on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.augmentation.idle import sway
from models.augmentation.limbs import FEET, HIPS, bones_of, place_at, scale_bones, transplant_limbs
from models.augmentation.walking import (
    ROOM,
    Room,
    Walk,
    headings,
    stroll,
    turned,
    walk_of,
)
from models.features import CANONICAL_PICKS, JOINT, FloatArray
from models.motion import minimum_jerk, smooth_noise
from sensor.formats.recording import Recording, even_times_ns
from sensor.skeleton import KINECT_V2, Body, Frame

RATE_HZ = 30.0
NOTHING = "background"
"""The name of rests, transitions and turns."""
_TRANSITION_M_S, _TRANSITION_S = 1.0, (0.3, 1.2)
"""Mean speed of the joint that moves furthest between two motions, and limits of the time."""
_TURN_DEG_S, _STRAIGHT_DEG = 90.0, 30.0
"""Speed of a turn on the spot, and the angle up to which nobody turns."""
_REST_S = (0.6, 2.5)
_STROLL_S = (4.0, 9.0)
_OTHER_S = (4.0, 10.0)
"""Durations of rests, walks and other motions, in seconds. All chosen by hand."""
_RESTS, _WALKS = 0.45, 0.3
"""Shares of rests and of walks after an action; otherwise, another motion follows."""
_JITTER_M, _DRIFT_M, _DRIFT_FRAMES = 0.005, 0.008, 12
"""Noise of a depth camera, added to motions that markers have recorded, in metres."""
_LEGS = [JOINT[f"{joint}{side}"] for joint in ("Knee", "Ankle") for side in ("Left", "Right")]


@dataclass(frozen=True, eq=False)
class Stretch:
    """A motion with one name: joints float32 (T, 18, 3) metres at 30 Hz."""

    joints_m: FloatArray
    name: str


@dataclass(frozen=True)
class Between:
    """Motions between actions: walks through a room, and others of which a part is taken.

    They are of other people and get the bones of the person of the stream. `marker_smooth` says
    that they need a camera's noise.
    """

    walks: Sequence[Stretch] = ()
    others: Sequence[Stretch] = ()
    marker_smooth: bool = True


def fitted(joints_m: FloatArray, own_m: FloatArray, other_m: FloatArray) -> FloatArray:
    """A motion (T, 18, 3) of a body with bones `other_m` (18,) on a body with bones `own_m` (18,).

    The way of the hips scales with the length of the legs, so that the feet stay on the floor.
    """
    size = np.float32(own_m[_LEGS].sum() / other_m[_LEGS].sum())
    return scale_bones(joints_m * size, own_m / (other_m * size))


def continuous_recording(
    rng: np.random.Generator, title: str, actions: Sequence[Sequence[Stretch]], between: Between
) -> Recording:
    """Join actions of one person to a stream, in their order, with other motions between them.

    Each action is one stretch, or several that follow one another directly. After each action the
    person rests, walks through the room or does something else; people of any data set do these for
    them, on this person's bones. The truth of a frame is the name of its motion, `NOTHING` in
    rests, transitions and turns.
    """
    own_m = bones_of([part.joints_m for action in actions for part in action])
    stream = ContinuousStream(rng, own_m, between)
    stream.begin(actions[0][0].joints_m[0])
    for action in actions:
        stream.act(action)
        draw = rng.random()
        if draw < _RESTS:
            stream.rest()
        elif draw < _RESTS + _WALKS:
            stream.walk()
        else:
            stream.do_other()
    stream.rest()
    return stream.recording(title)


class ContinuousStream:
    """Builds one stream of a person, motion by motion, beginning with a rest.

    `own_m` (18,) are the bones of the person.
    """

    def __init__(
        self, rng: np.random.Generator, own_m: FloatArray, between: Between, room: Room = ROOM
    ) -> None:
        self._rng, self._own_m, self._between, self._room = rng, own_m, between, room
        self._walks: list[Walk] = [walk_of(self._fit(walk.joints_m)) for walk in between.walks]
        self._joints: list[FloatArray] = []
        self._names: list[str] = []
        self._floor_m = 0.0

    def _fit(self, joints_m: FloatArray) -> FloatArray:
        return fitted(joints_m, self._own_m, bones_of([joints_m]))

    def act(self, action: Sequence[Stretch]) -> None:
        """Add an action of the person, who first turns to where the action begins."""
        whole = np.concatenate([part.joints_m for part in action])
        turn = self._facing(whole)
        if abs(turn) > np.deg2rad(_STRAIGHT_DEG):
            self._turn(turn)
        names = [part.name for part in action for _ in range(len(part.joints_m))]
        self._join(place_at(whole, self._last()), names)

    def begin(self, pose_m: FloatArray) -> None:
        """Stand still in a pose (18, 3), at whose place the stream begins."""
        self._floor_m = float(pose_m[FEET, 1].min())
        self._add(sway(self._rng, pose_m, self._frames_of(_REST_S)))

    def rest(self) -> None:
        """Stand still for a moment."""
        self._add(sway(self._rng, self._last(), self._frames_of(_REST_S)))

    def _frames_of(self, range_s: tuple[float, float]) -> int:
        return int(RATE_HZ * self._rng.uniform(*range_s))

    def walk(self, seconds: float | None = None) -> None:
        """Walk through the room, if there are walks."""
        if not self._walks:
            return
        frames = int(RATE_HZ * seconds) if seconds else self._frames_of(_STROLL_S)
        way = stroll(self._rng, self._walks, self._last(), frames, self._room)
        self._join(self._noisy(way), [self._between.walks[0].name] * frames)

    def do_other(self) -> None:
        """Do a part of one of the other motions, if there are any."""
        if not self._between.others:
            return
        other = self._between.others[int(self._rng.integers(len(self._between.others)))]
        frames = min(self._frames_of(_OTHER_S), len(other.joints_m))
        start = int(self._rng.integers(len(other.joints_m) - frames + 1))
        part = self._fit(other.joints_m[start : start + frames])
        off = float(headings(self._last()[None])[0] - headings(part)[0])
        part = turned(part, np.full(len(part), off, np.float32))
        self._join(place_at(self._noisy(part), self._last()), [other.name] * frames)

    def _noisy(self, joints_m: FloatArray) -> FloatArray:
        if not self._between.marker_smooth:
            return joints_m
        rng, shape = self._rng, joints_m.shape
        noise = _JITTER_M * rng.standard_normal(shape, np.float32)
        noise += np.float32(_DRIFT_M) * smooth_noise(rng, shape, _DRIFT_FRAMES)
        return np.asarray(joints_m + noise, np.float32)

    def _facing(self, joints_m: FloatArray) -> float:
        """The turn, radians, from how the person stands to how a motion begins."""
        off = float(headings(joints_m)[0] - headings(self._last()[None])[0])
        return (off + np.pi) % (2 * np.pi) - np.pi

    def _join(self, joints_m: FloatArray, names: Sequence[str]) -> None:
        """Move to the first pose of a motion, and add it with its lowest foot on the floor."""
        up = np.array([0, self._floor_m - joints_m[:, FEET, 1].min(), 0], np.float32)
        motion, last = joints_m + up, self._last()
        far_m = float(np.linalg.norm(motion[0] - last, axis=1).max())
        seconds = np.clip(far_m / _TRANSITION_M_S, *_TRANSITION_S)
        self._add(minimum_jerk(last, motion[0], int(RATE_HZ * seconds)))
        self._add(motion, names)

    def _turn(self, angle: float) -> None:
        """Turn on the spot about the hips, evenly, with the legs of a walk if there is one."""
        pose = self._last()
        frames = int(RATE_HZ * abs(np.rad2deg(angle)) / _TURN_DEG_S) + 1
        hips = pose[HIPS].mean(axis=0) * np.array([1, 0, 1], np.float32)
        s = np.linspace(0, 1, frames + 1)[1:]
        angles = np.asarray(angle * s * s * (3 - 2 * s), np.float32)
        body = np.repeat((pose - hips)[None], frames, axis=0)
        if self._walks:
            walk = self._walks[int(self._rng.integers(len(self._walks)))]
            body = transplant_limbs(body, walk.poses_m[:frames], ("LegLeft", "LegRight"))
        self._add(turned(body, angles) + hips)

    def _add(self, joints_m: FloatArray, names: Sequence[str] = ()) -> None:
        """Add frames with their names, `NOTHING` by default."""
        self._joints.append(np.asarray(joints_m, np.float32))
        self._names += names or [NOTHING] * len(joints_m)

    def _last(self) -> FloatArray:
        pose_m: FloatArray = self._joints[-1][-1]
        return pose_m

    def recording(self, title: str) -> Recording:
        """The stream as a recording; the truth of each frame is the name of its motion."""
        return to_recording(title, np.concatenate(self._joints), self._names)


def to_recording(title: str, joints_m: FloatArray, truth: Sequence[str | None]) -> Recording:
    """Frames of one person from the joints that the network reads (T, 18, 3), at 30 Hz."""
    every = np.zeros((len(joints_m), len(KINECT_V2.joints), 3), np.float32)
    every[:, CANONICAL_PICKS] = joints_m
    sure = np.zeros(len(KINECT_V2.joints), np.float32)
    sure[CANONICAL_PICKS] = 1
    times = even_times_ns(len(joints_m), RATE_HZ)
    frames = tuple(
        Frame(title, n, int(t), (Body(1, one, sure),), KINECT_V2, name)
        for n, (t, one, name) in enumerate(zip(times, every, truth, strict=True))
    )
    return Recording(title, "composed", KINECT_V2, frames, RATE_HZ)
