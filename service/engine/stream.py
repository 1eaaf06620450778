"""One stream inside the engine: its queue, its pipeline, its state and its counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from models.live.person import Item
from models.live.pipeline import Pipeline
from models.live.solo_lane import LaneFrames, NewestFrame
from sensor.block import Block, convert_block, frames_of, joined
from sensor.skeleton import KINECT_V2, Frame
from service.wire.message_building import body_data, frame_message
from service.wire.messages import FrameMessage, Message, StatusMessage, StreamInfo

State = Literal["waiting", "live", "ended", "lost", "failed"]

PUSHED = "push"
"""The kind of a stream that a client pushes; unlike a source, it has no options."""
QUEUE_FRAMES = 600
"""By default a stream queues at most this many frames."""
SILENCE_NS = 2_000_000_000
"""After this long without frames, everybody in the stream has left."""
RETRY_NS = 5_000_000_000
"""A failed stream drops its frames for this long before it is live again."""


@dataclass(frozen=True, slots=True)
class Change:
    """A new state of a stream, queued in order with its frames."""

    state: State
    note: str
    remove: bool = False


Entry = Frame | Block | Change


def frames_in(entry: Entry) -> int:
    """Return the number of places that an entry takes in a queue."""
    return len(entry) if isinstance(entry, Block) else 1


class Stream:
    """One stream with its queue and its pipeline.

    `StreamQueues` guards `put`, `drain` and `info` with a lock. Only the thread that runs a tick
    calls `lane_frames`, `feed` and `fail`. `removed` is set when the stream's end has been
    processed, `closed` when its name is free again.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        note: str,
        make_pipeline: Callable[[str], Pipeline],
        queue_frames: int = QUEUE_FRAMES,
    ) -> None:
        self.name = name
        self.removed = False
        self.closed = False
        self.predictions = 0
        self.dropped = 0
        self._kind = kind
        self._note = self._shown_note = note
        self._problem: str | None = None
        self._state: State = "waiting"
        self._frames = 0
        self._fed_ns = 0
        self._retry_ns = 0
        self._queue: deque[Entry] = deque()
        self._queued = 0
        self._changes = 0
        self._queue_frames = queue_frames
        self._make_pipeline = make_pipeline
        self._pipeline = make_pipeline(name)

    @property
    def backlog(self) -> int:
        """The number of queued frames and changes."""
        return self._queued

    def info(self) -> StreamInfo:
        """Return the stream as it is now."""
        return StreamInfo(
            name=self.name,
            kind=self._kind,
            state=self._state,
            note=self._shown_note,
            bodies=self._pipeline.bodies,
            frames=self._frames,
            predictions=self.predictions,
            dropped=self.dropped,
        )

    def put(self, entry: Entry) -> None:
        """Queue an entry. Beyond `queue_frames` the oldest frames are dropped and counted."""
        self._queued += frames_in(entry)
        while self._queued > self._queue_frames and self._queue:
            if isinstance(self._queue[0], Change):
                break
            dropped = frames_in(self._queue.popleft())
            self._queued -= dropped
            self.dropped += dropped
        self._changes += isinstance(entry, Change)
        self._queue.append(entry)

    def drain(self) -> list[Entry]:
        """Take the queued entries up to the first change, which is published before the rest."""
        taken = list(self._queue)
        self._queue.clear()
        if self._changes:
            end = next(i for i, entry in enumerate(taken, 1) if isinstance(entry, Change))
            self._queue.extend(taken[end:])
            self._changes -= 1
            taken = taken[:end]
        self._queued = sum(map(frames_in, self._queue))
        return taken

    def lane_frames(self, entries: Sequence[Entry], now_ns: int) -> LaneFrames | None:
        """Return the entries as frames for the stream's lane; None if it has none for them."""
        if self._state != "live" or now_ns < self._retry_ns or not entries:
            return None
        block = joined(entries)
        if block is None:
            return None
        block = convert_block(block, KINECT_V2)
        lane = self._pipeline.lane(block)
        if lane is None:
            return None
        self._frames += len(block)
        self._fed_ns = now_ns
        return LaneFrames(lane, block)

    def lane_message(self, frames: LaneFrames, newest: NewestFrame) -> FrameMessage:
        """Return the `frame` message of the newest of the frames that a lane has processed."""
        body = body_data(frames.lane.person.body_id, newest.joints_m, newest.confidence)
        return FrameMessage(
            bodies=[body],
            captured_ns=int(frames.block.captured_ns[-1]),
            sequence=int(frames.block.sequence[-1]),
            stream=self.name,
            layout=frames.block.layout.name,
        )

    def feed(
        self, entries: list[Entry], now_ns: int, show: bool
    ) -> tuple[list[Message], list[Item]]:
        """Run drained entries through the pipeline; return messages to publish, items to decide.

        With `show`, the newest frame becomes a message. Without entries, people leave if the
        stream has been silent for too long. While no body can be a person, the note says why.
        """
        messages: list[Message] = []
        items: list[Item] = []
        newest: Frame | None = None
        for entry in entries:
            if self.removed:  # the entries behind the end are dropped
                break
            if isinstance(entry, Change):
                items += self._pipeline.finish()
                self.removed |= entry.remove
                messages.append(self._set(entry.state, entry.note, now_ns))
            elif now_ns < self._retry_ns:
                self.dropped += frames_in(entry)
            else:
                if self._state != "live":
                    messages.append(self._set("live", self._live_note(), now_ns))
                for frame in frames_of(entry):
                    newest, frame_items = self._pipeline.push(frame)
                    items += frame_items
                    messages += self._problem_messages(now_ns)
                self._frames += frames_in(entry)
                self._fed_ns = now_ns
        if newest is not None and show:
            messages.append(frame_message(self.name, newest))
        if not entries and now_ns - self._fed_ns > SILENCE_NS:
            items += self._pipeline.finish()
        return messages, items

    def _problem_messages(self, now_ns: int) -> list[Message]:
        """Return the state with another note if the pipeline's problem has changed."""
        if self._pipeline.problem == self._problem:
            return []
        self._problem = self._pipeline.problem
        return [self._set("live", self._live_note(), now_ns)]

    def _live_note(self) -> str:
        return self._note if self._problem is None else f"no labels: {self._problem}"

    def fail(self, now_ns: int, entries: Iterable[Entry] = ()) -> tuple[list[Message], list[Item]]:
        """Mark the stream as failed; return its new state, and the departures of its people.

        `entries` are lost, but if they end the stream, it still ends.
        """
        self.removed |= any(isinstance(entry, Change) and entry.remove for entry in entries)
        departures = self._pipeline.finish()
        self._pipeline = self._make_pipeline(self.name)
        self._problem = None
        self._retry_ns = now_ns + RETRY_NS
        note = "something went wrong inside the service; see its log"
        return [self._set("failed", note, now_ns)], departures

    def _set(self, state: State, note: str, now_ns: int) -> StatusMessage:
        self._state = state
        self._shown_note = note
        return StatusMessage(self.info(), now_ns)
