"""The limit on connections: a new one takes the place of an old one that has sent no request."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""A connection may wait this long before a newer one can take its place."""
RESERVED = 16
"""Connections from this machine that are accepted beyond the limit, for its own `/health`."""
LOG_S = 60.0
"""The limit makes at most one line in the log in this time."""


class Waiting(Protocol):
    """A connection that may wait for a request; `HttpProtocol` is one."""

    @property
    def address(self) -> str: ...  # noqa: D102

    def make_way(self) -> None:
        """Close the connection, because a newer one needs its place."""
        ...


class Connections:
    """Counts the connections of a server.

    At most `most` are open in all, and `per_address` of one address wait for a request. Beyond
    that, the oldest that waits is closed, once it has waited for `PATIENCE_S`: so a thousand
    cameras that connect at once are all accepted. If no connection can make way, those of one
    address are accepted up to the limit in all.
    """

    def __init__(
        self, most: int, per_address: int, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._per_address = per_address
        self._clock_s = clock_s
        self._open = 0
        self._waiting: dict[Waiting, float] = {}
        self._by_address: dict[str, dict[Waiting, None]] = {}
        self._logged_s = float("-inf")

    def __len__(self) -> int:
        return self._open

    def add(self, connection: Waiting) -> bool:
        """Count a new connection, which waits; return False if it must be refused."""
        mine = self._by_address.get(connection.address, {})
        if len(mine) >= self._per_address:
            self._make_way(next(iter(mine)), f"{len(mine)} of {connection.address} wait")
        if self._open >= self._most and not self._make_way(
            next(iter(self._waiting), None), f"{self._open} are open"
        ):
            reserved = RESERVED if _is_loopback(connection.address) else 0
            if self._open >= self._most + reserved:
                return False
        self._open += 1
        self.waits(connection)
        return True

    def waits(self, connection: Waiting) -> None:
        """Note that a connection waits for a request from now on."""
        if connection not in self._waiting:
            self._waiting[connection] = self._clock_s()
            self._by_address.setdefault(connection.address, {})[connection] = None

    def is_busy(self, connection: Waiting) -> None:
        """Note that a connection has sent a request, so it does not have to make way."""
        if self._waiting.pop(connection, None) is not None:
            mine = self._by_address[connection.address]
            del mine[connection]
            if not mine:
                del self._by_address[connection.address]

    def remove(self, connection: Waiting) -> None:
        """Forget a connection that `add` has accepted."""
        self.is_busy(connection)
        self._open -= 1

    def _make_way(self, oldest: Waiting | None, reason: str) -> bool:
        """Close the connection that has waited longest; return False if it waits too briefly."""
        now_s = self._clock_s()
        if now_s - self._logged_s >= LOG_S:
            self._logged_s = now_s
            log.warning("too many connections: %s; those that wait longest make way", reason)
        if oldest is None or now_s - self._waiting[oldest] < PATIENCE_S:
            return False
        self.is_busy(oldest)
        oldest.make_way()
        return True


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
