"""The fast path for the usual case: one person alone in each of many streams.

Tracking, outlier rejection, resampling and features of these people are computed as rows of arrays,
for all streams at once (`sensor/tracking/batched.py`, `models/live/windows.py`). The results equal
those of the ordinary pipeline. When anything else happens in a stream, its person goes back to the
ordinary pipeline until one person is alone in the stream again.
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

FRAMES_AT_ONCE = 16
"""At most this many frames of one stream are processed in one pass."""


@dataclass(eq=False)
class SoloLane:
    """A person who is alone in a stream: their row in the arrays, and the objects of the pipeline.

    The state in the row is written back to these objects when the lane is closed.
    """

    row: int
    tracker_id: int
    track: Track
    outliers: OutlierState
    person: Person


@dataclass(frozen=True, eq=False, slots=True)
class LaneFrames:
    """New frames for a lane, in the canonical layout."""

    lane: SoloLane
    block: Block


@dataclass(frozen=True, eq=False, slots=True)
class NewestFrame:
    """The newest frame of a lane: joints (J, 3), and confidence (J,) with 0 for rejected joints."""

    joints_m: FloatArray
    confidence: FloatArray


class SoloLanes:
    """All lanes of an engine. Only one thread may use it at a time."""

    def __init__(self, windows: Windows, limits: OutlierLimits) -> None:
        self._windows = windows
        self._tracker = BatchedTracker(KINECT_V2, windows.card.rate_hz, limits)

    def enter(
        self, person: Person, tracker_id: int, track: Track, outliers: OutlierState
    ) -> SoloLane | None:
        """Open a lane for a person who is alone; None if the next frame starts a new time grid."""
        samples = person.resampler.row()
        if samples is None:
            return None
        row = self._tracker.enter(track, outliers.rows, samples)
        return SoloLane(row, tracker_id, track, outliers, person)

    def leave(self, lane: SoloLane) -> None:
        """Close the lane, and give the person's state back to the ordinary pipeline."""
        lane.outliers.seen_ns = lane.person.seen_ns
        self._tracker.leave(lane.row, lane.track, lane.outliers.rows, lane.person.resampler)

    def settle(self) -> None:
        """Do the work that `push` left for later, so that labels are published sooner."""
        self._tracker.settle()

    def takes(self, lane: SoloLane, block: Block) -> bool:
        """Return whether the block continues the lane: the same person, seen without a gap."""
        times_ns = block.captured_ns
        span_ns = int(times_ns[-1]) - lane.person.seen_ns
        longest_ns = lane.person.resampler.max_gap_ns
        if block.body_id != lane.tracker_id or times_ns[0] <= lane.person.seen_ns:
            return False
        if not block.always_seen():
            return False
        # Times rise within a block. If its whole span is shorter than a gap, it contains none.
        return span_ns <= longest_ns or bool(
            (np.diff(times_ns, prepend=lane.person.seen_ns) <= longest_ns).all()
        )

    def push(self, new_frames: Sequence[LaneFrames]) -> tuple[list[Item], list[NewestFrame]]:
        """Process new frames, at most one block for each lane.

        Returns the items to decide, in order within each lane, and the newest frame of each lane,
        in the order of `new_frames`.
        """
        items: list[Item] = []
        newest: list[NewestFrame | None] = [None] * len(new_frames)
        longest = max((len(frames.block.captured_ns) for frames in new_frames), default=0)
        for start in range(0, longest, FRAMES_AT_ONCE):
            part = slice(start, start + FRAMES_AT_ONCE)
            order = [
                i for i, frames in enumerate(new_frames) if len(frames.block.captured_ns) > start
            ]
            order.sort(key=lambda i: -len(new_frames[i].block.captured_ns[part]))
            batch = _batch([new_frames[i] for i in order], part)
            items += self._process(batch, [new_frames[i] for i in order], part)
            for k, i in enumerate(order):
                last = int(batch.counts[k]) - 1
                newest[i] = NewestFrame(batch.joints_m[k, last], batch.confidence[k, last])
        return items, [frame for frame in newest if frame is not None]

    def _process(
        self, batch: FrameBatch, new_frames: Sequence[LaneFrames], part: slice
    ) -> list[Item]:
        people = [frames.lane.person for frames in new_frames]
        rows = np.array([person.row for person in people])
        sampled_ns = np.array([person.sampled_ns or 0 for person in people])
        items: list[Item] = []
        moments = list(self._tracker.push(batch))
        added = self._windows.push_all(
            [(rows[samples.which], samples.joints_m, samples.confidence) for samples in moments]
        )
        for samples, (due, counts) in zip(moments, added, strict=True):
            sampled_ns[samples.which] = samples.t_ns
            if due.any():
                frame = part.start + samples.frame
                items += self._predictions(samples, due, counts[due], new_frames, rows, frame)
        certain = self._tracker.certain(batch.rows).tolist()
        newest_ns = batch.t_ns[np.arange(len(new_frames)), batch.counts - 1].tolist()
        for person, t_ns, seen_ns, is_certain in zip(
            people, sampled_ns.tolist(), newest_ns, certain, strict=True
        ):
            person.sampled_ns, person.seen_ns = t_ns, seen_ns
            if is_certain and not person.certain:
                items += person.release((), is_certain)
        return items

    def _predictions(
        self,
        samples: SampleBatch,
        due: NDArray[np.bool_],
        counts: NDArray[np.int64],
        new_frames: Sequence[LaneFrames],
        rows: NDArray[np.intp],
        frame: int,
    ) -> list[Item]:
        """Create the predictions that are due (n,) at one moment; those held back are left out.

        `counts` are the numbers of frames in the rows of those that are due. `frame` is the index
        in each block of the frame that completed the samples.
        """
        which = samples.which[due]
        features = self._windows.newest(rows[which], counts)
        items: list[Item] = []
        columns = zip(
            which.tolist(),
            samples.t_ns[due].tolist(),
            samples.certain[due].tolist(),
            counts.tolist(),
            features,
            strict=True,
        )
        for i, t_ns, is_certain, count, newest in columns:
            person, block = new_frames[i].lane.person, new_frames[i].block
            prediction = person.make_due(int(block.sequence[frame]), t_ns, newest, count)
            items += person.release((prediction,), is_certain)
        return items


def _batch(new_frames: Sequence[LaneFrames], part: slice) -> FrameBatch:
    """Stack the frames of `part` of each block; `new_frames` must begin with the longest."""
    counts = np.array([len(frames.block.captured_ns[part]) for frames in new_frames])
    rows = np.array([frames.lane.row for frames in new_frames])
    if counts[0] == counts[-1]:
        return FrameBatch(
            rows,
            counts,
            side_by_side([frames.block.captured_ns[part] for frames in new_frames]),
            side_by_side([frames.block.joints_m[part] for frames in new_frames]),
            side_by_side([frames.block.confidence[part] for frames in new_frames]),
        )
    size = (len(new_frames), int(counts[0]))
    joints = new_frames[0].block.joints_m.shape[1]
    t_ns, confidence = np.zeros(size, np.int64), np.zeros((*size, joints), np.float32)
    joints_m = np.zeros((*size, joints, 3), np.float32)
    for k, frames in enumerate(new_frames):
        count = counts[k]
        t_ns[k, :count] = frames.block.captured_ns[part]
        joints_m[k, :count] = frames.block.joints_m[part]
        confidence[k, :count] = frames.block.confidence[part]
    return FrameBatch(rows, counts, t_ns, joints_m, confidence)
