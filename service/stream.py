"""One stream inside the engine: its queue, its pipeline, its state and its counts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from models.card import ModelCard
from sensor.gates import GateLimits
from sensor.skeleton import Frame
from service.messages import Message, StatusMessage, StreamInfo
from service.person import Item
from service.pipeline import Pipeline

State = Literal["waiting", "live", "ended", "lost", "failed"]

QUEUE_FRAMES = 600
"""Frames that may wait for the inference thread; 20 s of one camera."""
SILENCE_NS = 2_000_000_000
"""A stream that sends nothing for this long has nobody in view."""
RETRY_NS = 5_000_000_000
"""A failed stream's frames are dropped for this long before it is tried afresh."""


@dataclass(frozen=True, slots=True)
class Change:
    """A stream's new state, in line with its frames."""

    state: State
    note: str
    remove: bool = False


class Stream:
    """Frames wait here for the inference thread, which alone calls `feed` and `fail`."""

    def __init__(
        self, name: str, kind: str, note: str, card: ModelCard, max_bodies: int, limits: GateLimits
    ) -> None:
        self.name = name
        self.removed = False
        self.predictions = 0
        self.dropped = 0
        self._kind = kind
        self._note = self._shown = note
        self._card = card
        self._max_bodies = max_bodies
        self._limits = limits
        self._state: State = "waiting"
        self._frames = 0
        self._heard_ns = 0
        self._retry_ns = 0
        self._queue: deque[Frame | Change] = deque()
        self._pipeline = Pipeline(name, card, max_bodies, limits)

    @property
    def backlog(self) -> int:
        """Frames and changes that are queued."""
        return len(self._queue)

    def info(self) -> StreamInfo:
        """The stream as it is now."""
        return StreamInfo(
            name=self.name,
            kind=self._kind,
            state=self._state,
            note=self._shown,
            bodies=self._pipeline.bodies,
            frames=self._frames,
            predictions=self.predictions,
            dropped=self.dropped,
        )

    def put(self, entry: Frame | Change) -> None:
        """Queue a frame or change; beyond `QUEUE_FRAMES` the oldest frame is lost and counted."""
        if len(self._queue) >= QUEUE_FRAMES and isinstance(self._queue[0], Frame):
            self._queue.popleft()
            self.dropped += 1
        self._queue.append(entry)

    def drain(self) -> list[Frame | Change]:
        """Take all that is queued."""
        taken = list(self._queue)
        self._queue.clear()
        return taken

    def feed(
        self, entries: list[Frame | Change], now_ns: int, show: bool
    ) -> tuple[list[Message], list[Item]]:
        """Take drained entries through the pipeline: messages to send, and what is due.

        Of several frames the newest alone becomes a message, where `show` asks for it.
        """
        messages: list[Message] = []
        items: list[Item] = []
        newest: Frame | None = None
        for entry in entries:
            if isinstance(entry, Change):
                items += self._pipeline.finish()
                self.removed |= entry.remove
                messages.append(self._set(entry.state, entry.note, now_ns))
            elif now_ns < self._retry_ns:
                self.dropped += 1
            else:
                if self._state != "live":
                    messages.append(self._set("live", self._note, now_ns))
                newest, due = self._pipeline.push(entry)
                items += due
                self._frames += 1
                self._heard_ns = now_ns
        if newest is not None and show:
            messages.append(self._pipeline.message(newest))
        if not entries and now_ns - self._heard_ns > SILENCE_NS:
            items += self._pipeline.finish()
        return messages, items

    def fail(
        self, now_ns: int, entries: Iterable[Frame | Change] = ()
    ) -> tuple[list[Message], list[Item]]:
        """Something broke: start afresh after a while; answers the state and who is lost.

        Of `entries`, which are lost, an order to remove the stream is still obeyed.
        """
        self.removed |= any(isinstance(entry, Change) and entry.remove for entry in entries)
        left = self._pipeline.finish()
        self._pipeline = Pipeline(self.name, self._card, self._max_bodies, self._limits)
        self._retry_ns = now_ns + RETRY_NS
        note = "something went wrong inside the service; its log says what"
        return [self._set("failed", note, now_ns)], left

    def _set(self, state: State, note: str, now_ns: int) -> StatusMessage:
        self._state = state
        self._shown = note
        return StatusMessage(self.info(), now_ns)
