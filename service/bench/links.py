"""Websocket connections of the bench client: a blocking handshake, then minimal work."""

from __future__ import annotations

import socket
from collections.abc import Callable

_HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_PING, _CLOSE, _DATA = 0x9, 0x8, (0x1, 0x2)
_PONG, _MASKED, _NO_MASK = 0x8A, 0x80, bytes(4)


class Link:
    """One websocket. `closed` is set once the other side has closed it."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self.closed = False
        self._rest = b""
        self._unsent = b""
        self.socket = socket.create_connection((host, port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(_HANDSHAKE.format(path=path, host=host, port=port).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = self.socket.recv(65536)
            if not part:
                raise ConnectionError(f"{path} was refused: {answer[:200]!r}")
            answer += part
        head, _, self._rest = answer.partition(b"\r\n\r\n")
        if b" 101 " not in head[:16]:
            raise ConnectionError(f"{path} was refused: {head[:200]!r}")
        self.socket.setblocking(False)

    def send(self, frame: bytes | bytearray) -> bool:
        """Send a whole frame. If the last one is not sent yet, return False and send nothing."""
        if self._unsent and not self._send_rest():
            return False
        try:
            sent = self.socket.send(frame)
        except BlockingIOError:
            return False
        except OSError:
            self.closed = True
            return False
        if sent < len(frame):
            self._unsent = bytes(frame[sent:])
        return True

    def _send_rest(self) -> bool:
        """Send the rest of the last frame; return whether all of it is sent."""
        try:
            self._unsent = self._unsent[self.socket.send(self._unsent) :]
        except OSError as error:
            self.closed |= not isinstance(error, BlockingIOError)
        return not self._unsent

    def receive(self, take: Callable[[bytes], None]) -> None:
        """Call `take` with the payload of each message that has arrived; answer pings."""
        try:
            data = self.socket.recv(262144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.closed = True
            return
        if self._rest:
            data = self._rest + data
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                start, size = at + 4, int.from_bytes(data[at + 2 : at + 4], "big")
            elif size == 127:
                start, size = at + 10, int.from_bytes(data[at + 2 : at + 10], "big")
            if start + size > end:
                break
            opcode, at = data[at] & 15, start + size
            if opcode in _DATA:
                take(data[start:at])
            elif opcode == _PING:
                self.send(bytes((_PONG, _MASKED | size)) + _NO_MASK + data[start:at])
            elif opcode == _CLOSE:
                self.closed = True
        self._rest = data[at:]

    def close(self) -> None:
        """Close the connection without a closing handshake."""
        self.socket.close()
