"""One pusher's socket: its messages into the engine, and what ends it."""

from __future__ import annotations

import asyncio
from typing import Protocol

from sensor.block import Block
from sensor.skeleton import Frame
from service.errors import ClientError
from service.ingest.push_decoder import Pusher

PAUSE_S = 0.005


class Engine(Protocol):
    """What can be behind; `service.engine.Engine` is one."""

    def is_behind(self, name: str, captured_ns: int) -> bool:
        """Whether whoever feeds the stream should pause after what was captured then."""
        ...


class Gathered(Protocol):
    """Where messages wait for the turn's end; `service.arrivals.Arrivals` is one."""

    def put(self, intake: Intake, data: bytes | str) -> None:
        """Take a message of an intake."""
        ...

    def read(self) -> None:
        """Read all that waits now."""
        ...


class Incoming(Protocol):
    """Where messages come from; `service.sockets.DirectSocket` is one."""

    def hold(self) -> None:
        """Read nothing until `go_on`."""
        ...

    def go_on(self) -> None:
        """Read again."""
        ...


class Intake:
    """Feeds a stream from a socket until the pusher goes, falls silent or errs.

    Lives on the event loop `loop`. `ended` holds what went wrong, None where the pusher has gone;
    from then on the socket is held.
    """

    def __init__(
        self,
        engine: Engine,
        gathered: Gathered,
        stream: str,
        pusher: Pusher,
        loop: asyncio.AbstractEventLoop,
        most_bytes: int,
        idle_s: float,
    ) -> None:
        self.ended: asyncio.Future[Exception | None] = loop.create_future()
        self.stream = stream
        self.pusher = pusher
        self.failed = False
        self._engine = engine
        self._gathered = gathered
        self._loop = loop
        self._most_bytes = most_bytes
        self._idle_s = idle_s
        self._heard_s = loop.time()
        self._newest_ns = 0
        self._paused = False
        self._socket: Incoming | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def open(self, socket: Incoming) -> None:
        """Read from now on."""
        self._socket = socket
        self._heard_s = self._loop.time()
        self._watch()
        socket.go_on()

    def message(self, data: bytes | str) -> None:
        """Take a message; it is read with others that come at about the same time."""
        self._heard_s = self._loop.time()
        self._gathered.put(self, data)

    def read(self, data: bytes | str) -> Block | list[Frame] | None:
        """A message's frames; None where it is wrong, which ends the socket."""
        try:
            if len(data) > self._most_bytes:
                raise ClientError(f"a message may have {self._most_bytes // 1024} KiB")
            return self.pusher.read(data)
        except Exception as error:  # the edge: whatever a client's message does, ends its socket
            self.fail(error)
            return None

    def fits(self, size: int) -> bool:
        """Whether a message may have so many bytes."""
        return size <= self._most_bytes

    def pushed(self, newest_ns: int) -> None:
        """Frames up to `newest_ns` are with the engine: pause where it cannot follow."""
        self._newest_ns = newest_ns
        if not self._paused:
            self._pause()

    def fail(self, problem: Exception) -> None:
        """Take nothing more: what came was wrong."""
        self.failed = True
        self._end(problem)

    def drained(self) -> None:
        """A pusher is sent next to nothing."""

    def gone(self) -> None:
        """The pusher has gone; what it sent last still counts."""
        if not self.ended.done():
            self._gathered.read()
        self._end(None)

    def _end(self, problem: Exception | None) -> None:
        for timer in self._timers.values():
            timer.cancel()
        if not self.ended.done():
            self.ended.set_result(problem)
            if self._socket is not None:
                self._socket.hold()

    def _pause(self) -> None:
        """Hold the socket until the engine has come closer; that it is held is no silence."""
        assert self._socket is not None
        behind = self._engine.is_behind(self.stream, self._newest_ns)
        if behind and not self.ended.done():
            self._paused = True
            self._socket.hold()
            self._timers["pause"] = self._loop.call_later(PAUSE_S, self._pause)
        elif self._paused:
            self._paused = False
            self._heard_s = self._loop.time()
            if not self.ended.done():
                self._socket.go_on()

    def _watch(self) -> None:
        """One timer a socket: it looks again when silence could have lasted long enough."""
        if self._paused:
            self._heard_s = self._loop.time()
        left_s = self._heard_s + self._idle_s - self._loop.time()
        if left_s > 0:
            self._timers["idle"] = self._loop.call_later(left_s, self._watch)
        else:
            self.fail(ClientError(f"nothing came for {self._idle_s:g} s; connect again"))
