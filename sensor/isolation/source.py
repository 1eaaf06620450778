"""`IsolatedSource`: a source whose driver runs in another process and can harm nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import PurePath

import msgspec

from sensor.errors import SensorError
from sensor.isolation.child import Child, worker_command
from sensor.isolation.packets import FAILURE, FRAME, INFO, Failure, SourceInfo, unpack_frame
from sensor.skeleton import Frame
from sensor.source import SourceUri

OPEN_S = 60.0
"""How long an SDK may take to load."""
START_S = 30.0
"""How long the first frame may take; a source that needs longer sets `start_s`."""
SILENCE_S = 2.5
"""How long a device may send nothing; a source that may pause for longer sets `silence_s`."""
FILE_SILENCE_S = 30.0
"""The same for a recording."""


class IsolatedSource:
    """A `Source` that another process runs.

    `entry_point` is the `module:function` that opens the source for `uri` in that process. The
    constructor returns once the source is open there. It raises the SensorError that was raised
    there, or one that says how the process ended.

    `frames()` raises SensorError if the process crashes, sends nothing for too long, or reports an
    error. Called again, it uses the same process if that had found no device, else a new one.
    `dropped` counts the frames that were dropped because this side was too slow.
    """

    def __init__(
        self,
        uri: SourceUri,
        entry_point: str,
        start_s: float = START_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.name = uri.name
        self._uri = uri
        self._entry_point = entry_point
        self._closed = threading.Event()
        self._reading = threading.Lock()
        self._child: Child | None = None
        self._dropped_before = 0
        self._dropped = 0
        self._reusable = False
        self.restartable = False
        try:
            info = self._read_info(self._start_child())
        except SensorError:
            self.close()
            raise
        self.name, self.kind, self.note = info.name, info.kind, info.note
        self.restartable = info.restartable
        self.lossless = info.lossless
        self._start_s = info.start_s or start_s
        self._silence_s = info.silence_s or (silence_s if info.restartable else FILE_SILENCE_S)

    @property
    def dropped(self) -> int:
        """Frames that were dropped because they came too fast."""
        return self._dropped_before + self._dropped

    @property
    def pid(self) -> int | None:
        """The id of the process, None if there is none now."""
        return self._child.pid if self._child is not None else None

    def frames(self) -> Iterator[Frame]:
        """Yield frames until the source ends or `close` is called. Raises SensorError."""
        with self._reading:
            try:
                if not self._closed.is_set():
                    yield from self._read_frames()
            except SensorError:
                if not self._closed.is_set():
                    raise
            finally:
                if not self._reusable or self._closed.is_set():
                    self._dispose_child()

    def close(self) -> None:
        """End the process; `frames()` returns soon."""
        self._closed.set()
        if self._child is not None:
            self._child.stop()
        # If a thread is reading frames now, it sees the end and cleans up itself.
        if self._reading.acquire(blocking=False):
            self._dispose_child()
            self._reading.release()

    def _read_frames(self) -> Iterator[Frame]:
        child = self._child
        if child is None or not child.alive:
            self._dispose_child()
            child = self._start_child()
            self._read_info(child)
        self._reusable = False
        child.request_frames()
        packet = self._read(child, self._start_s)
        first = True
        while packet[0] == FRAME:
            first = False
            frame, self._dropped = unpack_frame(packet[1], self.name)
            yield frame
            packet = self._read(child, self._silence_s)
        if packet[0] == FAILURE:
            self._reusable = first and self.restartable
            raise msgspec.msgpack.decode(packet[1], type=Failure).error()

    def _start_child(self) -> Child:
        try:
            child = Child(worker_command(self._entry_point, self._uri.text), self.name)
        except OSError as error:
            raise SensorError(
                f"{self._label}: cannot start its process: {error.strerror}"
            ) from None
        self._child = child
        if self._closed.is_set():
            child.stop()
        return child

    def _read_info(self, child: Child) -> SourceInfo:
        kind, body = self._read(child, OPEN_S)
        if kind == INFO:
            return msgspec.msgpack.decode(body, type=SourceInfo)
        raise msgspec.msgpack.decode(body, type=Failure).error()

    def _read(self, child: Child, within_s: float) -> tuple[int, bytes]:
        packet = child.read(within_s)
        if packet is not None:
            return packet
        how = child.exit_reason()
        if child.timed_out:
            problem = f"it sent nothing for {within_s:g} s"
            remedy = "check its cable, and give it a USB port of its own"
        else:
            problem = f"its driver crashed ({how})"
            remedy = "if this persists, unplug it, plug it in again, and read the log"
        if not self.restartable:
            raise SensorError(f"{self._label}: {problem}; see the log")
        raise SensorError(f"{self._label}: {problem}; it is being reopened ({remedy})")

    def _dispose_child(self) -> None:
        if self._child is not None:
            self._child.dispose()
            self._child = None
        self._dropped_before += self._dropped
        self._dropped = 0

    @property
    def _label(self) -> str:
        return f"{self._uri.scheme}:{PurePath(self._uri.path).name}"
