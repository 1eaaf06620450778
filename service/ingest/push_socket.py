"""The socket of one pusher: its messages go to the engine until it ends."""

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


class Incoming(Protocol):
    """The websocket of a pusher; `service.api.direct_socket.DirectSocket` is one."""

    def hold(self) -> None:
        """Stop reading until `go_on`."""
        ...

    def go_on(self) -> None:
        """Read again."""
        ...


class PushSocket:
    """Feeds a stream from a socket until the pusher leaves, falls silent or makes a mistake.

    Lives on the event loop `loop`. `ended` holds the problem, or None if the pusher has left; from
    then on the socket is paused.
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
        """The stream that it feeds, once it is open."""
        assert self._stream is not None
        return self._stream

    def open(self, socket: Incoming, stream: FrameSink) -> None:
        """Read from now on, into `stream`."""
        self._stream = stream
        self._socket = socket
        self._heard_s = self._loop.time()
        self._watch()
        socket.go_on()

    def message(self, data: bytes | str) -> None:
        """Take a message; it is decoded with others that come at about the same time."""
        self._heard_s = self._loop.time()
        self._batches.put(self, data)

    def read(self, data: bytes | str) -> Block | list[Frame] | None:
        """Decode a message; None if it is wrong, which ends the socket."""
        try:
            if len(data) > self._most_bytes:
                raise ClientError(f"a message may have {self._most_bytes // 1024} KiB")
            return self.decoder.read(data)
        except Exception as error:  # the edge: any failure ends this socket only
            self.fail(error)
            return None

    def fits(self, size: int) -> bool:
        """Whether a message of this size is allowed."""
        return size <= self._most_bytes

    def pushed(self, newest_ns: int) -> None:
        """Frames up to `newest_ns` were pushed; pause if the engine is behind."""
        self._newest_ns = newest_ns
        if not self._paused:
            self._pause()

    def fail(self, problem: Exception) -> None:
        """Stop because of a wrong message."""
        self.failed = True
        self._end(problem)

    def drained(self) -> None:
        """Nothing to do: a pusher is sent next to nothing."""

    def gone(self) -> None:
        """The pusher has left; its last messages still count."""
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
        """Pause the socket until the engine has caught up; a pause does not count as silence."""
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
        """Check for silence, again when it could have lasted long enough: one timer a socket."""
        if self._paused:
            self._heard_s = self._loop.time()
        left_s = self._heard_s + self._idle_s - self._loop.time()
        if left_s > 0:
            self._timers["idle"] = self._loop.call_later(left_s, self._watch)
        else:
            self.fail(ClientError(f"nothing came for {self._idle_s:g} s; connect again"))
