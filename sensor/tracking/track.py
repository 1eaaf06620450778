"""`Track`: what is remembered of one person, so as to know them again."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray
from sensor.tracking.proportions import NOWHERE, BoolArray, Build, Place, Shape, human, learn
from sensor.tracking.rows import Rows

CERTAIN_S = 0.25
"""A body counts as a person once it has looked like one, upright, for this long."""
_LYING = 0.2  # most of what lies is no person, so what lies is believed more slowly
_LONGEST_STEP_S = 0.125
_FASTEST_M_S = 3.0
_VELOCITY_S = 0.25
_LEAP_M = 0.15
_LEAP_M_S = 1.0
_BLIND_S = 0.5  # after so long without a frame nobody's way is known


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """A body of one frame, measured. `tracker_id` None is one that says nothing."""

    tracker_id: int | None
    place_m: Place
    lengths_m: FloatArray
    upright: bool


@dataclass(eq=False)
class Track:
    """A person: lasting id, the tracker's id, where and how fast at `seen_ns`, and what build.

    `present` says whether they were in the newest frame. `evidence_s` grows to `CERTAIN_S`.
    """

    id: int
    tracker_id: int = -1
    place_m: Place = NOWHERE
    velocity_m_s: Place = (0.0, 0.0, 0.0)
    seen_ns: int = 0
    present: bool = False
    shape: Shape = field(default_factory=Shape)
    evidence_s: float = 0.0

    @property
    def certain(self) -> bool:
        """Whether this is a person; who once was one stays one."""
        return self.evidence_s >= CERTAIN_S

    def expected_m(self, now_ns: int) -> Place:
        """Where the hips would be if they went on as they went."""
        return ahead(self.place_m, self.velocity_m_s, (now_ns - self.seen_ns) / 1e9)

    def leap_m(self, now_ns: int) -> float:
        """How far from there the hips can hardly be; endless where they were unseen for long."""
        gone_s = (now_ns - self.seen_ns) / 1e9
        return _LEAP_M + _LEAP_M_S * gone_s if gone_s < _BLIND_S else math.inf

    def off_m(self, place_m: Place, now_ns: int) -> float:
        """How far a place is from where they are due, wherever on their way they slowed down."""
        return beside(place_m, self.place_m, self.expected_m(now_ns))

    def see(self, body: Seen, now_ns: int) -> None:
        """This person is that body now."""
        gone_s = (now_ns - self.seen_ns) / 1e9 if self.place_m is not NOWHERE else 0.0
        if not math.isnan(body.place_m[0]):
            self._move(body.place_m, gone_s, now_ns)
        if not self.certain:
            self._weigh(body, gone_s)
        self.tracker_id = -1 if body.tracker_id is None else body.tracker_id
        self.seen_ns, self.present = now_ns, True

    def exchange(self, other: Track) -> None:
        """Each was the other: they change places, but keep who they are."""
        for name in ("tracker_id", "place_m", "velocity_m_s", "seen_ns", "present"):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, theirs)
            setattr(other, name, mine)

    def _move(self, place_m: Place, gone_s: float, now_ns: int) -> None:
        if gone_s > 0:
            leapt = math.dist(place_m, self.expected_m(now_ns)) > self.leap_m(now_ns)
            gain = 0.0 if leapt else 1 - math.exp(-gone_s / _VELOCITY_S)
            speed = [(b - a) / gone_s for a, b in zip(self.place_m, place_m, strict=True)]
            x, y, z = (
                v + gain * (new - v) for v, new in zip(self.velocity_m_s, speed, strict=True)
            )
            slower = min(1.0, _FASTEST_M_S / max(math.hypot(x, y, z), 1e-9))
            self.velocity_m_s = (slower * x, slower * y, slower * z)
        self.place_m = place_m

    def _weigh(self, body: Seen, gone_s: float) -> None:
        step_s = min(gone_s, _LONGEST_STEP_S)
        if not self.present:
            self.evidence_s = 0.0
        elif human(body.lengths_m):
            self.evidence_s += step_s * (1.0 if body.upright else _LYING)
        else:
            self.evidence_s = max(self.evidence_s - step_s, 0.0)


def ahead(place_m: Place, velocity_m_s: Place, seconds: float) -> Place:
    """A place so many seconds further at a velocity."""
    x, y, z = (p + v * seconds for p, v in zip(place_m, velocity_m_s, strict=True))
    return x, y, z


def beside(place_m: Place, start_m: Place, end_m: Place) -> float:
    """How far a place is from the nearest point of a straight way."""
    way = [b - a for a, b in zip(start_m, end_m, strict=True)]
    to = [b - a for a, b in zip(start_m, place_m, strict=True)]
    length2 = sum(w * w for w in way)
    along = sum(w * t for w, t in zip(way, to, strict=True)) / length2 if length2 else 0.0
    share = min(max(along, 0.0), 1.0)
    return math.hypot(*(t - share * w for w, t in zip(way, to, strict=True)))


@dataclass(eq=False)
class TrackRows(Rows):
    """Of N people who are alone what a `Track` remembers: (N, 3), (N,), and `Shape`'s (N, 11)."""

    place_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    seen_ns: NDArray[np.int64]
    evidence_s: NDArray[np.float64]
    mean: FloatArray
    count: FloatArray

    @classmethod
    def new(cls, count: int) -> TrackRows:
        """Room for `count` people."""
        ways, lengths = np.zeros((2, count, 3)), np.zeros((2, count, Build.LENGTHS), np.float32)
        times = np.zeros(count, np.int64), np.zeros(count)
        return cls(ways[0], ways[1], *times, lengths[0], lengths[1])

    @classmethod
    def of(cls, track: Track) -> TrackRows:
        """One person."""
        return cls(
            np.array([track.place_m]),
            np.array([track.velocity_m_s]),
            np.array([track.seen_ns]),
            np.array([track.evidence_s]),
            track.shape.mean[None].copy(),
            track.shape.count[None].copy(),
        )

    def give(self, track: Track) -> None:
        """Write the one row there is into a track."""
        x, y, z = self.place_m[0].tolist()
        u, v, w = self.velocity_m_s[0].tolist()
        track.place_m, track.velocity_m_s, track.seen_ns = (
            (x, y, z),
            (u, v, w),
            int(self.seen_ns[0]),
        )
        track.shape.mean, track.shape.count = self.mean[0].copy(), self.count[0].copy()


