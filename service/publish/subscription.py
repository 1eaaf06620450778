"""One subscribed client: selects its messages and sends them to its socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from service.errors import ClientError
from service.publish.send_queue import ORDERED_LIMIT, SendQueue
from service.wire.encoding import Encoding, Envelope
from service.wire.messages import MESSAGE_KINDS

SEND_S = 20.0
"""A client that reads nothing for this long is disconnected."""


@dataclass(frozen=True)
class Wants:
    """The messages that a reader wants. `streams` None: all; `max_hz` None: no limit."""

    streams: frozenset[str] | None = None
    kinds: frozenset[str] = field(default_factory=lambda: frozenset(MESSAGE_KINDS))
    encoding: Encoding = "json"
    max_hz: float | None = None


class Ending(Enum):
    """The reason for the end of a subscription."""

    GONE = "the client has gone"
    OVERFLOWED = "too slow: actions were waiting; connect again"
    DEAF = "too slow: nothing was read for a while"
    SHUTDOWN = "the service is going away"


class Outgoing(Protocol):
    """The socket to a client; `service.api.direct_socket.DirectSocket` is one."""

    @property
    def full(self) -> bool:
        """Whether the client has not read everything yet. Then nothing more should be sent."""
        ...

    def send_frame(self, frame: bytes) -> None:
        """Write a complete websocket frame."""
        ...


class Subscription:
    """Sends offered messages to one client: at once if possible, or else when it is ready.

    It runs on the event loop `loop`. When it ends, `ended` gets the reason; its owner must then
    unsubscribe it and close its socket.
    """

    def __init__(
        self,
        wants: Wants,
        loop: asyncio.AbstractEventLoop,
        clock_s: Callable[[], float] | None = None,
        ordered_limit: int = ORDERED_LIMIT,
    ) -> None:
        self.wants = wants
        self.ended: asyncio.Future[Ending] = loop.create_future()
        self._loop = loop
        self._unsent = SendQueue(clock_s or loop.time, wants.max_hz, ordered_limit)
        self._socket: Outgoing | None = None
        self._direct = wants.max_hz is None
        self._flush_timer: asyncio.TimerHandle | None = None
        self._deaf_timer: asyncio.TimerHandle | None = None

    def open(self, socket: Outgoing) -> None:
        """Send to `socket` from now on."""
        self._socket = socket
        self.drained()

    @property
    def waiting(self) -> int:
        """The number of unsent messages."""
        return len(self._unsent)

    def offer(self, envelope: Envelope) -> None:
        """Send a message, or queue it if the client has not read everything yet."""
        socket = self._socket
        if socket is not None and self._direct and not (socket.full or self._unsent):
            socket.send_frame(envelope.framed(self.wants.encoding))
            return
        if self.ended.done():
            return
        self._unsent.offer(envelope)
        if self._unsent.overflowed:
            self.end(Ending.OVERFLOWED)
        else:
            self._flush()

    def message(self, data: bytes | str) -> None:
        """Ignore messages from the client."""

    def drained(self) -> None:
        """The client has read everything: send queued messages."""
        if self._deaf_timer is not None:
            self._deaf_timer.cancel()
            self._deaf_timer = None
        self._flush()

    def gone(self) -> None:
        """The client has gone."""
        self.end(Ending.GONE)

    def end(self, reason: Ending) -> None:
        """Stop sending. Only the first reason is kept."""
        for timer in (self._flush_timer, self._deaf_timer):
            if timer is not None:
                timer.cancel()
        self._flush_timer = self._deaf_timer = self._socket = None
        if not self.ended.done():
            self.ended.set_result(reason)

    def _flush(self) -> None:
        socket = self._socket
        while socket is not None and not socket.full:
            envelope, wait_s = self._unsent.take()
            if envelope is None:
                if wait_s is not None and self._flush_timer is None:
                    self._flush_timer = self._loop.call_later(wait_s, self._flush_later)
                return
            socket.send_frame(envelope.framed(self.wants.encoding))
        if socket is not None and self._deaf_timer is None:
            self._deaf_timer = self._loop.call_later(SEND_S, self.end, Ending.DEAF)

    def _flush_later(self) -> None:
        self._flush_timer = None
        self._flush()


def read_wants(streams: str, messages: str, encoding: str, max_hz: str) -> Wants:
    """Read a client's wants from the options of its query; "" is a missing option.

    Raises ClientError, which names the wrong option.
    """
    kinds = frozenset(filter(None, messages.split(","))) or frozenset(MESSAGE_KINDS)
    unknown = sorted(kinds - set(MESSAGE_KINDS))
    if unknown:
        known = ", ".join(MESSAGE_KINDS)
        raise ClientError(f"unknown message {unknown[0]!r}; available: {known}", "messages")
    names = frozenset(filter(None, streams.split(",")))
    return Wants(names or None, kinds, _read_encoding(encoding), _read_rate(max_hz))


def _read_encoding(text: str) -> Encoding:
    if text in ("", "json"):
        return "json"
    if text == "msgpack":
        return "msgpack"
    raise ClientError(f"encoding is json or msgpack, not {text!r}", "encoding")


def _read_rate(text: str) -> float | None:
    if not text:
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.01 <= rate <= 1000:
        raise ClientError(f"max_hz is a number from 0.01 to 1000, not {text!r}", "max_hz")
    return rate
