"""From one pipeline to many subscribers: each message is encoded once, nobody waits for another.

Everything here runs on the event loop except `Bus.publish` and `Bus.wanted`, which the inference
thread calls; `publish` is the one place where messages cross over.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from service.errors import ClientError
from service.messages import MESSAGE_KINDS, ActionMessage, Message
from service.wire import Encoding, Envelope

ORDERED_LIMIT = 256
"""Actions and states that may wait for one subscriber before it is let go."""


@dataclass(frozen=True)
class Wants:
    """What a subscriber asked for. `streams` None: all; `max_hz` None: as they come."""

    streams: frozenset[str] | None = None
    kinds: frozenset[str] = field(default_factory=lambda: frozenset(MESSAGE_KINDS))
    encoding: Encoding = "json"
    max_hz: float | None = None

    def take(self, kind: str, stream: str) -> bool:
        """Whether a message of this kind and stream is wanted."""
        return kind in self.kinds and (self.streams is None or stream in self.streams)


class Subscription:
    """One subscriber's waiting messages, bounded whatever the subscriber does.

    Of frames and predictions only the newest of each stream and body waits; actions and states
    wait in order, up to `ordered_limit`, beyond which the subscription is `overflowed` and its
    owner must close it.
    """

    def __init__(
        self, wants: Wants, clock_s: Callable[[], float], ordered_limit: int = ORDERED_LIMIT
    ) -> None:
        self.wants = wants
        self.overflowed = asyncio.Event()
        self.closing = asyncio.Event()
        self._clock_s = clock_s
        self._limit = ordered_limit
        self._ordered: deque[Envelope] = deque()
        self._newest: dict[tuple[object, ...], Envelope] = {}
        self._due_s: dict[tuple[object, ...], float] = {}
        self._ready = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Messages that wait to be sent."""
        return len(self._ordered) + len(self._newest)

    def offer(self, envelope: Envelope) -> None:
        """Hand over a message; it waits, replaces an older one, or is not wanted."""
        if self.overflowed.is_set() or not self.wants.take(envelope.kind, envelope.stream):
            return
        if envelope.slot is not None:
            self._newest[envelope.slot] = envelope
        elif len(self._ordered) < self._limit:
            self._ordered.append(envelope)
        else:
            self.overflowed.set()
        self._ready.set()

    def take(self) -> tuple[Envelope | None, float | None]:
        """The next message to send, or None and the seconds until one may be (None: unknown)."""
        if self._ordered:
            return self._ordered.popleft(), None
        now_s = self._clock_s()
        waits = [self._due_s.get(slot, now_s) - now_s for slot in self._newest]
        for slot, wait_s in zip(self._newest, waits, strict=True):
            if wait_s <= 0:
                if self.wants.max_hz is not None:
                    # Only what still has to wait is kept: people who left would pile up.
                    self._due_s = {k: due_s for k, due_s in self._due_s.items() if due_s > now_s}
                    self._due_s[slot] = now_s + 1.0 / self.wants.max_hz
                return self._newest.pop(slot), None
        return None, min(waits, default=None)

    async def next(self) -> Envelope:
        """The next message to send; waits until there is one."""
        while True:
            self._ready.clear()
            envelope, wait_s = self.take()
            if envelope is not None:
                return envelope
            try:
                await asyncio.wait_for(self._ready.wait(), wait_s)
            except TimeoutError:
                continue


class Bus:
    """Carries messages from the inference thread to the subscribers on the event loop."""

    def __init__(self, recent: int = 200) -> None:
        self._lock = threading.Lock()
        self._pending: list[Envelope] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._subscriptions: tuple[Subscription, ...] = ()
        self._recent: deque[ActionMessage] = deque(maxlen=recent)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on deliver on `loop`."""
        self._loop = loop

    def detach(self) -> None:
        """Deliver no more: the loop is about to end."""
        self._loop = None

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand messages over to the event loop, from any thread."""
        envelopes = [Envelope(message) for message in messages]
        loop = self._loop
        if loop is None or not envelopes:
            return
        with self._lock:
            crossing = bool(self._pending)
            self._pending.extend(envelopes)
        if not crossing:
            loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            envelopes, self._pending = self._pending, []
        for envelope in envelopes:
            if isinstance(envelope.message, ActionMessage) and envelope.message.phase != "update":
                self._recent.append(envelope.message)
            for subscription in self._subscriptions:
                subscription.offer(envelope)

    def wanted(self, kind: str, stream: str) -> bool:
        """Whether anybody wants such a message; asked from the inference thread."""
        return any(s.wants.take(kind, stream) for s in self._subscriptions)

    def recent_actions(self) -> list[ActionMessage]:
        """The last starts and ends, oldest first."""
        return list(self._recent)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """Those who listen now."""
        return self._subscriptions

    def subscribe(self, subscription: Subscription) -> None:
        """Deliver to `subscription` from now on, until `unsubscribe`."""
        self._subscriptions = (*self._subscriptions, subscription)

    def unsubscribe(self, subscription: Subscription) -> None:
        """Deliver to it no more."""
        self._subscriptions = tuple(s for s in self._subscriptions if s is not subscription)

    def close(self) -> None:
        """Tell every subscriber's socket to say goodbye."""
        for subscription in self._subscriptions:
            subscription.closing.set()


def read_wants(streams: str, messages: str, encoding: str, max_hz: str) -> Wants:
    """A subscriber's wants from its query; "" for what it did not say.

    Raises ClientError naming the field that is wrong.
    """
    kinds = frozenset(filter(None, messages.split(","))) or frozenset(MESSAGE_KINDS)
    unknown = sorted(kinds - set(MESSAGE_KINDS))
    if unknown:
        known = ", ".join(MESSAGE_KINDS)
        raise ClientError(f"no message is called {unknown[0]!r}; choose from {known}", "messages")
    names = frozenset(filter(None, streams.split(",")))
    return Wants(names or None, kinds, _read_encoding(encoding), _read_rate(max_hz))


def _read_encoding(text: str) -> Encoding:
    if text in ("", "json"):
        return "json"
    if text == "msgpack":
        return "msgpack"
    raise ClientError(f"encoding is json or msgpack, not {text!r}", "encoding")


def _read_rate(text: str) -> float | None:
    if not text:
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.01 <= rate <= 1000:
        raise ClientError(f"max_hz is a number from 0.01 to 1000, not {text!r}", "max_hz")
    return rate
