"""The parent's record of the streams in the inference process. It outlives the process."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence

from msgspec.structs import replace

from service.engine.remote.orders import Add, Changed, Order
from service.wire.encoding import Envelope
from service.wire.messages import ActionMessage, Message, StatusMessage, StreamInfo

LATE_NOTE = "recognition does not answer; it is started again if this lasts"
"""The note of live streams while the process makes no progress."""


class Ledger:
    """The open streams with their numbers and last reported states, and the actions in progress.

    Any thread may call all methods but `note`, `delay` and `fail`, which belong to the event loop.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = itertools.count()
        self._infos: dict[str, StreamInfo] = {}
        self._notes: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._delayed: dict[str, str] = {}
        self._in_progress: dict[tuple[str | int, ...], ActionMessage] = {}

    def __len__(self) -> int:
        return len(self._infos)

    def __contains__(self, name: str) -> bool:
        return name in self._infos

    def names(self) -> tuple[str, ...]:
        """Return the names of all open streams."""
        return tuple(self._infos)

    def infos(self) -> list[StreamInfo]:
        """Return all open streams as last reported."""
        with self._lock:
            return list(self._infos.values())

    def add(self, name: str, kind: str, note: str) -> Add:
        """Record a new stream, and return the order that opens it.

        Raises ValueError if one of that name is open.
        """
        with self._lock:
            if name in self._infos:
                raise ValueError(f"a stream named {name} is open already")
            self._infos[name] = StreamInfo(name, kind, "waiting", note)
            self._notes[name] = note
            number = self._numbers[name] = next(self._count)
        return Add(number, name, kind, note)

    def remove(self, name: str, number: int) -> bool:
        """Forget the stream with this number; return False if it is closed already."""
        with self._lock:
            if self._numbers.get(name) != number:
                return False
            del self._infos[name], self._notes[name], self._numbers[name]
            return True

    def update(self, infos: Sequence[StreamInfo]) -> None:
        """Record new states; streams that are not open are ignored."""
        with self._lock:
            self._infos.update((info.name, info) for info in infos if info.name in self._infos)

    def opening_orders(self) -> list[Order]:
        """Return the orders that open all streams in a new process, in their last states."""
        orders: list[Order] = []
        with self._lock:
            for name, info in self._infos.items():
                number = self._numbers[name]
                orders.append(Add(number, name, info.kind, self._notes[name]))
                if info.state in ("ended", "lost"):
                    orders.append(Changed(number, info.state, info.note))
        return orders

    def note(self, envelopes: Sequence[Envelope]) -> None:
        """Record actions in progress and states of streams from messages of the process."""
        for envelope in envelopes:
            message = envelope.message if envelope.kind in ("action", "status") else None
            if isinstance(message, ActionMessage):
                key: tuple[str | int, ...] = (message.stream, *message.body_ids)
                if message.phase == "end":
                    self._in_progress.pop(key, None)
                else:
                    self._in_progress[key] = message
            elif isinstance(message, StatusMessage):
                self.update([message.stream])

    def delay(self, late: bool, now_ns: int) -> list[Message]:
        """Note that the process makes no progress, or does so again; return the messages."""
        if late:
            live = [info for info in self.infos() if info.state == "live"]
            self._delayed = {info.name: info.note for info in live}
            changed = [replace(info, note=LATE_NOTE) for info in live]
        else:
            changed = [
                replace(info, note=self._delayed[info.name]) if info.note == LATE_NOTE else info
                for info in self.infos()
                if info.name in self._delayed
            ]
            self._delayed.clear()
        self.update(changed)
        return [StatusMessage(info, now_ns) for info in changed]

    def fail(self, now_ns: int) -> list[Message]:
        """End the actions in progress, and mark live streams as failed: the process has died.

        Returns the messages to publish.
        """
        ends: list[Message] = [_end(action, now_ns) for action in self._in_progress.values()]
        self._in_progress.clear()
        self._delayed.clear()
        note = "recognition stopped unexpectedly; it is started again"
        failed = [
            replace(info, state="failed", note=note)
            for info in self.infos()
            if info.state == "live"
        ]
        self.update(failed)
        return [*ends, *(StatusMessage(info, now_ns) for info in failed)]


def _end(action: ActionMessage, now_ns: int) -> ActionMessage:
    """Return the end of an action, at its newest message: later than that, nothing is known.

    The message may lie in the future, because a source may run ahead of real time.
    """
    newest_ns = action.at_ns
    return replace(action, phase="end", at_ns=max(now_ns, newest_ns), ended_ns=newest_ns)
