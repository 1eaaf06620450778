"""A websocket protocol for uvicorn that passes whole messages directly, without ASGI messages.

The handshake is plain ASGI, so all middleware applies. After it, a route that took the socket with
`take_socket` is called with each message and writes encoded frames to the transport. uvicorn
handles everything but whole masked messages: control frames, fragments and protocol errors.
"""

from __future__ import annotations

from asyncio.transports import BaseTransport
from typing import Any, Protocol

from starlette.websockets import WebSocket
from websockets.frames import Frame
from websockets.http11 import Request

from service.api.protocol.read_pace import ReadPace, limit_send_buffer
from service.api.protocol.server_socket import ServerSocket
from service.wire.websocket_frames import (
    BINARY,
    FINAL,
    MASKED,
    OPCODE,
    PONG,
    TEXT,
    find_frame,
    unmasked,
)

EXTENSION = "jointwise.socket"
LINGER_S = 10.0
"""Time for a client to answer a close frame before its connection is cut."""
_LARGEST_DATA = 0x7
"""Opcodes up to this belong to data frames."""


class SocketUser(Protocol):
    """The owner of a taken socket. Its methods run on the event loop and must not raise."""

    def message(self, data: bytes | str) -> None:
        """Take a message: text or binary."""
        ...

    def drained(self) -> None:
        """Called when the client has taken everything, so there is room to send again."""
        ...

    def gone(self) -> None:
        """Called when the client has gone, maybe more than once."""
        ...


class DirectSocket(ServerSocket):
    """One websocket."""

    _user: SocketUser | None = None
    _held = False
    _fragmented = False
    _rest = b""

    def connection_made(self, transport: BaseTransport) -> None:
        """Set up a new connection."""
        super().connection_made(transport)
        self._pace = ReadPace(self.loop.time)
        # Frames wait in our queue, not in the transport, so that newer ones can replace them.
        self.transport.set_write_buffer_limits(high=0)
        limit_send_buffer(transport)

    @property
    def full(self) -> bool:
        """Whether the client has not read what was sent to it, so that nothing should follow."""
        return self.writing_paused or self._pace.full

    def handle_connect(self, event: Request) -> None:
        """Offer this socket to the application in the ASGI scope."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][EXTENSION] = {"socket": self}

    def take(self, user: SocketUser) -> None:
        """Pass messages to `user` from now on. Reading pauses until `go_on`."""
        self._user = user
        self.hold()

    def release(self) -> None:
        """Stop passing messages to the user; uvicorn handles them again."""
        self._user = None
        self.go_on()

    def hold(self) -> None:
        """Pause reading until `go_on`."""
        self._held = True
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Resume reading, first the bytes that arrived during the pause."""
        if not self._held:
            return
        self._held = False
        rest, self._rest = self._rest, b""
        if not self.transport.is_closing():
            self.transport.resume_reading()
            self._read(rest)

    def send_frame(self, frame: bytes) -> None:
        """Write an encoded frame. If the client does not read it soon, `full` is set."""
        if not (self.close_sent or self.transport.is_closing()):
            ping = self._pace.sent(len(frame))
            self.transport.write(frame + ping if ping else frame)

    def say_goodbye(self, code: int, reason: str, last: bytes = b"") -> None:
        """Write a last frame, if there is one, and start the closing handshake.

        After `LINGER_S` without an answer, the connection is cut.
        """
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(last + b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.abort)
        self.release()

    def data_received(self, data: bytes) -> None:
        """Handle bytes from the client."""
        if self._user is None and not self._rest:
            super().data_received(data)
            return
        if self._rest:
            data = self._rest + data
            self._rest = b""
        if self._held:
            self._rest = data
        else:
            self._read(data)

    def _read(self, data: bytes) -> None:
        """Handle every whole frame in order and keep the rest, the beginning of another."""
        at, end = 0, len(data)
        while at < end and not self._held and not self.transport.is_closing():
            if self._user is None or self.close_sent:
                super().data_received(data[at:])
                return
            start, stop = find_frame(data, at)
            too_large = stop - start > self.config.ws_max_size
            if not too_large and (stop > end or not start):
                break
            first = data[at]
            is_masked = data[at + 1] >= MASKED
            if first in (BINARY, TEXT) and is_masked and not too_large and not self._fragmented:
                self._pass_on(self._user, unmasked(data, start, stop), first == TEXT)
            elif first == PONG and is_masked and self._pace.answered(unmasked(data, start, stop)):
                self._go_on_sending(self._user)
            else:
                if first & OPCODE <= _LARGEST_DATA:
                    self._fragmented = not first & FINAL
                super().data_received(data[at:stop])
            at = stop
        self._rest = data[at:]

    def _pass_on(self, user: SocketUser, payload: bytes, text: bool) -> None:
        """Pass a message to the user. Text that is not UTF-8 closes the connection (1007)."""
        if not text:
            user.message(payload)
            return
        try:
            decoded = payload.decode()
        except UnicodeDecodeError:
            self.conn.send_close(1007)
            self.handle_parser_exception()
        else:
            user.message(decoded)

    def send_receive_event_to_app(self) -> None:
        """Pass on a message that uvicorn has put together from fragments.

        Without a user it is ignored: no route reads messages in any other way.
        """
        payload, self.frames = b"".join(self.frames), []
        if self._user is not None and not self.close_sent:
            self._pass_on(self._user, payload, self.curr_msg_data_type == "text")

    def resume_writing(self) -> None:
        """Called by the transport when the client has taken everything."""
        super().resume_writing()
        if self._user is not None:
            self._go_on_sending(self._user)

    def _go_on_sending(self, user: SocketUser) -> None:
        """Tell the user that there is room; a client that reads slowly is pinged again."""
        if not self.full:
            user.drained()
        elif not self.writing_paused and (ping := self._pace.sent(0)):
            self.transport.write(ping)

    def handle_close(self, event: Frame) -> None:
        """Handle a close frame of the client."""
        super().handle_close(event)
        self._gone()

    def handle_parser_exception(self) -> None:
        """Handle a protocol error of the client."""
        super().handle_parser_exception()
        self._gone()

    def connection_lost(self, exc: Exception | None) -> None:
        """Handle the end of the connection."""
        super().connection_lost(exc)
        self._gone()

    def _gone(self) -> None:
        if self._user is not None:
            self._user.gone()


def take_socket(socket: WebSocket, user: SocketUser) -> DirectSocket:
    """Give a websocket that is not accepted yet to `user`. Reading starts with `go_on`.

    Raises RuntimeError if the application is not run by `service.api.server.Server`.
    """
    offered: Any = socket.scope.get("extensions", {}).get(EXTENSION)
    if offered is None:
        raise RuntimeError(
            "websockets need service.api.server.Server, which offers them to the application"
        )
    direct: DirectSocket = offered["socket"]
    direct.take(user)
    return direct
