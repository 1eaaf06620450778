"""Shares the places for clips between clients, so that no address keeps the others out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

MOST_UPLOADS = 8
"""Most uploads that one address may send at the same time."""
WAIT_S = 60.0
"""How long a client may wait for a place."""


class ClipsBusyError(Exception):
    """As many clips as allowed are being classified at the moment."""


class Places:
    """Places for `count` clips. All methods are called on one event loop.

    A clip takes a place once its file has arrived, so that an upload in progress takes none. If
    none is free, an address that has a clip here already is refused. Others wait in line, and get
    the next place before anybody new.
    """

    def __init__(self, count: int, wait_s: float = WAIT_S) -> None:
        self._free = count
        self._wait_s = wait_s
        self._here: Counter[str] = Counter()
        self._sending: Counter[str] = Counter()
        self._line: list[asyncio.Future[None]] = []

    @contextmanager
    def sending(self, address: str) -> Iterator[None]:
        """Count an upload that arrives. Raises ClipsBusyError if the address has too many."""
        if self._sending[address] >= MOST_UPLOADS:
            raise ClipsBusyError
        self._sending[address] += 1
        try:
            yield
        finally:
            _less(self._sending, address)

    async def take(self, address: str) -> None:
        """Take a place, or wait for one. Raises ClipsBusyError."""
        if not self._free and self._here[address]:
            raise ClipsBusyError
        self._here[address] += 1
        if self._free:
            self._free -= 1
            return
        place = asyncio.get_running_loop().create_future()
        self._line.append(place)
        try:
            await asyncio.wait_for(place, self._wait_s)
        except TimeoutError:
            self._give_up(place, address)
            raise ClipsBusyError from None
        except asyncio.CancelledError:
            self._give_up(place, address)
            raise
        finally:
            self._line.remove(place)

    def leave(self, address: str) -> None:
        """Note that a client has its answer, or has gone; its place may be free only later."""
        _less(self._here, address)

    def free(self) -> None:
        """Free a place; the first in line gets it."""
        for waiting in self._line:
            if not waiting.done():
                waiting.set_result(None)
                return
        self._free += 1

    def _give_up(self, place: asyncio.Future[None], address: str) -> None:
        """Leave the line; if the place came at the same moment, free it."""
        self.leave(address)
        if place.done() and not place.cancelled():
            self.free()


def _less(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
