"""`Track`: the state of one person, from which the person is recognised in later frames."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray
from sensor.tracking.proportions import (
    UNKNOWN,
    BoolArray,
    Measurer,
    Position,
    Proportions,
    learn,
    looks_human,
)
from sensor.tracking.rows import Rows

CERTAIN_S = 0.25
"""A body counts as a person once it has looked like one, upright, for this long."""
_LYING = 0.2  # weight of a frame with a lying body: most lying bodies are false detections
_LONGEST_STEP_S = 0.125  # one frame counts for at most this long
_SHORT_GAP_S = 1 / 6  # a longer gap counts against the body ...
_MISSED = 4.5  # ... by this many seconds for each second more, so that 0.25 s take all away
_FASTEST_M_S = 3.0
_VELOCITY_S = 0.25  # time constant of the smoothed velocity
_JUMP_M = 0.15  # a jump is longer than this, plus `_JUMP_M_S` a second
_JUMP_M_S = 1.0  # for each second since the last frame
_BLIND_S = 0.5  # after this long without a frame the motion is unknown


@dataclass(frozen=True, eq=False, slots=True)
class Detection:
    """One measured body of a frame. `tracker_id` is None if the tracker's id cannot be trusted."""

    tracker_id: int | None
    position_m: Position
    lengths_m: FloatArray
    upright: bool


@dataclass(eq=False)
class Track:
    """One person, from whose state later frames recognise them.

    Holds a lasting id, the tracker's id, position and velocity at `seen_ns`, and proportions.
    `present` says whether the person was in the newest frame. `evidence_s` grows to `CERTAIN_S`.
    Short gaps count as seen, up to 0.125 s. A gap of more than 1/6 s counts against the body, and
    one of 0.25 s takes all evidence away.
    """

    id: int
    tracker_id: int = -1
    position_m: Position = UNKNOWN
    velocity_m_s: Position = (0.0, 0.0, 0.0)
    seen_ns: int = 0
    present: bool = False
    proportions: Proportions = field(default_factory=Proportions)
    evidence_s: float = 0.0

    @property
    def certain(self) -> bool:
        """Whether this is a person. A certain track stays certain."""
        return self.evidence_s >= CERTAIN_S

    def expected_m(self, now_ns: int) -> Position:
        """Return where the hips would be now at constant velocity."""
        return extrapolated(self.position_m, self.velocity_m_s, (now_ns - self.seen_ns) / 1e9)

    def jump_limit_m(self, now_ns: int) -> float:
        """Return the largest plausible distance from `expected_m`; infinite after a long gap."""
        gone_s = (now_ns - self.seen_ns) / 1e9
        return _JUMP_M + _JUMP_M_S * gone_s if gone_s < _BLIND_S else math.inf

    def distance_m(self, position_m: Position, now_ns: int) -> float:
        """Return the distance from a position to the way from the last to the expected position.

        The whole way counts, since the person may have slowed down.
        """
        return segment_distance_m(position_m, self.position_m, self.expected_m(now_ns))

    def update(self, detection: Detection, now_ns: int) -> None:
        """Take the detection that shows this person now."""
        gone_s = (now_ns - self.seen_ns) / 1e9 if self.position_m is not UNKNOWN else 0.0
        if not math.isnan(detection.position_m[0]):
            self._move(detection.position_m, gone_s, now_ns)
        if not self.certain:
            self._update_evidence(detection, gone_s)
        self.tracker_id = -1 if detection.tracker_id is None else detection.tracker_id
        self.seen_ns, self.present = now_ns, True

    def swap(self, other: Track) -> None:
        """Exchange position, motion and tracker id with a track that was confused with this one."""
        for name in ("tracker_id", "position_m", "velocity_m_s", "seen_ns", "present"):
            mine, theirs = getattr(self, name), getattr(other, name)
            setattr(self, name, theirs)
            setattr(other, name, mine)

    def _move(self, position_m: Position, gone_s: float, now_ns: int) -> None:
        if gone_s > 0:
            jumped = math.dist(position_m, self.expected_m(now_ns)) > self.jump_limit_m(now_ns)
            gain = 0.0 if jumped else 1 - math.exp(-gone_s / _VELOCITY_S)
            speed = [(b - a) / gone_s for a, b in zip(self.position_m, position_m, strict=True)]
            x, y, z = (
                v + gain * (new - v) for v, new in zip(self.velocity_m_s, speed, strict=True)
            )
            slower = min(1.0, _FASTEST_M_S / max(math.hypot(x, y, z), 1e-9))
            self.velocity_m_s = (slower * x, slower * y, slower * z)
        self.position_m = position_m

    def _update_evidence(self, detection: Detection, gone_s: float) -> None:
        step_s = min(gone_s, _LONGEST_STEP_S)
        if looks_human(detection.lengths_m):
            gain_s = step_s * (1.0 if detection.upright else _LYING)
        else:
            gain_s = -step_s
        missed_s = 0.0 if self.present else max(gone_s - _SHORT_GAP_S, 0.0)
        self.evidence_s = max(self.evidence_s + gain_s - _MISSED * missed_s, 0.0)


