"""One stream inside the engine: its queue, its pipeline, its state and its counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from models.live.person import Item
from models.live.pipeline import Pipeline
from models.live.solo_lane import NewestFrame, Work
from sensor.block import Block, convert_block, frames_of, joined
from sensor.skeleton import KINECT_V2, Frame
from service.wire.message_building import body_data, frame_message
from service.wire.messages import FrameMessage, Message, StatusMessage, StreamInfo

State = Literal["waiting", "live", "ended", "lost", "failed"]

QUEUE_FRAMES = 600
"""The default number of frames that a stream queues for the inference thread."""
SILENCE_NS = 2_000_000_000
"""After this long without frames, nobody is in view any more."""
RETRY_NS = 5_000_000_000
"""The frames of a failed stream are dropped for this long before it restarts."""


@dataclass(frozen=True, slots=True)
class Change:
    """A new state of a stream, queued in order with its frames."""

    state: State
    note: str
    remove: bool = False


Entry = Frame | Block | Change


def frames_in(entry: Entry) -> int:
    """The number of places that an entry takes in a queue."""
    return len(entry) if isinstance(entry, Block) else 1


class Stream:
    """One stream: its queue, which any thread fills, and its pipeline.

    Only the inference thread calls `work`, `feed` and `fail`. `removed` is set when the order to
    remove the stream was carried out, `closed` when its name is free again.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        note: str,
        make: Callable[[str], Pipeline],
        queue_frames: int = QUEUE_FRAMES,
    ) -> None:
        self.name = name
        self.removed = False
        self.closed = False
        self.predictions = 0
        self.dropped = 0
        self._kind = kind
        self._note = self._shown = note
        self._state: State = "waiting"
        self._frames = 0
        self._heard_ns = 0
        self._retry_ns = 0
        self._queue: deque[Entry] = deque()
        self._waiting = 0
        self._changes = 0
        self._queue_frames = queue_frames
        self._make = make
        self._pipeline = make(name)

    @property
    def backlog(self) -> int:
        """The number of queued frames and changes."""
        return self._waiting

    def info(self) -> StreamInfo:
        """The stream as it is now."""
        return StreamInfo(
            name=self.name,
            kind=self._kind,
            state=self._state,
            note=self._shown,
            bodies=self._pipeline.bodies,
            frames=self._frames,
            predictions=self.predictions,
            dropped=self.dropped,
        )

    def put(self, entry: Entry) -> None:
        """Queue an entry. Beyond `queue_frames` the oldest frames are dropped and counted."""
        self._waiting += frames_in(entry)
        while self._waiting > self._queue_frames and self._queue:
            if isinstance(self._queue[0], Change):
                break
            lost = frames_in(self._queue.popleft())
            self._waiting -= lost
            self.dropped += lost
        self._changes += isinstance(entry, Change)
        self._queue.append(entry)

    def drain(self) -> list[Entry]:
        """Take the queued entries up to the first change: it is published before the rest."""
        taken = list(self._queue)
        self._queue.clear()
        if self._changes:
            end = next(i for i, entry in enumerate(taken, 1) if isinstance(entry, Change))
            self._queue.extend(taken[end:])
            self._changes -= 1
            taken = taken[:end]
        self._waiting = sum(map(frames_in, self._queue))
        return taken

    def work(self, entries: Sequence[Entry], now_ns: int) -> Work | None:
        """The entries as work for a lane, if the stream has one; else None."""
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
        self._heard_ns = now_ns
        return Work(lane, block)

    def message(self, work: Work, newest: NewestFrame) -> FrameMessage:
        """The `frame` message of the newest frame of finished work."""
        body = body_data(work.lane.person.body_id, newest.joints_m, newest.confidence)
        return FrameMessage(
            bodies=[body],
            captured_ns=int(work.block.captured_ns[-1]),
            sequence=int(work.block.sequence[-1]),
            stream=self.name,
            layout=work.block.layout.name,
        )

    def feed(
        self, entries: list[Entry], now_ns: int, show: bool
    ) -> tuple[list[Message], list[Item]]:
        """Run drained entries through the pipeline; return messages to publish, and due items.

        With `show`, the newest of the frames becomes a message.
        """
        messages: list[Message] = []
        items: list[Item] = []
        newest: Frame | None = None
        for entry in entries:
            if self.removed:  # later entries belong to a closed stream
                break
            if isinstance(entry, Change):
                items += self._pipeline.finish()
                self.removed |= entry.remove
                messages.append(self._set(entry.state, entry.note, now_ns))
            elif now_ns < self._retry_ns:
                self.dropped += frames_in(entry)
            else:
                if self._state != "live":
                    messages.append(self._set("live", self._note, now_ns))
                for frame in frames_of(entry):
                    newest, due = self._pipeline.push(frame)
                    items += due
                self._frames += frames_in(entry)
                self._heard_ns = now_ns
        if newest is not None and show:
            messages.append(frame_message(self.name, newest))
        if not entries and now_ns - self._heard_ns > SILENCE_NS:
            items += self._pipeline.finish()
        return messages, items

    def fail(self, now_ns: int, entries: Iterable[Entry] = ()) -> tuple[list[Message], list[Item]]:
        """Restart the stream after a failure; return its new state, and the people it loses.

        `entries` are lost, except for an order to remove the stream.
        """
        self.removed |= any(isinstance(entry, Change) and entry.remove for entry in entries)
        left = self._pipeline.finish()
        self._pipeline = self._make(self.name)
        self._retry_ns = now_ns + RETRY_NS
        note = "something went wrong inside the service; its log says what"
        return [self._set("failed", note, now_ns)], left

    def _set(self, state: State, note: str, now_ns: int) -> StatusMessage:
        self._state = state
        self._shown = note
        return StatusMessage(self.info(), now_ns)
