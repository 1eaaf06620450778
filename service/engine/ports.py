"""The ports of an engine: frames go in, messages come out, and an observer watches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.batch import Stages
from service.engine.stream import State
from service.wire.encoding import Envelope
from service.wire.messages import StreamInfo

AHEAD_NS = 500_000_000
"""Frames captured this far in the future come from a source that runs ahead of real time."""
BACKLOG = 8
"""A source that runs ahead of real time may queue at most this many frames."""


class FrameSink(Protocol):
    """One open stream of an engine. Any thread may call it, and no call blocks for long."""

    @property
    def name(self) -> str: ...  # noqa: D102

    def push(self, entry: Frame | Block) -> None:
        """Queue a frame or a block of frames. A closed stream drops it."""
        ...

    def change(self, state: State, note: str = "") -> None:
        """Queue a new state behind the frames; it ends the actions in progress."""
        ...

    def count_dropped(self, frames: int) -> None:
        """Count frames that were lost on the way to the engine."""
        ...

    def remove(self) -> None:
        """Queue the stream's end; afterwards its name is free again."""
        ...

    def is_behind(self, captured_ns: int) -> bool:
        """Whether the caller should pause after a frame captured at `captured_ns`.

        Only a source that runs ahead of real time is asked to pause, down to the speed of the
        model. For a live source, work is dropped instead, so that the stream stays live.
        """
        ...


class MessageSink(Protocol):
    """The receiver of an engine's messages; `service.publish.bus.Bus` is one."""

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        """Take messages, without blocking."""
        ...

    def wanted(self, kind: str, stream: str) -> bool:
        """Whether anybody wants messages of this kind and stream now."""
        ...


class Observer:
    """Watches an engine, for metrics and recordings. This one does nothing; no call may block."""

    def on_frames(self, stream: str, entry: Frame | Block) -> None:
        """Frames came in; called by the thread that pushes them."""

    def on_batch(self, stages: Stages, predictions: int) -> None:
        """A batch is done; `predictions` is how many predictions it made."""

    def on_explained(self, windows: int, duration_ns: int) -> None:
        """Explaining so many windows took `duration_ns`."""


class FarEngine(Protocol):
    """An engine in another process, driven from an event loop."""

    def add(self, name: str, kind: str, note: str = "") -> FrameSink: ...  # noqa: D102

    def push_blocks(self, blocks: Sequence[tuple[FrameSink, Block]]) -> None: ...  # noqa: D102

    def streams(self) -> list[StreamInfo]: ...  # noqa: D102

    def __len__(self) -> int: ...

    def __contains__(self, name: str) -> bool: ...

    @property
    def alive(self) -> bool: ...  # noqa: D102

    @property
    def explained(self) -> tuple[int, int]: ...  # noqa: D102

    async def open(self) -> None:
        """Start it. Raises RuntimeError if it does not start."""
        ...

    async def close(self) -> None:
        """Stop it, after everything that was pushed."""
        ...
