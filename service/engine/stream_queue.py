"""The open streams of an engine: their queues, shared between threads, and their handles."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.ports import AHEAD_NS, BACKLOG
from service.engine.stream import Change, Entry, State, Stream
from service.wire.messages import StreamInfo

if TYPE_CHECKING:
    from service.engine.engine import Engine

SWEEP_NS = 250_000_000
"""All streams are looked at this often, so that the people of silent ones leave."""


class StreamQueues:
    """The open streams by name.

    Any thread may call all methods but `take` and `forget_removed`, which belong to the tick.
    """

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}
        self._ready: dict[str, Stream] = {}
        self._changed = threading.Condition()
        self._woken = False
        self._swept_ns: int | None = None

    def get(self, name: str) -> Stream | None:
        """Return the open stream of that name, if there is one."""
        return self._streams.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._streams

    def add(self, stream: Stream) -> None:
        """Open a stream. Raises ValueError if one of that name is open."""
        with self._changed:
            if stream.name in self._streams:
                raise ValueError(f"a stream named {stream.name} is open already")
            self._streams[stream.name] = stream

    def put_all(self, entries: Iterable[tuple[Stream, Entry]], wake: bool = True) -> None:
        """Queue entries of many streams; closed streams drop theirs. With `wake`, end a `wait`."""
        with self._changed:
            for stream, entry in entries:
                if not stream.closed:
                    stream.put(entry)
                    self._ready[stream.name] = stream
            if wake:
                self._changed.notify()

    def count_dropped(self, stream: Stream, frames: int) -> None:
        """Count frames of a stream that were lost on the way to the engine."""
        with self._changed:
            stream.dropped += frames

    def backlog(self, stream: Stream) -> int:
        """Return the number of queued frames of a stream; 0 if it is closed."""
        with self._changed:
            return 0 if stream.closed else stream.backlog

    def infos(self) -> list[StreamInfo]:
        """Return all open streams as they are now."""
        with self._changed:
            return [stream.info() for stream in self._streams.values()]

    def __len__(self) -> int:
        return len(self._streams)

    def wake(self) -> None:
        """End the current `wait`, or else the next one."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def wait(self, timeout_s: float) -> None:
        """Wait for an entry or a call of `wake`, at most `timeout_s`."""
        with self._changed:
            if not (self._ready or self._woken):
                self._changed.wait(timeout_s)
            self._woken = False

    def take(self, now_ns: int) -> list[tuple[Stream, list[Entry]]]:
        """Drain the streams that have entries; every `SWEEP_NS`, return all other streams too."""
        with self._changed:
            sweep = self._swept_ns is None or not 0 <= now_ns - self._swept_ns < SWEEP_NS
            streams = list((self._streams if sweep else self._ready).values())
            if sweep:
                self._swept_ns = now_ns
            drained = [(stream, stream.drain()) for stream in streams]
            self._ready = {stream.name: stream for stream in streams if stream.backlog}
            return drained

    def forget_removed(self, streams: list[Stream]) -> None:
        """Close the streams that have been removed; their names are free again."""
        removed = [stream for stream in streams if stream.removed]
        if removed:
            with self._changed:
                for stream in removed:
                    stream.closed = True
                    self._streams.pop(stream.name, None)
                    self._ready.pop(stream.name, None)


class StreamHandle:
    """A caller's handle of one stream of an `Engine`; it is a `FrameSink`."""

    __slots__ = ("_queues", "engine", "name", "stream")

    def __init__(self, engine: Engine, queues: StreamQueues, stream: Stream) -> None:
        self.engine = engine
        self.name = stream.name
        self.stream = stream
        self._queues = queues

    def push(self, entry: Frame | Block) -> None:
        """Queue a frame or a block of frames."""
        self.engine.observer.on_frames(self.name, entry)
        self.engine.take([(self.stream, entry)])

    def change(self, state: State, note: str = "") -> None:
        """Queue a new state behind the frames."""
        self._queues.put_all([(self.stream, Change(state, note))])

    def count_dropped(self, frames: int) -> None:
        """Count frames that were lost on the way here."""
        self._queues.count_dropped(self.stream, frames)

    def remove(self) -> None:
        """Queue the stream's end. When it has been processed, the name is free again."""
        self._queues.put_all([(self.stream, Change("ended", "", remove=True))])

    def is_behind(self, captured_ns: int) -> bool:
        """Return whether the caller should pause after a frame captured at `captured_ns`."""
        if captured_ns <= self.engine.clock_ns() + AHEAD_NS:
            return False
        return self._queues.backlog(self.stream) >= BACKLOG
