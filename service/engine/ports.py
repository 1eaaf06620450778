"""What goes into inference and what comes out of it, whichever engine does it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.stream import State
from service.wire.encoding import Envelope
from service.wire.messages import Message, StreamInfo

AHEAD_NS = 500_000_000
"""Who captures this far in the future runs ahead of real time."""
BACKLOG = 8
"""So many frames may wait of somebody who runs ahead."""


class Outlet(Protocol):
    """Where the engine's messages go; `service.bus.Bus` is one."""

    def publish(self, messages: Iterable[Message]) -> None:
        """Take messages, without blocking."""
        ...

    def wanted(self, kind: str, stream: str) -> bool:
        """Whether anybody wants such messages now."""
        ...


class Carrier(Protocol):
    """Where messages go; `service.bus.Bus` is one."""

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        """Take messages, without blocking."""
        ...

    def wanted(self, kind: str, stream: str) -> bool:
        """Whether anybody wants such messages now."""
        ...


class Inference(Protocol):
    """What carries all streams through the model, on an event loop: see `service.engine.Engine`."""

    def add(self, name: str, kind: str, note: str = "") -> None: ...  # noqa: D102

    def push(self, name: str, frame: Frame) -> None: ...  # noqa: D102

    def push_blocks(self, blocks: Sequence[tuple[str, Block]]) -> None: ...  # noqa: D102

    def change(self, name: str, state: State, note: str = "") -> None: ...  # noqa: D102

    def count_dropped(self, name: str, frames: int) -> None: ...  # noqa: D102

    def remove(self, name: str) -> None: ...  # noqa: D102

    def is_behind(self, name: str, captured_ns: int) -> bool: ...  # noqa: D102

    def streams(self) -> list[StreamInfo]: ...  # noqa: D102

    def __len__(self) -> int:
        """How many streams are open."""
        ...

    @property
    def alive(self) -> bool: ...  # noqa: D102

    @property
    def explained(self) -> tuple[int, int]:
        """How many predictions were explained, and how many were to be and were not."""
        ...

    async def open(self) -> None:
        """Begin. Raises RuntimeError where it cannot."""
        ...

    async def close(self) -> None:
        """End, after what was pushed."""
        ...
