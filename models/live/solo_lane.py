"""The usual case, fast: one person alone before each of many cameras, all streams at once.

Such a person's frames go through identity, gates, resampling and features as rows of arrays
(`sensor/tracking/batched.py`, `models/live/windows.py`). A stream in which anything else happens
gets its person back and goes the ordinary way, with the same numbers, until somebody is alone in
it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.live.person import Item, Person
from models.live.windows import Windows
from sensor.block import Block
from sensor.skeleton import KINECT_V2, FloatArray
from sensor.tracking.batched import Chunk, Even, Steady
from sensor.tracking.outlier_rows import GateLimits
from sensor.tracking.outliers import GateState
from sensor.tracking.rows import side_by_side
from sensor.tracking.track import Track

AT_ONCE = 16
"""Frames of one stream that are worked on in one go."""


@dataclass(eq=False)
class Lane:
    """One person who is alone: the row, and where what is remembered goes back to."""

    row: int
    tracker_id: int
    track: Track
    gates: GateState
    person: Person


@dataclass(frozen=True, eq=False, slots=True)
class Work:
    """New frames of a lane, and where its newest frame as it was believed is to be found."""

    lane: Lane
    block: Block


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """The newest frame of a lane: places (J, 3), and confidence (J,), 0 where not believed."""

    joints_m: FloatArray
    confidence: FloatArray


class Lanes:
    """All lanes of an engine. Only the inference thread calls it."""

    def __init__(self, windows: Windows, limits: GateLimits) -> None:
        self._windows = windows
        self._steady = Steady(KINECT_V2, windows.card.rate_hz, limits)

    def enter(self, person: Person, tracker_id: int, track: Track, gates: GateState) -> Lane | None:
        """A lane for somebody who is alone; None where their next frame begins anew."""
        samples = person.resampler.row()
        if samples is None:
            return None
        row = self._steady.enter(track, gates.rows, samples)
        return Lane(row, tracker_id, track, gates, person)

    def leave(self, lane: Lane) -> None:
        """Give back what was learnt of the person; the lane is over."""
        lane.gates.seen_ns = lane.person.seen_ns
        self._steady.leave(lane.row, lane.track, lane.gates.rows, lane.person.resampler)

    def settle(self) -> None:
        """Do what was put off until the labels are out."""
        self._steady.settle()

    def takes(self, lane: Lane, block: Block) -> bool:
        """Whether the block goes on where the lane is: the same person, with no gap."""
        times_ns = block.captured_ns
        span_ns = int(times_ns[-1]) - lane.person.seen_ns
        longest_ns = lane.person.resampler.max_gap_ns
        if block.body_id != lane.tracker_id or times_ns[0] <= lane.person.seen_ns:
            return False
        # The times of a block rise, so where the whole is no longer than a gap nothing in it is.
        return span_ns <= longest_ns or bool(
            (np.diff(times_ns, prepend=lane.person.seen_ns) <= longest_ns).all()
        )

    def push(self, work: Sequence[Work]) -> tuple[list[Item], list[Seen]]:
        """Take blocks in the canonical layout, at most one of each lane.

        Answers what is due, each lane's in order, and the newest frame of each, in the order of
        `work`.
        """
        due: list[Item] = []
        seen: list[Seen | None] = [None] * len(work)
        most = max((len(one.block.captured_ns) for one in work), default=0)
        for start in range(0, most, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            which = [i for i, one in enumerate(work) if len(one.block.captured_ns) > start]
            which.sort(key=lambda i: -len(work[i].block.captured_ns[part]))
            chunk = _chunk([work[i] for i in which], part)
            due += self._due(chunk, [work[i] for i in which], part)
            for k, i in enumerate(which):
                last = int(chunk.counts[k]) - 1
                seen[i] = Seen(chunk.joints_m[k, last], chunk.confidence[k, last])
        return due, [one for one in seen if one is not None]

    def _due(self, chunk: Chunk, work: Sequence[Work], part: slice) -> list[Item]:
        people = [one.lane.person for one in work]
        rows = np.array([person.row for person in people])
        sampled_ns = np.array([person.sampled_ns or 0 for person in people])
        items: list[Item] = []
        moments = list(self._steady.push(chunk))
        added = self._windows.push_all(
            [(rows[even.which], even.joints_m, even.confidence) for even in moments]
        )
        for even, (now, counts) in zip(moments, added, strict=True):
            sampled_ns[even.which] = even.t_ns
            if now.any():
                items += self._made(even, now, counts[now], work, rows, part.start + even.frame)
        certain = self._steady.certain(chunk.rows).tolist()
        newest_ns = chunk.t_ns[np.arange(len(work)), chunk.counts - 1].tolist()
        for person, t_ns, seen_ns, sure in zip(
            people, sampled_ns.tolist(), newest_ns, certain, strict=True
        ):
            person.sampled_ns, person.seen_ns = t_ns, seen_ns
            if sure and not person.certain:
                items += person.told((), sure)
        return items

    def _made(
        self,
        even: Even,
        now: NDArray[np.bool_],
        counts: NDArray[np.int64],
        work: Sequence[Work],
        rows: NDArray[np.intp],
        frame: int,
    ) -> list[Item]:
        """The predictions that are due at one moment, of those that count as people."""
        which = even.which[now]
        features = self._windows.newest(rows[which], counts)
        items: list[Item] = []
        told = zip(
            which.tolist(),
            even.t_ns[now].tolist(),
            even.certain[now].tolist(),
            counts.tolist(),
            features,
            strict=True,
        )
        for i, t_ns, sure, count, newest in told:
            person, block = work[i].lane.person, work[i].block
            made = person.due(int(block.sequence[frame]), t_ns, newest, count)
            items += person.told((made,), sure)
        return items


def _chunk(work: Sequence[Work], part: slice) -> Chunk:
    """The frames of `part` of each, side by side; those with the most first."""
    counts = np.array([len(one.block.captured_ns[part]) for one in work])
    rows = np.array([one.lane.row for one in work])
    if counts[0] == counts[-1]:
        return Chunk(
            rows,
            counts,
            side_by_side([one.block.captured_ns[part] for one in work]),
            side_by_side([one.block.joints_m[part] for one in work]),
            side_by_side([one.block.confidence[part] for one in work]),
        )
    size = (len(work), int(counts[0]))
    joints = work[0].block.joints_m.shape[1]
    t_ns, sure = np.zeros(size, np.int64), np.zeros((*size, joints), np.float32)
    joints_m = np.zeros((*size, joints, 3), np.float32)
    for k, one in enumerate(work):
        count = counts[k]
        t_ns[k, :count] = one.block.captured_ns[part]
        joints_m[k, :count] = one.block.joints_m[part]
        sure[k, :count] = one.block.confidence[part]
    return Chunk(rows, counts, t_ns, joints_m, sure)
