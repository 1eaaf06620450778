"""Tells how much of what a websocket was sent has been read, so that no old messages pile up.

A client's operating system accepts megabytes that the client has not read. So pings follow the
messages: the pong to a ping shows that everything before it was read.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from asyncio.transports import BaseTransport
from collections.abc import Callable

PING_S = 1.0
"""While messages are sent, a ping follows this often."""
LATE_S = 0.25
"""While a pong takes longer than this, nothing more is sent."""
QUICK_S = 0.1
"""A pong that takes longer than this shows the rate at which the client reads."""
AHEAD_S = 0.5
"""To such a client, as much is sent as it reads in this time."""
LEAST_BYTES = 4096
FIRST_BYTES = 8192
MOST_BYTES = 1 << 20
"""The limits of unread bytes: the least, at the beginning, and the most."""
SEND_BYTES = 1 << 18
"""The size of the send buffer that the operating system keeps for one client."""
UNSENT_BYTES = 1 << 14
"""Of these, so many may wait to be sent."""
_PING = struct.Struct("!BBI")
_PING_START = (0x89, 4)


class ReadPace:
    """Limits the unread bytes of one client.

    The limit doubles with each quick pong that follows enough bytes. After a slow one, it is what
    the client reads in `AHEAD_S`, so what it reads next is at most about that old.
    """

    __slots__ = (
        "_clock_s",
        "_limit",
        "_number",
        "_pinged",
        "_pinged_s",
        "_read",
        "_sent",
        "_unread",
    )

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._limit = FIRST_BYTES
        self._sent = self._read = 0
        # The last ping: its number, the bytes sent before it (0: it is answered), its time, and the
        # unread bytes before it.
        self._number = 0
        self._pinged = 0
        self._pinged_s = float("-inf")
        self._unread = 0

    @property
    def _telling(self) -> int:
        """So many unread bytes tell whether the client reads quickly; fewer fit any rate."""
        return max(LEAST_BYTES, self._limit // 4)

    @property
    def full(self) -> bool:
        """Whether nothing more should be sent for now."""
        if self._sent - self._read >= self._limit:
            return True
        return self._pinged > 0 and self._clock_s() - self._pinged_s > LATE_S

    def sent(self, size: int) -> bytes:
        """Count bytes that are sent; return the ping that must follow them, or b""."""
        self._sent += size
        if self._pinged:
            return b""
        now_s, unread = self._clock_s(), self._sent - self._read
        if unread < self._telling and now_s - self._pinged_s < PING_S:
            return b""
        self._number = (self._number + 1) % 2**32
        self._pinged, self._pinged_s, self._unread = self._sent, now_s, unread
        return _PING.pack(*_PING_START, self._number)

    def answered(self, payload: bytes) -> bool:
        """Take the payload of a pong; return False if it does not answer the last ping."""
        if not self._pinged or payload != self._number.to_bytes(4):
            return False
        took_s = self._clock_s() - self._pinged_s
        self._read, self._pinged = self._pinged, 0
        if took_s <= QUICK_S:
            if self._unread >= self._telling:
                self._limit = min(2 * self._limit, MOST_BYTES)
        else:
            read_ahead = int(self._unread / took_s * AHEAD_S)
            self._limit = min(max(read_ahead, LEAST_BYTES), MOST_BYTES)
        return True


def limit_send_buffer(transport: BaseTransport) -> None:
    """Limit what the operating system keeps for a client that does not read."""
    raw = transport.get_extra_info("socket")
    unsent = getattr(socket, "TCP_NOTSENT_LOWAT", None)  # not on Windows
    with contextlib.suppress(OSError, AttributeError):  # a test's transport has no socket
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        if unsent is not None:
            raw.setsockopt(socket.IPPROTO_TCP, unsent, UNSENT_BYTES)
