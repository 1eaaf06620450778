"""The bounded queue of messages to one client; a newer frame replaces an older one."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable

from service.wire.encoding import Envelope

ORDERED_LIMIT = 256
"""A client with more unsent actions and states than this is disconnected."""

Slot = tuple[object, ...]


class SendQueue:
    """The unsent messages of one client, bounded whatever the client does.

    Frames, predictions and relevance: only the newest of each stream and body is kept, and each is
    sent at most `max_hz` times a second. Actions and states are kept in order, up to
    `ordered_limit`; beyond it the queue is `overflowed` and takes no more.
    """

    def __init__(
        self,
        clock_s: Callable[[], float],
        max_hz: float | None = None,
        ordered_limit: int = ORDERED_LIMIT,
    ) -> None:
        self.overflowed = False
        self._clock_s = clock_s
        self._gap_s = None if max_hz is None else 1.0 / max_hz
        self._limit = ordered_limit
        self._ordered: deque[Envelope] = deque()
        self._ready: dict[Slot, Envelope] = {}
        # Slots that must rest because of `max_hz`, by the end of their rest, and the messages that
        # came for them meanwhile.
        self._served: list[tuple[float, int, Slot]] = []
        self._resting: set[Slot] = set()
        self._later: dict[Slot, Envelope] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._ordered) + len(self._ready) + len(self._later)

    def offer(self, envelope: Envelope) -> None:
        """Queue a message; it may replace an older one."""
        if self.overflowed:
            return
        slot = envelope.slot
        if slot is not None:
            (self._later if slot in self._resting else self._ready)[slot] = envelope
        elif len(self._ordered) < self._limit:
            self._ordered.append(envelope)
        else:
            self.overflowed = True

    def take(self) -> tuple[Envelope | None, float | None]:
        """The next message to send, or None and the seconds until there is one (None: unknown)."""
        if self._ordered:
            return self._ordered.popleft(), None
        now_s = self._clock_s() if self._served else 0.0
        self._wake(now_s)
        if self._ready:
            slot = next(iter(self._ready))
            if self._gap_s is not None:
                self._rest(slot, self._gap_s)
            return self._ready.pop(slot), None
        return None, self._served[0][0] - now_s if self._later else None

    def _rest(self, slot: Slot, gap_s: float) -> None:
        self._count += 1
        self._resting.add(slot)
        heapq.heappush(self._served, (self._clock_s() + gap_s, self._count, slot))

    def _wake(self, now_s: float) -> None:
        while self._served and self._served[0][0] <= now_s:
            _, _, slot = heapq.heappop(self._served)
            self._resting.remove(slot)
            if slot in self._later:
                self._ready[slot] = self._later.pop(slot)
