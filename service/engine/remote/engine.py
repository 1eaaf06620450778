"""An engine in a process of its own, so that sockets and model do not share one interpreter."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.batch import Stages
from service.engine.ports import AHEAD_NS, BACKLOG, FrameSink, MessageSink, Observer
from service.engine.remote.child import InferenceChild
from service.engine.remote.ledger import Ledger
from service.engine.remote.orders import (
    Counts,
    Dropped,
    Explained,
    Failed,
    Made,
    Order,
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
"""Frames are dropped while the process has left more bytes than this unread."""
WANTED_S = 0.1
"""The process is told this often which messages are wanted."""
_ASKED = ("frame", "relevance")
"""The kinds of messages that an engine makes only if somebody wants them."""


class RemoteEngine:
    """An `Engine` in another process.

    If that process dies, actions in progress end, the process is started again after `again_s`,
    and the streams continue in it, with counts from 0.
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
        self._child = InferenceChild(self._greeting, self._take, self._lost, again_s)
        self._ledger = Ledger()
        self._sent: dict[int, int] = {}
        self._full: set[int] = set()
        self._wants: set[tuple[str, str]] = set()
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
        """Queue a stream's end; its name is free again."""
        if self._ledger.remove(stream.name, stream.number):
            self._sent.pop(stream.number, None)
            self._full.discard(stream.number)
            self.send(Remove(stream.number))

    def is_behind(self, number: int, captured_ns: int) -> bool:
        """Whether a source that captured a frame at `captured_ns` should pause.

        The answer comes from the process, so a full stream stays full until it reports room.
        """
        if captured_ns <= self._clock_ns() + AHEAD_NS:
            return False
        if number not in self._full and self._sent.get(number, 0) >= BACKLOG:
            self._sent[number] = 0
            self._full.add(number)
            self.send(Room(number))
        return number in self._full

    def streams(self) -> list[StreamInfo]:
        """All open streams as last reported."""
        return self._ledger.infos()

    def __len__(self) -> int:
        return len(self._ledger)

    def __contains__(self, name: str) -> bool:
        return name in self._ledger

    @property
    def alive(self) -> bool:
        """Whether the inference process runs."""
        return self._child.alive

    @property
    def pid(self) -> int | None:
        """The process id of the inference process, if it runs."""
        return self._child.pid

    async def open(self) -> None:
        """Start the process. Raises RuntimeError if it does not start."""
        self._tell_wanted()
        await self._child.start()

    async def close(self) -> None:
        """End the process, after everything that it was sent."""
        if self._timer is not None:
            self._timer.cancel()
        await self._child.stop()

    def _takes(self, stream: RemoteStream, frames: int) -> bool:
        """Whether frames of a stream can be sent now; counts them."""
        if stream.closed:
            return False
        if self._child.unread > MOST_UNREAD_BYTES:
            self.send(Dropped(stream.number, frames))
            return False
        self._sent[stream.number] = self._sent.get(stream.number, 0) + frames
        return True

    def _greeting(self) -> bytes:
        """The first packets to a new process: its settings, and the open streams."""
        self._wants.clear()
        self._full.clear()
        return b"".join(map(pack_order, (self._setup, *self._ledger.opening_orders())))

    def _tell_wanted(self) -> None:
        """Tell the process which kinds of messages are wanted now, of which streams."""
        wanted = {
            (kind, name)
            for name in self._ledger.names()
            for kind in _ASKED
            if self._sink.wanted(kind, name)
        }
        changes = wanted ^ self._wants
        self._wants = wanted
        told = [pack_order(Want(kind, name, (kind, name) in wanted)) for kind, name in changes]
        self._child.send(b"".join(told))
        self._timer = asyncio.get_running_loop().call_later(WANTED_S, self._tell_wanted)

    def _take(self, packet: Packet) -> None:
        kind, body = packet
        if kind == MESSAGES:
            envelopes = unpack_messages(body)
            self._ledger.note(envelopes)
            self._sink.carry(envelopes)
        else:
            self._hear(unpack_report(body))

    def _hear(self, report: Report) -> None:
        if isinstance(report, Made):
            marks = (report.taken_ns, report.featured_ns, report.predicted_ns)
            self.observer.on_batch(Stages(self._clock_ns, *marks), report.predictions)
        elif isinstance(report, Counts):
            self._ledger.update(report.streams)
            self.explained = (report.explained, report.unexplained)
        elif isinstance(report, Room):
            self._full.discard(report.number)
        elif isinstance(report, Explained):
            self.observer.on_explained(report.windows, report.duration_ns)
        elif isinstance(report, Ready):
            self._child.ready()
        elif isinstance(report, Failed):
            self._child.failed(report.text)

    def _lost(self, how: str) -> None:
        log.error("the inference process ended (%s); it is started again", how)
        self._sink.carry([Envelope(message) for message in self._ledger.fail(self._clock_ns())])
