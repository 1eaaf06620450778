"""The inference process: an `Engine` behind two pipes, `python -m service.inference_process`.

Orders and frames come on standard input, messages and reports go to standard output. It ends when
its input does.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from sensor.tracking.outliers import GateLimits
from service.engine.engine import Engine
from service.engine.message_building import Stages
from service.engine.remote.packets import (
    BLOCKS,
    FRAME,
    ORDER,
    Add,
    Changed,
    Counts,
    Dropped,
    Explained,
    Failed,
    Made,
    Packet,
    Ready,
    Remove,
    Report,
    Room,
    Setup,
    Splitter,
    Want,
    pack_messages,
    pack_report,
    unpack_blocks,
    unpack_frame_of,
    unpack_order,
)
from service.pauses import spare_pauses
from service.wire.messages import Message, StreamInfo

log = logging.getLogger(__name__)

_READ_BYTES = 1 << 18
_PIPE_BYTES = 1 << 20
_COUNT_S = 0.25
_ROOM_S = 0.005
_CLOSING_S = 2.0
_ENDLESS_NS = 2**63 - 1


class Mouth:
    """Everything that this process says, one packet after the other, from any thread."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._wanted: set[tuple[str, str]] = set()

    def say(self, packet: bytes) -> None:
        """Write a packet; waits where nobody reads. What nobody will read any more is lost."""
        rest = memoryview(packet)
        with self._lock, contextlib.suppress(BrokenPipeError):
            while rest:
                rest = rest[os.write(self._pipe, rest) :]

    def report(self, report: Report) -> None:
        """Write a report."""
        self.say(pack_report(report))

    def publish(self, messages: Iterable[Message]) -> None:
        """Send messages on."""
        told = list(messages)
        if told:
            self.say(pack_messages(told))

    def wanted(self, kind: str, stream: str) -> bool:
        """Whether anybody wants such messages, as far as was said."""
        return (kind, stream) in self._wanted

    def want(self, want: Want) -> None:
        """Learn who wants what."""
        change = self._wanted.add if want.wanted else self._wanted.discard
        change((want.kind, want.stream))


class Hands:
    """Carries out what comes on the input."""

    def __init__(self, engine: Engine, mouth: Mouth) -> None:
        self._engine = engine
        self._mouth = mouth
        self._names: dict[int, str] = {}
        self._full: set[int] = set()
        self._call = threading.Event()
        self._stopping = False
        self._told: dict[str, StreamInfo] = {}
        self._thread = threading.Thread(target=self._count, name="counts", daemon=True)

    def work(self, packets: Iterator[Packet]) -> None:
        """Take everything that comes, until the input ends."""
        self._thread.start()
        for kind, body in packets:
            if kind == BLOCKS:
                self._engine.push_blocks(unpack_blocks(body, self._names))
            elif kind == FRAME:
                found = unpack_frame_of(body, self._names)
                if found is not None:
                    self._engine.push(*found)
            elif kind == ORDER:
                self._obey(body)
        self._stopping = True
        self._call.set()

    def _obey(self, body: bytes) -> None:
        order = unpack_order(body)
        if isinstance(order, Want):
            self._mouth.want(order)
        elif isinstance(order, Add):
            self._add(order)
        elif not isinstance(order, Setup) and order.number in self._names:
            name = self._names[order.number]
            if isinstance(order, Changed):
                self._engine.change(name, order.state, order.note)
            elif isinstance(order, Dropped):
                self._engine.count_dropped(name, order.frames)
            elif isinstance(order, Room):
                self._full.add(order.number)
                self._call.set()
            elif isinstance(order, Remove):
                self._engine.remove(self._names.pop(order.number))

    def _add(self, order: Add) -> None:
        """Open a stream, as soon as the last one of that name is wholly closed."""
        until_s = time.monotonic() + _CLOSING_S
        while True:
            try:
                self._engine.add(order.name, order.kind, order.note)
            except ValueError:
                if time.monotonic() > until_s:
                    log.error("stream %s was not closed in %g s", order.name, _CLOSING_S)
                    return
                time.sleep(0.001)
            else:
                self._names[order.number] = order.name
                return

    def _count(self) -> None:
        """Tell counts four times a second, and at once where there is room again."""
        next_s = time.monotonic()
        while not self._stopping:
            self._call.wait(_ROOM_S if self._full else _COUNT_S)
            self._call.clear()
            self._tell_room()
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + _COUNT_S
                self._tell_counts()

    def _tell_room(self) -> None:
        for number in tuple(self._full):
            name = self._names.get(number)
            if name is None or not self._engine.is_behind(name, _ENDLESS_NS):
                self._full.discard(number)
                self._mouth.report(Room(number))

    def _tell_counts(self) -> None:
        streams = {info.name: info for info in self._engine.streams()}
        changed = [info for name, info in streams.items() if info != self._told.get(name)]
        self._told = streams
        if changed:
            why = self._engine.explainer
            self._mouth.report(Counts(changed, why.made, why.dropped))


def _packets(pipe: BinaryIO) -> Iterator[Packet]:
    splitter = Splitter()
    while data := pipe.read(_READ_BYTES):
        yield from splitter.packets(data)


def _engine(setup: Setup, mouth: Mouth) -> Engine:
    """The engine, with its model loaded. Raises ModelError."""
    from models.inference.recognizer import Recognizer

    folder = None if setup.model is None else Path(setup.model)

    def observe(stages: Stages, predictions: int) -> None:
        if predictions:
            marks = (stages.taken_ns, stages.featured_ns, stages.predicted_ns)
            mouth.report(Made(*marks, predictions))

    return Engine(
        Recognizer(folder, setup.device, setup.threads),
        mouth,
        catch_up=setup.catch_up,
        max_bodies=setup.max_bodies,
        limits=GateLimits(confidence=setup.min_confidence),
        observe=observe,
        # A session and a thread of its own, so that no label waits for a reason.
        explaining=Recognizer(folder, setup.device, 1),
        relevance_hz=setup.relevance_hz,
        queue_frames=setup.queue_frames,
        observe_relevance=lambda windows, ns: mouth.report(Explained(windows, ns)),
    )


def _own_pipes() -> tuple[BinaryIO, int]:
    """The two pipes; whatever else is printed goes to standard error."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(ImportError, AttributeError, OSError):  # only where pipes can grow
        import fcntl

        fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    return io.FileIO(sys.stdin.fileno(), closefd=False), out


def main() -> None:
    """Run until the input ends."""
    from models.errors import ModelError

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it says when it ends
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    pipe, out = _own_pipes()
    mouth = Mouth(out)
    packets = _packets(pipe)
    setup = unpack_order(next(packets)[1])
    assert isinstance(setup, Setup)
    try:
        engine = _engine(setup, mouth)
    except ModelError as error:
        mouth.report(Failed(str(error)))
        return
    spare_pauses()
    engine.start()
    mouth.report(Ready())
    Hands(engine, mouth).work(packets)
    engine.stop()


if __name__ == "__main__":
    main()