def extrapolated(position_m: Position, velocity_m_s: Position, seconds: float) -> Position:
    """Return the position after `seconds` at constant velocity."""
    x, y, z = (p + v * seconds for p, v in zip(position_m, velocity_m_s, strict=True))
    return x, y, z


def segment_distance_m(position_m: Position, start_m: Position, end_m: Position) -> float:
    """Return the distance from a position to the nearest point of a segment."""
    segment = [b - a for a, b in zip(start_m, end_m, strict=True)]
    to = [b - a for a, b in zip(start_m, position_m, strict=True)]
    square = sum(s * s for s in segment)
    along = sum(s * t for s, t in zip(segment, to, strict=True)) / square if square else 0.0
    share = min(max(along, 0.0), 1.0)
    return math.hypot(*(t - share * s for s, t in zip(segment, to, strict=True)))


@dataclass(eq=False)
class TrackRows(Rows):
    """State of N tracks of people who are alone in view.

    `position_m` and `velocity_m_s` are (N, 3), `seen_ns` and `evidence_s` (N,); `mean` and `count`
    (N, 11) are those of `Proportions`.
    """

    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    seen_ns: NDArray[np.int64]
    evidence_s: NDArray[np.float64]
    mean: FloatArray
    count: FloatArray

    @classmethod
    def new(cls, count: int) -> TrackRows:
        """Return zeroed rows for `count` people."""
        motion, lengths = (
            np.zeros((2, count, 3)),
            np.zeros((2, count, Measurer.LENGTHS), np.float32),
        )
        times = np.zeros(count, np.int64), np.zeros(count)
        return cls(motion[0], motion[1], *times, lengths[0], lengths[1])

    @classmethod
    def of(cls, track: Track) -> TrackRows:
        """Return one row with the state of a track."""
        return cls(
            np.array([track.position_m]),
            np.array([track.velocity_m_s]),
            np.array([track.seen_ns]),
            np.array([track.evidence_s]),
            track.proportions.mean[None].copy(),
            track.proportions.count[None].copy(),
        )

    def give(self, track: Track) -> None:
        """Write the only row back into a track."""
        x, y, z = self.position_m[0].tolist()
        u, v, w = self.velocity_m_s[0].tolist()
        track.position_m, track.velocity_m_s, track.seen_ns = (
            (x, y, z),
            (u, v, w),
            int(self.seen_ns[0]),
        )
        track.evidence_s = float(self.evidence_s[0])
        track.proportions.mean, track.proportions.count = self.mean[0].copy(), self.count[0].copy()


def update_rows(
    rows: TrackRows,
    measurer: Measurer,
    joints_m: FloatArray,
    confidence: FloatArray,
    now_ns: NDArray[np.int64],
) -> None:
    """Do `Track.update` and `Proportions.learn` for N people, each alone in view. Changes `rows`.

    `joints_m` is (N, J, 3), `confidence` (N, J). `now_ns` (N,) must be later than the frame before.
    """
    gone_s = ((now_ns - rows.seen_ns) / 1e9)[:, None]
    position_m = measurer.positions_m(joints_m, confidence)
    there = np.isfinite(position_m[:, :1])
    off_m = position_m - (rows.position_m + rows.velocity_m_s * gone_s)
    far = np.sqrt((off_m * off_m).sum(axis=1, keepdims=True)) > _JUMP_M + _JUMP_M_S * gone_s
    jumped = far & (gone_s < _BLIND_S)
    gain = np.where(jumped, 0.0, 1 - np.exp(-gone_s / _VELOCITY_S))
    speed = (position_m - rows.position_m) / gone_s
    velocity = rows.velocity_m_s + gain * (speed - rows.velocity_m_s)
    pace = np.sqrt((velocity * velocity).sum(axis=1, keepdims=True))
    velocity *= np.minimum(1.0, _FASTEST_M_S / np.maximum(pace, 1e-9))
    np.copyto(rows.velocity_m_s, velocity, where=there)
    np.copyto(rows.position_m, position_m, where=there)
    rows.seen_ns[:] = now_ns
    lengths_m = measurer.all_lengths_m(joints_m, confidence)
    if (rows.evidence_s < CERTAIN_S).any():
        upright = measurer.all_upright(joints_m, confidence)
        _update_evidence(rows.evidence_s, looks_human(lengths_m), upright, gone_s[:, 0])
    learn(rows.mean, rows.count, lengths_m)


def _update_evidence(
    evidence_s: NDArray[np.float64],
    human: BoolArray,
    upright: BoolArray,
    gone_s: NDArray[np.float64],
) -> None:
    """`Track._update_evidence` for N bodies; certain ones stay certain."""
    step_s = np.minimum(gone_s, _LONGEST_STEP_S)
    more = evidence_s + step_s * np.where(upright, 1.0, _LYING)
    less = np.maximum(evidence_s - step_s, 0.0)
    np.copyto(evidence_s, np.where(human, more, less), where=evidence_s < CERTAIN_S)
