"""uvicorn's websocket protocol, made firm against invalid handshakes and floods of small frames."""

from __future__ import annotations

import logging
from collections.abc import Callable

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from service.api.protocol.http_protocol import address_of, plain_answer

log = logging.getLogger(__name__)

_MOST_PARTS = 64


class ServerSocket(WebSocketsSansIOProtocol):
    """One websocket. `on_lost` is called at its end.

    `writing_paused` is set while the client has not taken everything from its connection.
    """

    on_lost: Callable[[], None] | None = None
    writing_paused = False

    def data_received(self, data: bytes) -> None:
        """Handle bytes from the client. An invalid handshake is answered."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._refuse_handshake()

    def _refuse_handshake(self) -> None:
        """Answer a handshake that websockets cannot parse, which uvicorn leaves unanswered."""
        self.close_sent = self.handshake_complete = True
        log.warning("invalid websocket handshake from %s", address_of(self.client))
        answer = b"".join(self.conn.data_to_send())
        self.transport.write(answer or plain_answer(400, "invalid websocket handshake"))
        self.transport.close()

    async def send(self, message: ASGISendEvent) -> None:
        """Send a message of the application, unless a protocol error has closed the connection.

        Raises ClientDisconnected in that case, as after any other end of a connection.
        """
        if self.close_sent and self.initial_response is None:
            raise ClientDisconnected
        await super().send(message)
        if self.close_sent:  # else uvicorn logs an error after each refusal with a status
            self.handshake_complete = True

    def handle_cont(self, event: Frame) -> None:
        """Handle a part of a message. Parts without content take no memory, and small ones little.

        A client may send any number of them.
        """
        if event.data or event.fin:
            super().handle_cont(event)
        if len(self.frames) > _MOST_PARTS:
            self.frames = [b"".join(self.frames)]

    def handle_ping(self) -> None:
        """Answer a ping, unless the client does not read: it may send any number of them."""
        if self.writing_paused:
            self.conn.data_to_send()
        else:
            super().handle_ping()

    def pause_writing(self) -> None:
        """Called by the transport when the client has not taken everything."""
        super().pause_writing()
        self.writing_paused = True

    def resume_writing(self) -> None:
        """Called by the transport when the client has taken everything."""
        super().resume_writing()
        self.writing_paused = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Handle the end of the connection."""
        super().connection_lost(exc)
        if self.on_lost is not None:
            self.on_lost()
