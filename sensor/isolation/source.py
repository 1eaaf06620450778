"""A source in a process of its own, so that a driver that crashes or hangs takes nothing down."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import PurePath

import msgspec

from sensor.errors import SensorError
from sensor.isolation.child import Child
from sensor.isolation.packets import FAILURE, FRAME, HELLO, Failure, Hello, unpack_frame
from sensor.skeleton import Frame
from sensor.source import SourceUri

OPEN_S = 60.0
"""How long an SDK may take to load."""
START_S = 30.0
"""How long the first frame may take; a source that needs longer says so in `start_s`."""
SILENCE_S = 2.5
"""How long a device may send nothing; a source that may be silent for longer says `silence_s`."""
FILE_SILENCE_S = 30.0


class IsolatedSource:
    """A `Source` that another process runs; see `isolated`.

    `frames()` raises SensorError where that process crashes, or sends no frame for too long, or
    raised one itself; called again it goes on in the same process where that found no device,
    else in a fresh one. `dropped` counts frames that this process was too slow for.
    """

    def __init__(
        self, uri: SourceUri, place: str, start_s: float = START_S, silence_s: float = SILENCE_S
    ) -> None:
        self.name = uri.name
        self._uri = uri
        self._place = place
        self._closed = threading.Event()
        self._reading = threading.Lock()
        self._child: Child | None = None
        self._dropped_before = 0
        self._dropped = 0
        self._idle = False
        self.restartable = False
        try:
            hello = self._hello(self._fresh())
        except SensorError:
            self.close()
            raise
        self.name, self.kind, self.note = hello.name, hello.kind, hello.note
        self.restartable = hello.restartable
        self.lossless = hello.lossless
        self._start_s = hello.start_s or start_s
        self._silence_s = hello.silence_s or (silence_s if hello.restartable else FILE_SILENCE_S)

    @property
    def dropped(self) -> int:
        """Frames that were left out because they came too fast."""
        return self._dropped_before + self._dropped

    @property
    def pid(self) -> int | None:
        """The process's id, None where there is none now."""
        return self._child.pid if self._child is not None else None

    def frames(self) -> Iterator[Frame]:
        """Yield frames until the source ends or `close`. Raises SensorError."""
        with self._reading:
            try:
                if not self._closed.is_set():
                    yield from self._turn()
            except SensorError:
                if not self._closed.is_set():
                    raise
            finally:
                if not self._idle or self._closed.is_set():
                    self._discard()

    def close(self) -> None:
        """End the process; `frames()` returns soon."""
        self._closed.set()
        if self._child is not None:
            self._child.stop()
        # Whoever reads frames at this moment sees the end, and clears up.
        if self._reading.acquire(blocking=False):
            self._discard()
            self._reading.release()

    def _turn(self) -> Iterator[Frame]:
        child = self._child
        if child is None or not child.alive:
            self._discard()
            child = self._fresh()
            self._hello(child)
        self._idle = False
        child.order()
        packet = self._read(child, self._start_s)
        first = True
        while packet[0] == FRAME:
            first = False
            frame, self._dropped = unpack_frame(packet[1], self.name)
            yield frame
            packet = self._read(child, self._silence_s)
        if packet[0] == FAILURE:
            self._idle = first and self.restartable
            raise msgspec.msgpack.decode(packet[1], type=Failure).error()

    def _fresh(self) -> Child:
        try:
            child = Child([self._place, self._uri.text], self.name)
        except OSError as error:
            raise SensorError(f"{self._who}: cannot start its process: {error.strerror}") from None
        self._child = child
        if self._closed.is_set():
            child.stop()
        return child

    def _hello(self, child: Child) -> Hello:
        kind, body = self._read(child, OPEN_S)
        if kind == HELLO:
            return msgspec.msgpack.decode(body, type=Hello)
        raise msgspec.msgpack.decode(body, type=Failure).error()

    def _read(self, child: Child, within_s: float) -> tuple[int, bytes]:
        packet = child.read(within_s)
        if packet is not None:
            return packet
        how = child.how_it_ended()
        if child.was_silent:
            problem = f"nothing came from it for {within_s:g} s"
            mend = "check its cable, and give it a USB port of its own"
        else:
            problem = f"its driver crashed ({how})"
            mend = "should this go on, unplug it, plug it in again, and see the log"
        if not self.restartable:
            raise SensorError(f"{self._who}: {problem}; the log says more")
        raise SensorError(f"{self._who}: {problem}; it is opened anew ({mend})")

    def _discard(self) -> None:
        if self._child is not None:
            self._child.dispose()
            self._child = None
        self._dropped_before += self._dropped
        self._dropped = 0

    @property
    def _who(self) -> str:
        return f"{self._uri.scheme}:{PurePath(self._uri.path).name}"
