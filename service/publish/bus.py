"""Carries messages from the engines to many readers. Each message is encoded only once.

Any thread may call `publish`, `carry`, `wanted`, `subscribe` and `unsubscribe`. Everything else
runs on the event loop. Only in `carry`, messages cross from other threads to the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from service.publish.subscription import Ending, Subscription, Wants
from service.wire.encoding import Envelope
from service.wire.messages import ActionMessage, Message

log = logging.getLogger(__name__)

Key = tuple[str | None, str]
"""A stream (None: any) and a kind of message."""


class Reader(Protocol):
    """A receiver of messages: a client's `Subscription`, or a recording."""

    @property
    def wants(self) -> Wants:
        """The streams and kinds of the messages that it receives. They never change."""
        ...

    def offer(self, envelope: Envelope) -> None:
        """Take a message, without blocking."""
        ...


class Bus:
    """Delivers messages to the readers that want them, on the event loop."""

    def __init__(self, recent: int = 200) -> None:
        self._lock = threading.Lock()
        self._pending: list[Envelope] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = 0
        self._subscriptions: dict[Subscription, None] = {}
        # The tuples are replaced and never changed, so `deliver` needs no lock to read them.
        self._readers: dict[Key, tuple[Reader, ...]] = {}
        self._recent: deque[ActionMessage] = deque(maxlen=recent)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Deliver on `loop` from now on. Call this on the loop's thread."""
        self._loop = loop
        self._thread = threading.get_ident()

    def detach(self) -> None:
        """Stop delivering, because the loop is about to end."""
        self._loop = None

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand messages over to the event loop, from any thread."""
        self.carry([Envelope(message) for message in messages])

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        """Hand messages in their envelopes over to the event loop, from any thread."""
        loop = self._loop
        if loop is None or not envelopes:
            return
        with self._lock:
            scheduled = bool(self._pending)
            self._pending.extend(envelopes)
        if threading.get_ident() == self._thread:
            self.deliver()
        elif not scheduled:
            loop.call_soon_threadsafe(self.deliver)

    def deliver(self) -> None:
        """Deliver all pending messages now. Call this on the event loop."""
        with self._lock:
            envelopes, self._pending = self._pending, []
        for envelope in envelopes:
            try:
                self._deliver(envelope)
            except Exception:
                text = "a message of kind %s of stream %r could not be delivered"
                log.exception(text, envelope.kind, envelope.stream)

    def _deliver(self, envelope: Envelope) -> None:
        if envelope.kind == "action":
            self._remember(envelope.message)
        for stream in (envelope.stream, None):
            for reader in self._readers.get((stream, envelope.kind), ()):
                reader.offer(envelope)

    def _remember(self, action: Message) -> None:
        if isinstance(action, ActionMessage) and action.phase != "update":
            self._recent.append(action)

    def wanted(self, kind: str, stream: str) -> bool:
        """Return whether any reader wants messages of this kind and stream."""
        return (stream, kind) in self._readers or (None, kind) in self._readers

    def recent_actions(self) -> list[ActionMessage]:
        """Return the last starts and ends of actions, oldest first."""
        return list(self._recent)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The subscribed clients. Other readers are not among them."""
        return tuple(self._subscriptions)

    def subscribe(self, reader: Reader) -> None:
        """Deliver to `reader` from now on, until `unsubscribe`."""
        with self._lock:
            if isinstance(reader, Subscription):
                self._subscriptions[reader] = None
            for key in _keys(reader.wants):
                self._readers[key] = (*self._readers.get(key, ()), reader)

    def unsubscribe(self, reader: Reader) -> None:
        """Stop delivering to `reader`. This is harmless if it is not subscribed."""
        with self._lock:
            if isinstance(reader, Subscription):
                self._subscriptions.pop(reader, None)
            for key in _keys(reader.wants):
                others = tuple(one for one in self._readers.get(key, ()) if one is not reader)
                if others:
                    self._readers[key] = others
                else:
                    self._readers.pop(key, None)

    def close(self) -> None:
        """Ask every client's socket to close."""
        for subscription in self._subscriptions:
            subscription.end(Ending.SHUTDOWN)


def _keys(wants: Wants) -> Iterator[Key]:
    for stream in wants.streams or (None,):
        for kind in wants.kinds:
            yield stream, kind
