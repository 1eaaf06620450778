"""The brake on guessing: wrong tokens are counted, slowed and logged by the client's address."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

FREE_GUESSES = 10
"""An address may send this many different wrong tokens at once."""
GUESS_S = 10.0
"""After that, one more every this many seconds."""
LOG_S = 60.0
"""Wrong tokens of one address make at most one line in the log in this time."""
MOST_ADDRESSES = 4096
"""The addresses whose wrong tokens are remembered; the least recent one is forgotten."""
_MOST_REMEMBERED = 16


@dataclass(slots=True)
class _Address:
    left: float
    at_s: float
    known: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    unlogged: int = 0
    logged_s: float = float("-inf")


class Attempts:
    """Counts wrong tokens by address.

    The same wrong token again is no new guess: a camera with an old token that connects again and
    again does not lock out others behind the same address.
    """

    def __init__(
        self,
        count: Callable[[], None] = lambda: None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`count` is called for each wrong token."""
        self._count = count
        self._clock_s = clock_s
        self._addresses: OrderedDict[str, _Address] = OrderedDict()

    def __len__(self) -> int:
        return len(self._addresses)

    def wait_s(self, client: str, token: str) -> float:
        """Return the seconds until a token from `client` may be compared; 0.0 for now."""
        address = self._addresses.get(_network(client))
        if address is None or _digest(token) in address.known:
            return 0.0
        self._refill(address)
        return 0.0 if address.left >= 1 else (1 - address.left) * GUESS_S

    def wrong(self, client: str, token: str) -> None:
        """Count a wrong token from `client`, and log it."""
        self._count()
        name = _network(client)
        address = self._addresses.pop(name, None) or _Address(FREE_GUESSES, self._clock_s())
        self._addresses[name] = address
        if len(self._addresses) > MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        digest = _digest(token)
        if digest not in address.known:
            self._refill(address)
            address.left -= 1
            address.known[digest] = None
            if len(address.known) > _MOST_REMEMBERED:
                address.known.popitem(last=False)
        self._log(name, address)

    def _refill(self, address: _Address) -> None:
        now_s = self._clock_s()
        address.left = min(address.left + (now_s - address.at_s) / GUESS_S, FREE_GUESSES)
        address.at_s = now_s

    def _log(self, name: str, address: _Address) -> None:
        address.unlogged += 1
        now_s = self._clock_s()
        if now_s - address.logged_s >= LOG_S:
            log.warning("wrong token from %s, %d since the last line", name, address.unlogged)
            address.logged_s, address.unlogged = now_s, 0


def _network(client: str) -> str:
    """Return the address to count by: of IPv6 the /64, which one machine may use as a whole."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return client
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
