"""Inside the inference process: carries out orders, and sends messages and reports."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence

from service.engine.batch import Stages
from service.engine.engine import Engine
from service.engine.kept_actions import KeptActions
from service.engine.ports import Observer
from service.engine.remote.asked_actions import found_of
from service.engine.remote.orders import (
    Add,
    Ask,
    Beat,
    Changed,
    Counts,
    Dropped,
    Explained,
    Predicted,
    Remove,
    Report,
    Room,
    Setup,
    Want,
)
from service.engine.remote.packets import (
    BLOCKS,
    FRAME,
    ORDER,
    Packet,
    pack_messages,
    pack_report,
    unpack_blocks,
    unpack_frame_of,
    unpack_order,
)
from service.engine.stream_queue import StreamHandle
from service.wire.encoding import Envelope
from service.wire.messages import StreamInfo

log = logging.getLogger(__name__)

COUNT_S = 0.25
"""Changed counts of streams are reported this often."""
ROOM_S = 0.005
"""While a source waits for room, the queue of its stream is checked this often."""
CLOSING_S = 2.0
"""A new stream waits at most this long until the previous one of its name is closed."""
_ENDLESS_NS = 2**63 - 1


class Reports(Observer):
    """Sends messages and reports, from any thread: the engine's `MessageSink` and observer."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._wanted: set[tuple[str, str]] = set()

    def send(self, packet: bytes) -> None:
        """Write a packet; wait while the pipe is full. Without a reader, the packet is lost."""
        rest = memoryview(packet)
        with self._lock, contextlib.suppress(BrokenPipeError):
            while rest:
                rest = rest[os.write(self._pipe, rest) :]

    def report(self, report: Report) -> None:
        """Send a report."""
        self.send(pack_report(report))

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        """Send messages. One that cannot be encoded is left out."""
        if not envelopes:
            return
        try:
            packet = pack_messages(envelopes)
        except Exception:
            packet = pack_messages([one for one in envelopes if _can_be_encoded(one)])
        self.send(packet)

    def wanted(self, kind: str, stream: str) -> bool:
        """Return whether anybody wants messages of this kind and stream, by the newest order."""
        return (kind, stream) in self._wanted

    def want(self, want: Want) -> None:
        """Carry out an order about wanted messages."""
        change = self._wanted.add if want.wanted else self._wanted.discard
        change((want.kind, want.stream))

    def on_batch(self, stages: Stages, predictions: int) -> None:
        """Report a batch with predictions."""
        if predictions:
            readings_ns = (stages.taken_ns, stages.featured_ns, stages.predicted_ns)
            self.report(Predicted(*readings_ns, predictions))

    def on_explained(self, windows: int, duration_ns: int) -> None:
        """Report a batch of explanations."""
        self.report(Explained(windows, duration_ns))


def _can_be_encoded(envelope: Envelope) -> bool:
    try:
        envelope.encoded("json")
    except Exception:
        log.exception("a message of stream %r could not be encoded", envelope.stream)
        return False
    return True


class Orders:
    """Carries out the packets of the input, and reports counts and room on a thread of its own."""

    def __init__(self, engine: Engine, reports: Reports, kept: KeptActions | None = None) -> None:
        self._engine = engine
        self._kept = KeptActions(0) if kept is None else kept
        self._reports = reports
        self._names: dict[int, str] = {}
        self._streams: dict[str, StreamHandle] = {}
        self._full: set[int] = set()
        self._wake = threading.Event()
        self._stopping = False
        self._turns = -1
        self._reported: dict[str, StreamInfo] = {}
        self._thread = threading.Thread(target=self._report, name="counts", daemon=True)

    def work(self, packets: Iterator[Packet]) -> None:
        """Carry out all packets until the input ends."""
        self._thread.start()
        for kind, body in packets:
            if kind == BLOCKS:
                blocks = unpack_blocks(body, self._names)
                self._engine.push_blocks([(self._streams[name], block) for name, block in blocks])
            elif kind == FRAME:
                named_frame = unpack_frame_of(body, self._names)
                if named_frame is not None:
                    name, frame = named_frame
                    self._streams[name].push(frame)
            elif kind == ORDER:
                self._obey(body)
        self._stopping = True
        self._wake.set()

    def _obey(self, body: bytes) -> None:
        order = unpack_order(body)
        if isinstance(order, Want):
            self._reports.want(order)
        elif isinstance(order, Add):
            self._add(order)
        elif isinstance(order, Ask):
            self._reports.report(found_of(order.number, self._kept.find(order.id)))
        elif not isinstance(order, Setup) and order.number in self._names:
            stream = self._streams[self._names[order.number]]
            if isinstance(order, Changed):
                stream.change(order.state, order.note)
            elif isinstance(order, Dropped):
                stream.count_dropped(order.frames)
            elif isinstance(order, Room):
                self._full.add(order.number)
                self._wake.set()
            elif isinstance(order, Remove):
                del self._streams[self._names.pop(order.number)]
                stream.remove()

    def _add(self, order: Add) -> None:
        """Open a stream as soon as the previous one of that name is closed."""
        deadline_s = time.monotonic() + CLOSING_S
        while True:
            try:
                stream = self._engine.add(order.name, order.kind, order.note)
            except ValueError:
                if time.monotonic() > deadline_s:
                    log.error("stream %s was not closed in %g s", order.name, CLOSING_S)
                    return
                time.sleep(0.001)
            else:
                self._streams[order.name] = stream
                self._names[order.number] = order.name
                return

    def _report(self) -> None:
        """Report counts every `COUNT_S`, and room in a full stream as soon as there is some."""
        next_s = time.monotonic()
        while not self._stopping:
            self._wake.wait(ROOM_S if self._full else COUNT_S)
            self._wake.clear()
            self._report_room()
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + COUNT_S
                self._report_progress()
                self._report_counts()

    def _report_room(self) -> None:
        for number in tuple(self._full):
            # The other thread may remove the stream between these lines.
            stream = self._streams.get(self._names.get(number, ""))
            if stream is None or not stream.is_behind(_ENDLESS_NS):
                self._full.discard(number)
                self._reports.report(Room(number))

    def _report_progress(self) -> None:
        turns = self._engine.turns
        if turns != self._turns:
            self._turns = turns
            self._reports.report(Beat())

    def _report_counts(self) -> None:
        streams = {info.name: info for info in self._engine.streams()}
        changed = [info for name, info in streams.items() if info != self._reported.get(name)]
        self._reported = streams
        if changed:
            explained, dropped = self._engine.explained
            self._reports.report(Counts(changed, explained, dropped))
