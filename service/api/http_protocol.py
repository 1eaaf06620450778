"""The HTTP/1.1 protocol of the server: uvicorn's, with its own answer to an invalid request."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol
from uvicorn.server import ServerState

log = logging.getLogger(__name__)


class _Parser(h11.Connection):
    """Parses requests. Of an invalid one it keeps the status and the text of the answer."""

    refusal: tuple[int, str] | None = None

    def next_event(self) -> Any:
        """Return the next event, or `h11.PAUSED` after an invalid request."""
        try:
            return super().next_event()
        except h11.RemoteProtocolError as error:
            # Some texts end with the bytes of the request, which may hold a token.
            self.refusal = error.error_status_hint, str(error).partition(": b")[0]
            return h11.PAUSED


class HttpProtocol(H11Protocol):
    """One connection and its requests. An invalid request makes one line in the log."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn = self._parser = _Parser(h11.SERVER)
        self._refused = False

    def handle_events(self) -> None:
        """Handle the received events, and refuse an invalid request."""
        super().handle_events()
        if self._parser.refusal is not None and not self._refused:
            self._refused = True
            self.refuse(*self._parser.refusal)

    def refuse(self, status: int, reason: str) -> None:
        """Answer an invalid request unless an answer has begun; close the connection."""
        log.warning("invalid HTTP request from %s: %s", address_of(self.client), reason)
        if self.cycle is not None and not self.cycle.response_complete:
            # The application may be about to answer the valid part, which is too late.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(plain_answer(status, f"invalid HTTP request: {reason}"))
        self.transport.close()


def address_of(client: tuple[str, int] | None) -> str:
    """Return the address of a client, for the log."""
    return client[0] if client else "an unknown address"


def plain_answer(status: int, text: str) -> bytes:
    """Return a whole HTTP answer whose body is one line of text. The connection ends with it."""
    body = text.encode(errors="backslashreplace") + b"\n"
    head = (
        f"HTTP/1.1 {status} {STATUS_PHRASES[status].decode()}\r\nConnection: close\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
