"""uvicorn's websocket with a short way: whole messages go straight to and from the transport.

The handshake stays an ASGI conversation, so every middleware has its say. From then on a route
that took the socket with `take_socket` is called with each message, and writes ready-made frames.
Whatever is not a whole masked message (control frames, fragments, mistakes) goes uvicorn's way.
"""

from __future__ import annotations

from asyncio.transports import BaseTransport
from typing import Any, Protocol

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from service.wire.websocket_frames import BINARY, FINAL, MASKED, OPCODE, TEXT, find_frame, unmasked

EXTENSION = "jointwise.socket"
LINGER_S = 10.0
"""A client that was told goodbye has this long to hear it."""
_LARGEST_DATA = 0x7


class SocketUser(Protocol):
    """Who took a socket; called on the event loop, and must not raise."""

    def message(self, data: bytes | str) -> None:
        """A message came: text or binary."""
        ...

    def drained(self) -> None:
        """There is room again to send."""
        ...

    def gone(self) -> None:
        """The client has gone; may be told more than once."""
        ...


class DirectSocket(WebSocketsSansIOProtocol):
    """One websocket. `full` says that the client has not taken all that was sent to it yet."""

    full = False
    _user: SocketUser | None = None
    _held = False
    _fragmented = False
    _rest = b""

    def connection_made(self, transport: BaseTransport) -> None:
        """A connection, from its first byte on."""
        super().connection_made(transport)
        # Nothing waits in the transport: what waits is ours, so that the newest can replace it.
        self.transport.set_write_buffer_limits(high=0)

    def handle_connect(self, event: Request) -> None:
        """Offer the short way to the application."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            self.scope["extensions"][EXTENSION] = {"socket": self}

    def take(self, user: SocketUser) -> None:
        """Call `user` from now on; held until `go_on`."""
        self._user = user
        self.hold()

    def release(self) -> None:
        """Call nobody any more; what comes goes uvicorn's way."""
        self._user = None
        self.go_on()

    def hold(self) -> None:
        """Read nothing until `go_on`."""
        self._held = True
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again, what came meanwhile first."""
        if not self._held:
            return
        self._held = False
        rest, self._rest = self._rest, b""
        if not self.transport.is_closing():
            self.transport.resume_reading()
            self._read(rest)

    def send_frame(self, frame: bytes) -> None:
        """Write a whole ready-made frame; `full` tells where the client cannot take all of it."""
        if not (self.close_sent or self.transport.is_closing()):
            self.transport.write(frame)

    def say_goodbye(self, code: int, reason: str) -> None:
        """Begin the closing handshake, behind all that was sent; cut off who does not answer."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.abort)
        self.release()

    def data_received(self, data: bytes) -> None:
        """Bytes from the client."""
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
        """Take every whole frame, in order; keep what begins one more."""
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
            usual = first in (BINARY, TEXT) and data[at + 1] >= MASKED
            if usual and not too_large and not self._fragmented:
                self._tell(self._user, unmasked(data, start, stop), first == TEXT)
            else:
                if first & OPCODE <= _LARGEST_DATA:
                    self._fragmented = not first & FINAL
                super().data_received(data[at:stop])
            at = stop
        self._rest = data[at:]

    def _tell(self, user: SocketUser, payload: bytes, text: bool) -> None:
        if not text:
            user.message(payload)
            return
        try:
            said = payload.decode()
        except UnicodeDecodeError:
            self.conn.send_close(1007)
            self.handle_parser_exception()
        else:
            user.message(said)

    def send_receive_event_to_app(self) -> None:
        """A message that came in fragments is whole."""
        if self._user is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        payload, self.frames = b"".join(self.frames), []
        self._tell(self._user, payload, self.curr_msg_data_type == "text")

    def pause_writing(self) -> None:
        """The client has not taken all of it."""
        super().pause_writing()
        self.full = True

    def resume_writing(self) -> None:
        """The client has taken everything."""
        super().resume_writing()
        self.full = False
        if self._user is not None:
            self._user.drained()

    def handle_close(self, event: Frame) -> None:
        """The client said goodbye."""
        super().handle_close(event)
        self._gone()

    def handle_parser_exception(self) -> None:
        """The client broke the protocol."""
        super().handle_parser_exception()
        self._gone()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        super().connection_lost(exc)
        self._gone()

    def _gone(self) -> None:
        if self._user is not None:
            self._user.gone()


def take_socket(socket: WebSocket, user: SocketUser) -> DirectSocket:
    """Let `user` have a websocket that is not accepted yet; it is read from `go_on` on.

    Raises RuntimeError where another server than `service.server.Server` runs the application.
    """
    offered: Any = socket.scope.get("extensions", {}).get(EXTENSION)
    if offered is None:
        raise RuntimeError("websockets need service.server.Server, which serves them directly")
    direct: DirectSocket = offered["socket"]
    direct.take(user)
    return direct
