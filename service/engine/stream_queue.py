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
"""Idle streams are checked this often: the people of a silent stream leave."""


class StreamQueues:
    """Streams by name. Any thread may call all methods but `take` and `forget_removed`."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}
        self._ready: dict[str, Stream] = {}
        self._wake = threading.Condition()
        self._called = False
        self._swept_ns: int | None = None

    def get(self, name: str) -> Stream | None:
        """The open stream of that name."""
        return self._streams.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._streams

    def add(self, stream: Stream) -> None:
        """Open a stream. Raises ValueError if one of that name is open."""
        with self._wake:
            if stream.name in self._streams:
                raise ValueError(f"a stream named {stream.name} is open already")
            self._streams[stream.name] = stream

    def put_all(self, entries: Iterable[tuple[Stream, Entry]], wake: bool = True) -> None:
        """Queue entries of many streams; closed streams drop theirs. `wake` wakes the waiter."""
        with self._wake:
            for stream, entry in entries:
                if not stream.closed:
                    stream.put(entry)
                    self._ready[stream.name] = stream
            if wake:
                self._wake.notify()

    def count_dropped(self, stream: Stream, frames: int) -> None:
        """Count frames of a stream that were lost on the way to the engine."""
        with self._wake:
            stream.dropped += frames

    def backlog(self, stream: Stream) -> int:
        """The number of queued frames of a stream; 0 if it is closed."""
        with self._wake:
            return 0 if stream.closed else stream.backlog

    def infos(self) -> list[StreamInfo]:
        """All open streams as they are now."""
        with self._wake:
            return [stream.info() for stream in self._streams.values()]

    def __len__(self) -> int:
        return len(self._streams)

    def call(self) -> None:
        """Wake the waiter."""
        with self._wake:
            self._called = True
            self._wake.notify()

    def wait(self, timeout_s: float) -> None:
        """Wait until an entry or a call comes, at most `timeout_s`."""
        with self._wake:
            if not (self._ready or self._called):
                self._wake.wait(timeout_s)
            self._called = False

    def take(self, now_ns: int) -> list[tuple[Stream, list[Entry]]]:
        """Drain the queues of the streams with entries; every `SWEEP_NS`, of all streams."""
        with self._wake:
            due = self._swept_ns is None or not 0 <= now_ns - self._swept_ns < SWEEP_NS
            looked_at = list((self._streams if due else self._ready).values())
            if due:
                self._swept_ns = now_ns
            taken = [(stream, stream.drain()) for stream in looked_at]
            self._ready = {stream.name: stream for stream in looked_at if stream.backlog}
            return taken

    def forget_removed(self, streams: list[Stream]) -> None:
        """Close those of the streams that have been removed; their names are free again."""
        removed = [stream for stream in streams if stream.removed]
        if removed:
            with self._wake:
                for stream in removed:
                    stream.closed = True
                    self._streams.pop(stream.name, None)
                    self._ready.pop(stream.name, None)


class StreamHandle:
    """One open stream of an `Engine`; it is a `FrameSink`."""

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
        """Queue the stream's end."""
        self._queues.put_all([(self.stream, Change("ended", "", remove=True))])

    def is_behind(self, captured_ns: int) -> bool:
        """Whether a source that captured a frame at `captured_ns` should pause."""
        if captured_ns <= self.engine.clock_ns() + AHEAD_NS:
            return False
        return self._queues.backlog(self.stream) >= BACKLOG
