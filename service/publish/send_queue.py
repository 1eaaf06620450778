"""The bounded queue of messages to one client, in which newer frames replace older ones."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable

from service.wire.encoding import Envelope

ORDERED_LIMIT = 256
"""A client with more unsent actions and states than this is disconnected."""

Slot = tuple[object, ...]


class SendQueue:
    """The unsent messages of one client. It cannot grow without bound.

    Of frames, predictions and relevance, only the newest of each stream and body is kept, and at
    most `max_hz` of each are sent per second. All actions and states are kept in order. If there
    are more than `ordered_limit`, the queue has `overflowed` and takes no more messages.
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
        # Slots that rest because of `max_hz`: a heap by the end of their rest, the same slots as a
        # set, and the messages that wait for them. The count breaks ties in the heap.
        self._rests: list[tuple[float, int, Slot]] = []
        self._resting: set[Slot] = set()
        self._later: dict[Slot, Envelope] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._ordered) + len(self._ready) + len(self._later)

    def offer(self, envelope: Envelope) -> None:
        """Queue a message. It may replace an older one."""
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
        """Take the next message to send.

        If there is none, returns None and the seconds until a waiting message can be sent, or None
        if no message waits.
        """
        if self._ordered:
            return self._ordered.popleft(), None
        now_s = self._clock_s() if self._rests else 0.0
        self._end_rests(now_s)
        if self._ready:
            slot = next(iter(self._ready))
            if self._gap_s is not None:
                self._rest(slot, self._gap_s)
            return self._ready.pop(slot), None
        return None, self._rests[0][0] - now_s if self._later else None

    def _rest(self, slot: Slot, gap_s: float) -> None:
        self._count += 1
        self._resting.add(slot)
        heapq.heappush(self._rests, (self._clock_s() + gap_s, self._count, slot))

    def _end_rests(self, now_s: float) -> None:
        while self._rests and self._rests[0][0] <= now_s:
            _, _, slot = heapq.heappop(self._rests)
            self._resting.remove(slot)
            if slot in self._later:
                self._ready[slot] = self._later.pop(slot)
