"""The handle of one stream in the inference process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.remote.orders import Changed, Dropped
from service.engine.stream import State

if TYPE_CHECKING:
    from service.engine.remote.engine import RemoteEngine


class RemoteStream:
    """A caller's handle of one stream of a `RemoteEngine`; it is a `FrameSink`."""

    __slots__ = ("_engine", "closed", "name", "number")

    def __init__(self, engine: RemoteEngine, name: str, number: int) -> None:
        self._engine = engine
        self.name = name
        self.number = number
        self.closed = False

    def push(self, entry: Frame | Block) -> None:
        """Send a frame or a block of frames."""
        if isinstance(entry, Block):
            self._engine.push_blocks([(self, entry)])
        else:
            self._engine.push(self, entry)

    def change(self, state: State, note: str = "") -> None:
        """Send a new state behind the frames."""
        if not self.closed:
            self._engine.send(Changed(self.number, state, note))

    def count_dropped(self, frames: int) -> None:
        """Count frames that were lost on the way here."""
        if not self.closed:
            self._engine.send(Dropped(self.number, frames))

    def remove(self) -> None:
        """Send the stream's end."""
        self.closed = True
        self._engine.remove(self)

    def is_behind(self, captured_ns: int) -> bool:
        """Return whether the caller should pause after a frame captured at `captured_ns`."""
        return not self.closed and self._engine.is_behind(self.number, captured_ns)
