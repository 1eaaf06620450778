"""An engine whose streams a test calls by name."""

from __future__ import annotations

from typing import Any

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.engine import Engine
from service.engine.stream import State
from service.engine.stream_queue import StreamHandle


class NamedEngine(Engine):
    """Keeps the newest handle of each name; names that were never opened are ignored."""

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
