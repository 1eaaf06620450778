"""The fast path for the usual case: one person alone in each of many streams.

The frames of such people pass identity, outlier rejection, resampling and features as rows of
arrays (`sensor/tracking/batched.py`, `models/live/windows.py`), all streams at once. When anything
else happens in a stream, its person returns to the ordinary pipeline, with the same numbers, until
one person is alone in it again.
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
from sensor.tracking.batched import BatchedTracker, FrameBatch, SampleBatch
from sensor.tracking.outlier_rows import OutlierLimits
from sensor.tracking.outliers import OutlierState
from sensor.tracking.rows import side_by_side
from sensor.tracking.track import Track

AT_ONCE = 16
"""The number of frames of one stream that are processed in one pass."""


@dataclass(eq=False)
class SoloLane:
    """A person who is alone in a stream: the row, and the objects that get the state back."""

    row: int
    tracker_id: int
    track: Track
    gates: OutlierState
    person: Person


@dataclass(frozen=True, eq=False, slots=True)
class Work:
    """New frames for a lane."""

    lane: SoloLane
    block: Block


@dataclass(frozen=True, eq=False, slots=True)
class NewestFrame:
    """The newest frame of a lane: joints (J, 3), and confidence (J,), 0 for rejected joints."""

    joints_m: FloatArray
    confidence: FloatArray


class SoloLanes:
    """All lanes of an engine. Only the inference thread may call it."""

    def __init__(self, windows: Windows, limits: OutlierLimits) -> None:
        self._windows = windows
        self._steady = BatchedTracker(KINECT_V2, windows.card.rate_hz, limits)

    def enter(
        self, person: Person, tracker_id: int, track: Track, gates: OutlierState
    ) -> SoloLane | None:
        """A lane for a person who is alone; None if their next frame starts a new time grid."""
        samples = person.resampler.row()
        if samples is None:
            return None
        row = self._steady.enter(track, gates.rows, samples)
        return SoloLane(row, tracker_id, track, gates, person)

    def leave(self, lane: SoloLane) -> None:
        """Give the person's state back to the ordinary pipeline; the lane is closed."""
        lane.gates.seen_ns = lane.person.seen_ns
        self._steady.leave(lane.row, lane.track, lane.gates.rows, lane.person.resampler)

    def settle(self) -> None:
        """Do the work that was postponed until the labels are published."""
        self._steady.settle()

    def takes(self, lane: SoloLane, block: Block) -> bool:
        """Whether the block continues the lane: the same person, without a gap."""
        times_ns = block.captured_ns
        span_ns = int(times_ns[-1]) - lane.person.seen_ns
        longest_ns = lane.person.resampler.max_gap_ns
        if block.body_id != lane.tracker_id or times_ns[0] <= lane.person.seen_ns:
            return False
        # Times rise within a block. If its whole span is shorter than a gap, it contains none.
        return span_ns <= longest_ns or bool(
            (np.diff(times_ns, prepend=lane.person.seen_ns) <= longest_ns).all()
        )

    def push(self, work: Sequence[Work]) -> tuple[list[Item], list[NewestFrame]]:
        """Process blocks in the canonical layout, at most one for each lane.

        Returns the items that are due, in order within each lane, and the newest frame of each
        lane, in the order of `work`.
        """
        due: list[Item] = []
        seen: list[NewestFrame | None] = [None] * len(work)
        most = max((len(one.block.captured_ns) for one in work), default=0)
        for start in range(0, most, AT_ONCE):
            part = slice(start, start + AT_ONCE)
            which = [i for i, one in enumerate(work) if len(one.block.captured_ns) > start]
            which.sort(key=lambda i: -len(work[i].block.captured_ns[part]))
            chunk = _chunk([work[i] for i in which], part)
            due += self._due(chunk, [work[i] for i in which], part)
            for k, i in enumerate(which):
                last = int(chunk.counts[k]) - 1
                seen[i] = NewestFrame(chunk.joints_m[k, last], chunk.confidence[k, last])
        return due, [one for one in seen if one is not None]

    def _due(self, chunk: FrameBatch, work: Sequence[Work], part: slice) -> list[Item]:
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
                items += person.release((), sure)
        return items

    def _made(
        self,
        even: SampleBatch,
        now: NDArray[np.bool_],
        counts: NDArray[np.int64],
        work: Sequence[Work],
        rows: NDArray[np.intp],
        frame: int,
    ) -> list[Item]:
        """The predictions that are due at one moment, for the bodies that count as people."""
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
            items += person.release((made,), sure)
        return items


def _chunk(work: Sequence[Work], part: slice) -> FrameBatch:
    """The frames of `part` of each block, side by side; the longest first."""
    counts = np.array([len(one.block.captured_ns[part]) for one in work])
    rows = np.array([one.lane.row for one in work])
    if counts[0] == counts[-1]:
        return FrameBatch(
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
    return FrameBatch(rows, counts, t_ns, joints_m, sure)
