"""Divides the streams between two engines: the first few run here, the others in a process."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Sequence

from models.live.action_frames import ActionFrames
from sensor.block import Block
from service.engine.engine import Engine
from service.engine.ports import FarEngine, FrameSink
from service.engine.stream_queue import StreamHandle
from service.wire.messages import StreamInfo

log = logging.getLogger(__name__)

NEAR_STREAMS = 8
"""At most this many streams run here: they leave the interpreter enough time for the sockets."""


MOST_AGAIN_S = 30.0
"""The longest time until `far` is tried again, if it has not started."""


class Engines:
    """The engines of a service: `near` in this process, `far` in another. One may be None.

    `near` runs up to `most_near` streams, because its labels are faster; `far` runs all others.
    If there is a `near`, `far` starts with its first stream, whose frames are lost until it is
    ready. If it does not start, it is tried again after `again_s`, then twice as long, for ever.
    """

    def __init__(
        self,
        near: Engine | None,
        far: FarEngine | None,
        most_near: int = NEAR_STREAMS,
        again_s: float = 1.0,
    ) -> None:
        self.near = near
        self.far = far
        self._most_near = most_near
        self._again_s = again_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opening: asyncio.Task[None] | None = None
        self._tried = False

    def add(self, name: str, kind: str, note: str = "") -> FrameSink:
        """Open a stream. Raises ValueError if one of that name is open."""
        if any(name in engine for engine in self._all()):
            raise ValueError(f"a stream named {name} is open already")
        if self.near is not None and (self.far is None or len(self.near) < self._most_near):
            return self.near.add(name, kind, note)
        assert self.far is not None
        sink = self.far.add(name, kind, note)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._start_far)
        return sink

    async def find_far_action(self, id: str) -> ActionFrames | None:
        """Return the frames of an action in the other process; None if they are not kept."""
        return None if self.far is None else await self.far.find_action(id)

    def push_blocks(self, blocks: Sequence[tuple[FrameSink, Block]]) -> None:
        """Queue blocks of many streams at once."""
        near: list[tuple[StreamHandle, Block]] = []
        far: list[tuple[FrameSink, Block]] = []
        for sink, block in blocks:
            if isinstance(sink, StreamHandle) and sink.engine is self.near:
                near.append((sink, block))
            else:
                far.append((sink, block))
        # `far` raises before it has sent anything, so a caller may then push the blocks one by one.
        if far and self.far is not None:
            self.far.push_blocks(far)
        if near and self.near is not None:
            self.near.push_blocks(near)

    def streams(self) -> list[StreamInfo]:
        """Return all open streams as they are now."""
        return [info for engine in self._all() for info in engine.streams()]

    def __len__(self) -> int:
        return sum(len(engine) for engine in self._all())

    @property
    def explained(self) -> tuple[int, int]:
        """The numbers of predictions explained, and of explanations requested but dropped."""
        counts = [engine.explained for engine in self._all()]
        return sum(explained for explained, _ in counts), sum(dropped for _, dropped in counts)

    @property
    def alive(self) -> bool:
        """Whether all engines run. One that is started for the first time counts as running."""
        if self.near is not None and not self.near.alive:
            return False
        tried = self.near is None or self._tried
        return self.far is None or not tried or self.far.alive

    async def open(self) -> None:
        """Start the engines. Raises RuntimeError if the only engine does not start."""
        self._loop = asyncio.get_running_loop()
        if self.near is not None:
            self.near.start()
        elif self.far is not None:
            self._opening = self._loop.create_task(self.far.open())
            await self._opening
        if self.far is not None and len(self.far):
            self._start_far()

    async def close(self) -> None:
        """Stop the engines, after they have received everything that was pushed."""
        if self.near is not None:
            self.near.stop()
        if self.far is not None:
            await self.far.close()
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])

    def _all(self) -> list[Engine | FarEngine]:
        return [engine for engine in (self.near, self.far) if engine is not None]

    def _start_far(self) -> None:
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open_far())

    async def _open_far(self) -> None:
        """Start `far`, and try again until it is ready."""
        assert self.far is not None
        for tries in itertools.count():
            try:
                await self.far.open()
                return
            except (OSError, RuntimeError, TimeoutError) as error:
                text = "%s; streams from number %d on wait for it"
                log.error(text, error or "it was not ready in time", self._most_near + 1)
            finally:
                self._tried = True
            await asyncio.sleep(min(self._again_s * 2**tries, MOST_AGAIN_S))
