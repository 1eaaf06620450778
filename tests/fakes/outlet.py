"""What the engine publishes, kept in a list."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import msgspec

from service.messages import ActionMessage, Message, PredictionMessage, StatusMessage, Timings


class Outlet:
    """Wants everything, unless told otherwise; `ended` is set once a stream has ended."""

    def __init__(self, wanted: bool = True) -> None:
        self.messages: list[Message] = []
        self.wants_all = wanted
        self.ended = threading.Event()

    def publish(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.messages.append(message)
            if isinstance(message, StatusMessage) and message.stream.state == "ended":
                self.ended.set()

    def wanted(self, kind: str, stream: str) -> bool:
        return self.wants_all


def said(
    messages: Iterable[Message], stream: str | None = None
) -> list[PredictionMessage | ActionMessage]:
    """Predictions and actions without what depends on the machine: timings."""
    return [
        msgspec.structs.replace(m, timings=Timings())
        for m in messages
        if isinstance(m, PredictionMessage | ActionMessage) and stream in (None, m.stream)
    ]


def phases(messages: Iterable[Message]) -> list[tuple[str, str]]:
    """Starts and ends in order: (phase, label)."""
    return [
        (m.phase, m.label) for m in messages if isinstance(m, ActionMessage) and m.phase != "update"
    ]