def follow(
    rows: TrackRows,
    build: Build,
    joints_m: FloatArray,
    confidence: FloatArray,
    now_ns: NDArray[np.int64],
) -> None:
    """`Track.see` and `Shape.learn` for N people, each alone; changes `rows`.

    Places (N, J, 3) and confidences (N, J) at `now_ns` (N,), which must be later than before.
    """
    gone_s = ((now_ns - rows.seen_ns) / 1e9)[:, None]
    place_m = build.places_m(joints_m, confidence)
    there = np.isfinite(place_m[:, :1])
    off_m = place_m - (rows.place_m + rows.velocity_m_s * gone_s)
    far = np.sqrt((off_m * off_m).sum(axis=1, keepdims=True)) > _LEAP_M + _LEAP_M_S * gone_s
    leapt = far & (gone_s < _BLIND_S)
    gain = np.where(leapt, 0.0, 1 - np.exp(-gone_s / _VELOCITY_S))
    speed = (place_m - rows.place_m) / gone_s
    velocity = rows.velocity_m_s + gain * (speed - rows.velocity_m_s)
    pace = np.sqrt((velocity * velocity).sum(axis=1, keepdims=True))
    velocity *= np.minimum(1.0, _FASTEST_M_S / np.maximum(pace, 1e-9))
    np.copyto(rows.velocity_m_s, velocity, where=there)
    np.copyto(rows.place_m, place_m, where=there)
    rows.seen_ns[:] = now_ns
    lengths_m = build.all_lengths_m(joints_m, confidence)
    if (rows.evidence_s < CERTAIN_S).any():
        upright = build.all_upright(joints_m, confidence)
        _weigh(rows.evidence_s, human(lengths_m), upright, gone_s[:, 0])
    learn(rows.mean, rows.count, lengths_m)


def _weigh(
    evidence_s: NDArray[np.float64],
    human: BoolArray,
    upright: BoolArray,
    gone_s: NDArray[np.float64],
) -> None:
    """`Track._weigh` for N bodies, of which those that are certain stay so."""
    step_s = np.minimum(gone_s, _LONGEST_STEP_S)
    more = evidence_s + step_s * np.where(upright, 1.0, _LYING)
    less = np.maximum(evidence_s - step_s, 0.0)
    np.copyto(evidence_s, np.where(human, more, less), where=evidence_s < CERTAIN_S)
