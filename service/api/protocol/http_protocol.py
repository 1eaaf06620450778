"""The HTTP/1.1 protocol of the server: uvicorn's, with deadlines and limits for requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol
from uvicorn.server import ServerState

from service.api.protocol.connections import Connections
from service.api.protocol.request_parser import HEAD_BYTES, RequestParser

log = logging.getLogger(__name__)

HEAD_S = 10.0
"""The head of a request must be complete in this time."""
BODY_BYTES = 1024
"""In the time that a body may pause, at least this much of it must come."""
UNREAD_S = 30.0
"""A client that takes nothing of an answer for this long is disconnected."""
LINGER_S = 2.0
"""After a refusal, what the client still sends is ignored for this long, so that it can read it."""


@dataclass
class Limits:
    """The limits of a server: its connections, and the seconds that a body may pause."""

    connections: Connections
    body_s: float = 35.0


class HttpProtocol(H11Protocol):
    """One connection and its requests. An invalid request makes one line in the log."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: Limits,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = self._parser = RequestParser(h11.SERVER, HEAD_BYTES)
        self.address = ""
        self._limits = limits
        self._counted = False
        self._refused = False
        self._received = self._checked = 0
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many connections."""
        super().connection_made(transport)
        self.address = address_of(self.client)
        self._counted = self._limits.connections.add(self)
        if self._counted:
            self._set("head", HEAD_S, self._head_is_late)
        else:
            self._refused = True
            text = "too many connections; try again later"
            transport.write(plain_answer(503, text, "Retry-After: 2\r\n"))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.leave()
        super().connection_lost(exc)

    def leave(self) -> None:
        """Stop all timers, and count the connection no more."""
        self._clear(*self._timers)
        if self._counted:
            self._counted = False
            self._limits.connections.remove(self)

    def make_way(self) -> None:
        """Close the connection, because a newer one needs its place."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Handle bytes from the client, unless it was refused."""
        if not self._refused:
            self._received += len(data)
            super().data_received(data)

    def handle_events(self) -> None:
        """Handle the received events, refuse an invalid request, and set the next deadline."""
        super().handle_events()
        if self._refused or self.transport.get_protocol() is not self:
            return
        if self._parser.refusal is not None:
            self.refuse(*self._parser.refusal)
        elif self.conn.their_state is h11.IDLE:
            self._limits.connections.waits(self)
            self._set("head", HEAD_S, self._head_is_late)
        else:
            self._limits.connections.is_busy(self)
            self._clear("head")
            if self.conn.their_state is h11.SEND_BODY:
                self._set("body", self._limits.body_s, self._check_body)
        if self.conn.their_state is not h11.SEND_BODY:
            self._clear("body")

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Give the connection to the websocket protocol; it is counted until that ends."""
        self._limits.connections.is_busy(self)
        self._clear("head")
        super().handle_websocket_upgrade(event)
        websocket: Any = self.transport.get_protocol()
        websocket.on_lost = self.leave

    def refuse(self, status: int, reason: str) -> None:
        """Answer an invalid request unless an answer has begun; close the connection."""
        log.warning("invalid HTTP request from %s: %s", self.address, reason)
        if self.cycle is not None and not self.cycle.response_complete:
            # The application may be about to answer the valid part, which is too late.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._answer(plain_answer(status, f"invalid HTTP request: {reason}"))
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Close the connection as soon as the current request is answered."""
        if self._refused:
            self.transport.close()
        else:
            super().shutdown()

    def pause_writing(self) -> None:
        """Called by the transport when the client does not take the answer."""
        super().pause_writing()
        self._watch_unread()

    def resume_writing(self) -> None:
        """Called by the transport when the client has taken the answer."""
        super().resume_writing()
        self._clear("unread")

    def _answer(self, data: bytes) -> None:
        """Send a last answer, and wait a little, because a client that still sends may miss it."""
        self._refused = True
        self._clear(*self._timers)
        self._unset_keepalive_if_required()
        self.transport.write(data)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._set("linger", LINGER_S, self.transport.abort)

    def _head_is_late(self) -> None:
        if self.conn.trailing_data[0]:
            self.refuse(408, f"the head was not complete within {HEAD_S:g} s")
        else:  # nothing was asked, so nothing is answered or logged
            self.transport.close()

    def _check_body(self) -> None:
        """Refuse a body of which too little has come, unless the application does not take it."""
        del self._timers["body"]
        if self._received - self._checked < BODY_BYTES and not self.flow.read_paused:
            self.refuse(408, f"the body paused for {self._limits.body_s:g} s")
        else:
            self._checked = self._received
            self._set("body", self._limits.body_s, self._check_body)

    def _watch_unread(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._set("unread", UNREAD_S, partial(self._check_unread, unread))

    def _check_unread(self, before: int) -> None:
        """Cut the connection if nothing of its answer was taken, or else go on watching."""
        del self._timers["unread"]
        if self.transport.get_write_buffer_size() < before:
            self._watch_unread()
        else:
            self.transport.abort()

    def _set(self, name: str, delay_s: float, call: Callable[[], None]) -> None:
        """Start a timer unless it runs."""
        if name not in self._timers:
            self._timers[name] = self.loop.call_later(delay_s, call)

    def _clear(self, *names: str) -> None:
        for name in names:
            if (timer := self._timers.pop(name, None)) is not None:
                timer.cancel()


def address_of(client: tuple[str, int] | None) -> str:
    """Return the address of a client, for the log."""
    return client[0] if client else "an unknown address"


def plain_answer(status: int, text: str, header: str = "") -> bytes:
    """Return a whole HTTP answer whose body is one line of text. The connection ends with it.

    `header` is another header, with its line end.
    """
    body = text.encode(errors="backslashreplace") + b"\n"
    head = (
        f"HTTP/1.1 {status} {STATUS_PHRASES[status].decode()}\r\nConnection: close\r\n{header}"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
