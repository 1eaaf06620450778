"""The interfaces of an engine: a sink of frames, a sink of messages, and an observer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from models.live.action_frames import ActionFrames
from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.batch import Stages
from service.engine.stream import State
from service.wire.encoding import Envelope
from service.wire.messages import StreamInfo

AHEAD_NS = 500_000_000
"""A source whose frames are captured further in the future than this runs ahead of real time."""
BACKLOG = 8
"""A source that runs ahead of real time should pause when this many of its frames are queued."""


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
        """Queue the stream's end. Then the handle is closed, and the stream's name free again."""
        ...

    def is_behind(self, captured_ns: int) -> bool:
        """Return whether the caller should pause after a frame captured at `captured_ns`.

        Only a source that runs ahead of real time is asked to pause, so that it does not outrun the
        model. For a live source, predictions are skipped instead, so that labels stay live.
        """
        ...


class MessageSink(Protocol):
    """The receiver of an engine's messages; `service.publish.bus.Bus` is one."""

    def carry(self, envelopes: Sequence[Envelope]) -> None:
        """Take messages, without blocking."""
        ...

    def wanted(self, kind: str, stream: str) -> bool:
        """Return whether anybody wants messages of this kind and stream now."""
        ...


class Observer:
    """Watches an engine, for metrics and recordings. This one does nothing.

    No method may block. Each is called on the thread where the event happens.
    """

    def on_frames(self, stream: str, entry: Frame | Block) -> None:
        """Frames of a stream were pushed."""

    def on_batch(self, stages: Stages, predictions: int) -> None:
        """A batch with this number of predictions is done."""

    def on_explained(self, windows: int, duration_ns: int) -> None:
        """Explaining this number of windows took `duration_ns`."""


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

    async def find_action(self, id: str) -> ActionFrames | None:
        """Return the frames of an action; None if they are not kept."""
        ...

    async def open(self) -> None:
        """Start the engine. Raises RuntimeError if it does not start."""
        ...

    async def close(self) -> None:
        """Stop the engine, after it has received everything that was pushed."""
        ...
