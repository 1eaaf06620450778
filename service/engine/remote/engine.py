"""An engine in another process, so that sockets and model do not share one interpreter."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from models.live.action_frames import ActionFrames
from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.batch import Stages
from service.engine.ports import AHEAD_NS, BACKLOG, FrameSink, MessageSink, Observer
from service.engine.remote.asked_actions import AskedActions
from service.engine.remote.child import InferenceChild
from service.engine.remote.ledger import Ledger
from service.engine.remote.orders import (
    Beat,
    Counts,
    Dropped,
    Explained,
    Failed,
    Found,
    Order,
    Predicted,
    Ready,
    Remove,
    Report,
    Room,
    Setup,
    Want,
)
from service.engine.remote.packets import (
    MESSAGES,
    Packet,
    pack_blocks,
    pack_frame,
    pack_order,
    unpack_messages,
    unpack_report,
)
from service.engine.remote.stream import RemoteStream
from service.wire.encoding import Envelope
from service.wire.messages import StreamInfo

log = logging.getLogger(__name__)

MOST_UNREAD_BYTES = 1 << 25
"""Frames are dropped while the process has more unread bytes than this."""
WANTED_S = 0.1
"""Changes of the wanted messages are sent to the process this often."""
_OPTIONAL_KINDS = ("frame", "relevance")
"""The kinds of messages that an engine makes only if somebody wants them."""


class RemoteEngine:
    """An `Engine` in another process; it is a `FarEngine`.

    If the process dies, the actions in progress end, and the streams are marked as failed. A new
    process is started after `again_s` with the same streams, whose counts begin at 0. If it fails
    again, the next one is started later, for ever. One that makes no progress is killed.
    """

    def __init__(
        self,
        setup: Setup,
        sink: MessageSink,
        observer: Observer,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        again_s: float = 1.0,
    ) -> None:
        self.explained = (0, 0)
        self.observer = observer
        self._setup = setup
        self._sink = sink
        self._clock_ns = clock_ns
        self._child = InferenceChild(self._greeting, self._take, self._lost, self._late, again_s)
        self._ledger = Ledger()
        self._asked = AskedActions()
        self._sent: dict[int, int] = {}
        self._full: set[int] = set()
        self._wanted: set[tuple[str, str]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, name: str, kind: str, note: str = "") -> RemoteStream:
        """Open a stream. Raises ValueError if one of that name is open."""
        order = self._ledger.add(name, kind, note)
        self.send(order)
        return RemoteStream(self, name, order.number)

    def push(self, stream: RemoteStream, frame: Frame) -> None:
        """Send a frame of a stream."""
        self.observer.on_frames(stream.name, frame)
        if self._takes(stream, 1):
            self._child.send(pack_frame(stream.number, frame))

    def push_blocks(self, blocks: Sequence[tuple[FrameSink, Block]]) -> None:
        """Send blocks of many streams at once."""
        taken: list[tuple[int, Block]] = []
        for stream, block in blocks:
            assert isinstance(stream, RemoteStream)
            self.observer.on_frames(stream.name, block)
            if self._takes(stream, len(block)):
                taken.append((stream.number, block))
        if taken:
            self._child.send(pack_blocks(taken))

    def send(self, order: Order) -> None:
        """Send an order."""
        self._child.send(pack_order(order))

    def remove(self, stream: RemoteStream) -> None:
        """Send a stream's end. Its name is free again at once."""
        if self._ledger.remove(stream.name, stream.number):
            self._sent.pop(stream.number, None)
            self._full.discard(stream.number)
            self.send(Remove(stream.number))

    def is_behind(self, number: int, captured_ns: int) -> bool:
        """Return whether the caller should pause after a frame captured at `captured_ns`.

        After `BACKLOG` frames the stream counts as full until the process reports room.
        """
        if captured_ns <= self._clock_ns() + AHEAD_NS:
            return False
        if number not in self._full and self._sent.get(number, 0) >= BACKLOG:
            self._sent[number] = 0
            self._full.add(number)
            self.send(Room(number))
        return number in self._full

    def streams(self) -> list[StreamInfo]:
        """Return all open streams as last reported."""
        return self._ledger.infos()

    def __len__(self) -> int:
        return len(self._ledger)

    def __contains__(self, name: str) -> bool:
        return name in self._ledger

    @property
    def alive(self) -> bool:
        """Whether the inference process runs and makes progress."""
        return self._child.alive

    @property
    def pid(self) -> int | None:
        """The id of the inference process, if it runs."""
        return self._child.pid

    async def find_action(self, id: str) -> ActionFrames | None:
        """Return the frames of an action; None if the process does not keep them or run."""
        return await self._asked.find(id, self.send) if self._child.alive else None

    async def open(self) -> None:
        """Start the process. Raises RuntimeError if it does not start."""
        if self._timer is None:
            self._send_wanted()
        await self._child.start()

    async def close(self) -> None:
        """End the process, after it has read everything that it was sent."""
        if self._timer is not None:
            self._timer.cancel()
        await self._child.stop()

    def _takes(self, stream: RemoteStream, frames: int) -> bool:
        """Return whether frames of a stream can be sent now; count them as sent or dropped."""
        if stream.closed:
            return False
        if self._child.unread > MOST_UNREAD_BYTES:
            self.send(Dropped(stream.number, frames))
            return False
        self._sent[stream.number] = self._sent.get(stream.number, 0) + frames
        return True

    def _greeting(self) -> bytes:
        """Return the first packets for a new process: its settings, and the open streams."""
        self._wanted.clear()
        self._full.clear()
        return b"".join(map(pack_order, (self._setup, *self._ledger.opening_orders())))

    def _send_wanted(self) -> None:
        """Tell the process which kinds of messages of which streams are wanted now, and repeat."""
        wanted = {
            (kind, name)
            for name in self._ledger.names()
            for kind in _OPTIONAL_KINDS
            if self._sink.wanted(kind, name)
        }
        changes = wanted ^ self._wanted
        self._wanted = wanted
        orders = [pack_order(Want(kind, name, (kind, name) in wanted)) for kind, name in changes]
        self._child.send(b"".join(orders))
        self._timer = asyncio.get_running_loop().call_later(WANTED_S, self._send_wanted)

    def _take(self, packet: Packet) -> None:
        kind, body = packet
        if kind == MESSAGES:
            envelopes = unpack_messages(body)
            self._ledger.note(envelopes)
            self._sink.carry(envelopes)
        else:
            self._take_report(unpack_report(body))

    def _take_report(self, report: Report) -> None:
        if isinstance(report, Predicted):
            readings_ns = (report.taken_ns, report.featured_ns, report.predicted_ns)
            self.observer.on_batch(Stages(self._clock_ns, *readings_ns), report.predictions)
        elif isinstance(report, Counts):
            self._ledger.update(report.streams)
            self.explained = (report.explained, report.dropped)
        elif isinstance(report, Beat):
            self._child.beat()
        elif isinstance(report, Room):
            self._full.discard(report.number)
        elif isinstance(report, Explained):
            self.observer.on_explained(report.windows, report.duration_ns)
        elif isinstance(report, Found):
            self._asked.take(report)
        elif isinstance(report, Ready):
            self._child.ready()
        elif isinstance(report, Failed):
            self._child.failed(report.text)

    def _late(self, late: bool) -> None:
        log.error("the inference process %s", "does not answer" if late else "answers again")
        messages = self._ledger.delay(late, self._clock_ns())
        self._sink.carry([Envelope(message) for message in messages])

    def _lost(self, reason: str) -> None:
        log.error("the inference process ended (%s); it is started again", reason)
        self._asked.lose()
        self._sink.carry([Envelope(message) for message in self._ledger.fail(self._clock_ns())])
