"""Streams spread over two engines: the first few stay here, the others go to another process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.ports import Inference
from service.engine.stream import State
from service.wire.messages import StreamInfo

log = logging.getLogger(__name__)

NEAR_STREAMS = 8
"""Beside so few the sockets on the same interpreter have time enough."""


class SpreadEngine:
    """`near` for the first `most_near` streams, where labels are soonest; `far` for all others.

    The same methods mean the same. `far` is opened when it is first needed; what comes for it
    before it is ready is dropped.
    """

    def __init__(self, near: Inference, far: Inference, most_near: int = NEAR_STREAMS) -> None:
        self._near = near
        self._far = far
        self._most_near = most_near
        self._homes: dict[str, Inference] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Task[None] | None = None

    def add(self, name: str, kind: str, note: str = "") -> None:
        """Open a stream. Raises ValueError where one of that name is open."""
        if name in self._homes:
            raise ValueError(f"a stream named {name} is open already")
        home = self._near if len(self._near) < self._most_near else self._far
        home.add(name, kind, note)
        self._homes[name] = home
        if home is self._far and self._loop is not None:
            self._loop.call_soon_threadsafe(self._need_far)

    def push(self, name: str, frame: Frame) -> None:
        """Queue a frame; what is of a stream that is closed is lost."""
        home = self._homes.get(name)
        if home is not None:
            home.push(name, frame)

    def push_blocks(self, blocks: Sequence[tuple[str, Block]]) -> None:
        """Queue blocks of many streams, each with its stream's name."""
        homes = self._homes
        for engine in (self._near, self._far):
            theirs = [pair for pair in blocks if homes.get(pair[0]) is engine]
            if theirs:
                engine.push_blocks(theirs)

    def change(self, name: str, state: State, note: str = "") -> None:
        """Queue a stream's new state, behind its frames; what goes on in it ends."""
        home = self._homes.get(name)
        if home is not None:
            home.change(name, state, note)

    def count_dropped(self, name: str, frames: int) -> None:
        """Count frames of a stream that were lost before they came here."""
        home = self._homes.get(name)
        if home is not None:
            home.count_dropped(name, frames)

    def remove(self, name: str) -> None:
        """Queue a stream's end; then its name is free again."""
        home = self._homes.pop(name, None)
        if home is not None:
            home.remove(name)

    def is_behind(self, name: str, captured_ns: int) -> bool:
        """Whether whoever feeds the stream should pause after a frame captured then."""
        home = self._homes.get(name)
        return home is not None and home.is_behind(name, captured_ns)

    def streams(self) -> list[StreamInfo]:
        """All open streams as they are now."""
        return self._near.streams() + self._far.streams()

    def __len__(self) -> int:
        return len(self._near) + len(self._far)

    @property
    def explained(self) -> tuple[int, int]:
        """How many predictions were explained, and how many were to be and were not."""
        near, far = self._near.explained, self._far.explained
        return near[0] + far[0], near[1] + far[1]

    @property
    def alive(self) -> bool:
        """Whether all that is needed runs, or is being started."""
        far_is_up = self._far.alive if self._opening and self._opening.done() else True
        return self._near.alive and far_is_up

    async def open(self) -> None:
        """Begin. Raises RuntimeError where it cannot."""
        self._loop = asyncio.get_running_loop()
        await self._near.open()
        if len(self._far):
            self._need_far()

    async def close(self) -> None:
        """End, after what was pushed."""
        await self._near.close()
        await self._far.close()
        if self._opening is not None:
            await asyncio.wait([self._opening])

    def _need_far(self) -> None:
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open_far())

    async def _open_far(self) -> None:
        try:
            await self._far.open()
        except (OSError, RuntimeError, TimeoutError) as error:
            log.error("%s; streams from number %d on wait for it", error, self._most_near + 1)
