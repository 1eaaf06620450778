"""Receives the messages of one pusher's socket, and pauses it when the engine is behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.ports import FrameSink
from service.errors import ClientError
from service.ingest.push_decoder import PushDecoder

if TYPE_CHECKING:
    from service.ingest.push_batches import PushBatches

PAUSE_S = 0.005
"""While a socket is paused, the engine is checked this often."""


class Incoming(Protocol):
    """The websocket of a pusher; `service.api.direct_socket.DirectSocket` is one."""

    def hold(self) -> None:
        """Stop reading until `go_on`."""
        ...

    def go_on(self) -> None:
        """Read again."""
        ...


class PushSocket:
    """Feeds a stream from a socket until the pusher leaves, is silent, or sends a wrong message.

    It runs on the event loop `loop`. When it ends, the socket is paused, and `ended` gets the
    problem, or None if the pusher has left.
    """

    def __init__(
        self,
        batches: PushBatches,
        decoder: PushDecoder,
        loop: asyncio.AbstractEventLoop,
        most_bytes: int,
        idle_s: float,
    ) -> None:
        self.ended: asyncio.Future[Exception | None] = loop.create_future()
        self.decoder = decoder
        self.failed = False
        self._batches = batches
        self._stream: FrameSink | None = None
        self._loop = loop
        self._most_bytes = most_bytes
        self._idle_s = idle_s
        self._heard_s = loop.time()
        self._newest_ns = 0
        self._paused = False
        self._socket: Incoming | None = None
        self._timers: dict[str, asyncio.TimerHandle] = {}

    @property
    def stream(self) -> FrameSink:
        """The stream that it feeds, after `open`."""
        assert self._stream is not None
        return self._stream

    def open(self, socket: Incoming, stream: FrameSink) -> None:
        """Read from now on, and feed `stream`."""
        self._stream = stream
        self._socket = socket
        self._heard_s = self._loop.time()
        self._watch()
        socket.go_on()

    def message(self, data: bytes | str) -> None:
        """Take a message. It is decoded together with others that come at about the same time."""
        self._heard_s = self._loop.time()
        self._batches.put(self, data)

    def read(self, data: bytes | str) -> Block | list[Frame] | None:
        """Decode a message. A wrong message ends the socket; then this returns None."""
        try:
            if len(data) > self._most_bytes:
                raise ClientError(f"a message has at most {self._most_bytes // 1024} KiB")
            return self.decoder.read(data)
        except Exception as error:  # an edge: any failure ends only this socket
            self.fail(error)
            return None

    def fits(self, size: int) -> bool:
        """Return whether a message of this size is allowed."""
        return size <= self._most_bytes

    def pushed(self, newest_ns: int) -> None:
        """Pause if the engine is behind, now that frames up to `newest_ns` were pushed."""
        self._newest_ns = newest_ns
        if not self._paused:
            self._pause()

    def fail(self, problem: Exception) -> None:
        """End the socket because of a problem; later messages are ignored."""
        self.failed = True
        self._end(problem)

    def drained(self) -> None:
        """Do nothing: hardly anything is sent to a pusher."""

    def gone(self) -> None:
        """The pusher has left. Its last messages are still decoded."""
        if not self.ended.done():
            self._batches.read()
        self._end(None)

    def _end(self, problem: Exception | None) -> None:
        for timer in self._timers.values():
            timer.cancel()
        if not self.ended.done():
            self.ended.set_result(problem)
            if self._socket is not None:
                self._socket.hold()

    def _pause(self) -> None:
        """Pause the socket until the engine has caught up. A pause does not count as silence."""
        assert self._socket is not None
        behind = self.stream.is_behind(self._newest_ns)
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
        """Check for silence now, and again when it could have lasted too long."""
        if self._paused:
            self._heard_s = self._loop.time()
        left_s = self._heard_s + self._idle_s - self._loop.time()
        if left_s > 0:
            self._timers["idle"] = self._loop.call_later(left_s, self._watch)
        else:
            self.fail(ClientError(f"nothing came for {self._idle_s:g} s; connect again"))
