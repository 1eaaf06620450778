"""Receives the messages of one pusher's socket, and pauses it when it is too fast."""

from __future__ import annotations

import asyncio
from enum import IntFlag
from typing import TYPE_CHECKING, Protocol

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.ports import FrameSink
from service.errors import ClientError
from service.ingest.push_decoder import PushDecoder

if TYPE_CHECKING:
    from service.ingest.push_batches import PushBatches

PAUSE_S = 0.005
"""While a socket waits for the engine, the engine is checked this often."""
BURST_S = 1.0
"""A pusher may send the frames of this time at once."""
COST_BYTES = 8192
"""A message counts as at least one frame for this many bytes, because long text costs time."""


class Pause(IntFlag):
    """The reasons for a pause: the engine is behind, the pusher too fast, or its turn over."""

    BEHIND = 1
    RATE = 2
    TURN = 4


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
        frames_hz: float = float("inf"),
    ) -> None:
        """At most `frames_hz` frames are read per second; then the socket is paused."""
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
        self._paused = Pause(0)
        self._frame_s = 1 / frames_hz
        # The frames read so far would have come until then at the highest rate.
        self._paid_until_s = loop.time() - BURST_S
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

    def pushed(self, newest_ns: int, frames: int, size: int) -> None:
        """Pause if the pusher is too fast, or the engine behind.

        `frames` up to `newest_ns` were pushed, from a message of `size` bytes.
        """
        self._newest_ns = newest_ns
        now_s = self._loop.time()
        cost = max(frames, size // COST_BYTES)
        paid_until_s = max(self._paid_until_s, now_s - BURST_S) + cost * self._frame_s
        self._paid_until_s = paid_until_s
        if paid_until_s > now_s and not self._paused & Pause.RATE:
            self.hold(Pause.RATE)
            self._wait_for_rate()
        if not self._paused & Pause.BEHIND:
            self._wait_for_engine()

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

    def hold(self, reason: Pause) -> None:
        """Pause the socket. A pause does not count as silence."""
        assert self._socket is not None
        self._paused |= reason
        self._socket.hold()

    def go_on(self, reason: Pause) -> None:
        """End a pause; read again if there is no other reason for one."""
        assert self._socket is not None
        if not self._paused & reason:
            return
        self._paused &= ~reason
        if not self._paused and not self.ended.done():
            self._heard_s = self._loop.time()
            self._socket.go_on()

    def _wait_for_engine(self) -> None:
        if self.stream.is_behind(self._newest_ns) and not self.ended.done():
            self.hold(Pause.BEHIND)
            self._timers["behind"] = self._loop.call_later(PAUSE_S, self._wait_for_engine)
        else:
            self.go_on(Pause.BEHIND)

    def _wait_for_rate(self) -> None:
        left_s = self._paid_until_s - self._loop.time()
        if left_s > 0 and not self.ended.done():
            self._timers["rate"] = self._loop.call_later(left_s, self._wait_for_rate)
        else:
            self.go_on(Pause.RATE)

    def _watch(self) -> None:
        """Check for silence now, and again when it could have lasted too long."""
        if self._paused:
            self._heard_s = self._loop.time()
        left_s = self._heard_s + self._idle_s - self._loop.time()
        if left_s > 0:
            self._timers["idle"] = self._loop.call_later(left_s, self._watch)
        else:
            self.fail(ClientError(f"nothing came for {self._idle_s:g} s; connect again"))
