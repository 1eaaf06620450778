"""The open streams of an engine: whatever is pushed waits here until the inference thread comes."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from service.engine.stream import Entry, Stream
from service.wire.messages import StreamInfo

SWEEP_NS = 250_000_000
"""How often streams that bring nothing are looked at: who is silent for long has left."""


class Streams:
    """Streams by name. All but `take` and `forget_removed` may be called from any thread."""

    def __init__(self) -> None:
        self._streams: dict[str, Stream] = {}
        self._ready: dict[str, Stream] = {}
        self._wake = threading.Condition()
        self._called = False
        self._swept_ns: int | None = None

    def get(self, name: str) -> Stream | None:
        """The open stream of that name."""
        return self._streams.get(name)

    def add(self, stream: Stream) -> None:
        """Open a stream. Raises ValueError where one of that name is open."""
        with self._wake:
            if stream.name in self._streams:
                raise ValueError(f"a stream named {stream.name} is open already")
            self._streams[stream.name] = stream

    def put(self, name: str, entry: Entry) -> None:
        """Queue an entry of a stream; where that is closed it is lost."""
        self.put_all([(name, entry)])

    def put_all(self, entries: Iterable[tuple[str, Entry]], wake: bool = True) -> None:
        """Queue entries of many streams; `wake` who waits for them."""
        with self._wake:
            for name, entry in entries:
                stream = self._streams.get(name)
                if stream is not None:
                    stream.put(entry)
                    self._ready[name] = stream
            if wake:
                self._wake.notify()

    def count_dropped(self, name: str, frames: int) -> None:
        """Count frames of a stream that were lost before they came here."""
        with self._wake:
            if name in self._streams:
                self._streams[name].dropped += frames

    def backlog(self, name: str) -> int:
        """Frames of a stream that wait; 0 where it is closed."""
        with self._wake:
            stream = self._streams.get(name)
            return 0 if stream is None else stream.backlog

    def infos(self) -> list[StreamInfo]:
        """All open streams as they are now."""
        with self._wake:
            return [stream.info() for stream in self._streams.values()]

    def __len__(self) -> int:
        return len(self._streams)

    def call(self) -> None:
        """Wake who waits."""
        with self._wake:
            self._called = True
            self._wake.notify()

    def wait(self, timeout_s: float) -> None:
        """Until an entry comes or somebody calls, at most so long."""
        with self._wake:
            if not (self._ready or self._called):
                self._wake.wait(timeout_s)
            self._called = False

    def take(self, now_ns: int) -> list[tuple[Stream, list[Entry]]]:
        """The streams that brought something, and what; now and then those that did not, too."""
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
                    self._streams.pop(stream.name, None)
                    self._ready.pop(stream.name, None)
