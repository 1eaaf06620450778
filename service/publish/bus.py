"""From the engine to many subscribers: each message is encoded once, nobody waits for another.

Everything here runs on the event loop except `Bus.publish` and `Bus.wanted`, which other threads
call; `publish` is the one place where messages cross over.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from service.publish.subscription import Ending, Subscription, Wants
from service.wire.encoding import Envelope
from service.wire.messages import ActionMessage, Message

Key = tuple[str | None, str]
"""A stream, None for any, and a kind of message."""


class Bus:
    """Carries messages from the inference thread to the subscribers on the event loop."""

    def __init__(self, recent: int = 200) -> None:
        self._lock = threading.Lock()
        self._pending: list[Envelope] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._subscriptions: dict[Subscription, None] = {}
        # Who gets what; each list is replaced, never changed, so that other threads may look.
        self._readers: dict[Key, tuple[Subscription, ...]] = {}
        self._recent: deque[ActionMessage] = deque(maxlen=recent)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on deliver on `loop`, on whose thread this is called."""
        self._loop = loop
        self._thread = threading.get_ident()

    def detach(self) -> None:
        """Deliver no more: the loop is about to end."""
        self._loop = None

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand messages over to the event loop, from any thread."""
        self.carry([Envelope(message) for message in messages])

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        """Hand over messages that are in their envelopes, from any thread."""
        loop = self._loop
        if loop is None or not envelopes:
            return
        with self._lock:
            crossing = bool(self._pending)
            self._pending.extend(envelopes)
        if threading.get_ident() == self._thread:
            self._deliver()
        elif not crossing:
            loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            envelopes, self._pending = self._pending, []
        for envelope in envelopes:
            if envelope.kind == "action":
                self._remember(envelope.message)
            for stream in (envelope.stream, None):
                for subscription in self._readers.get((stream, envelope.kind), ()):
                    subscription.offer(envelope)

    def _remember(self, action: Message) -> None:
        if isinstance(action, ActionMessage) and action.phase != "update":
            self._recent.append(action)

    def wanted(self, kind: str, stream: str) -> bool:
        """Whether anybody wants such a message; asked from the inference thread."""
        return (stream, kind) in self._readers or (None, kind) in self._readers

    def recent_actions(self) -> list[ActionMessage]:
        """The last starts and ends, oldest first."""
        return list(self._recent)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Those who listen now."""
        return tuple(self._subscriptions)

    def subscribe(self, subscription: Subscription) -> None:
        """Deliver to `subscription` from now on, until `unsubscribe`."""
        self._subscriptions[subscription] = None
        for key in _keys(subscription.wants):
            self._readers[key] = (*self._readers.get(key, ()), subscription)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Deliver to it no more."""
        if self._subscriptions.pop(subscription, self) is self:
            return
        for key in _keys(subscription.wants):
            left = tuple(one for one in self._readers[key] if one is not subscription)
            if left:
                self._readers[key] = left
            else:
                del self._readers[key]

    def close(self) -> None:
        """Tell every subscriber's socket to say goodbye."""
        for subscription in self._subscriptions:
            subscription.end(Ending.SHUTDOWN)


def _keys(wants: Wants) -> Iterator[Key]:
    for stream in wants.streams or (None,):
        for kind in wants.kinds:
            yield stream, kind
