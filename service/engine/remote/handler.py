"""Carries out orders to the inference process and reports back."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator

from service.engine.engine import Engine
from service.engine.remote.packets import (
    BLOCKS,
    FRAME,
    ORDER,
    Add,
    Changed,
    Counts,
    Dropped,
    Packet,
    Remove,
    Report,
    Room,
    Setup,
    Want,
    pack_messages,
    pack_report,
    unpack_blocks,
    unpack_frame_of,
    unpack_order,
)
from service.wire.messages import Message, StreamInfo

log = logging.getLogger(__name__)


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
