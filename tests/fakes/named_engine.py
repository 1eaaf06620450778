"""An engine whose streams a test calls by name, and a clock that a test sets."""

from __future__ import annotations

from typing import Any

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.engine import Engine
from service.engine.stream import State
from service.engine.stream_queue import StreamHandle
from tests.fakes.message_list import MessageList
from tests.fakes.recognizer import FakeRecognizer


class Clock:
    """A clock that stands still at `now_ns`."""

    def __init__(self) -> None:
        self.now_ns = 10**12

    def __call__(self) -> int:
        return self.now_ns


class NamedEngine(Engine):
    """Keeps the newest handle of each name. Calls for unknown names are ignored, but not `push`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.handles: dict[str, StreamHandle] = {}

    def add(self, name: str, kind: str, note: str = "") -> StreamHandle:
        self.handles[name] = super().add(name, kind, note)
        return self.handles[name]

    def push(self, name: str, entry: Frame | Block) -> None:
        self.handles[name].push(entry)

    def change(self, name: str, state: State, note: str = "") -> None:
        if name in self.handles:
            self.handles[name].change(state, note)

    def remove(self, name: str) -> None:
        if name in self.handles:
            self.handles[name].remove()

    def is_behind(self, name: str, captured_ns: int) -> bool:
        return name in self.handles and self.handles[name].is_behind(captured_ns)


def engine_with_stream(
    model: FakeRecognizer, sink: MessageList, clock: Clock | None = None, **options: Any
) -> NamedEngine:
    """Return an engine with a stream "s" that makes all due predictions, unless options differ."""
    engine = NamedEngine(model, sink, clock_ns=clock or Clock(), **{"catch_up": None, **options})
    engine.add("s", "test")
    return engine
