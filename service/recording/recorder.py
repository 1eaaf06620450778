"""Records one stream to a file, on its own thread, so that the live path never waits for it."""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sensor.formats.mcap.writer import McapFile
from sensor.skeleton import Frame
from service.publish.subscription import Wants
from service.recording.mcap_topics import RECORDED_KINDS, Entry, Topics
from service.wire.answers import RecordingInfo
from service.wire.encoding import Envelope
from service.wire.messages import StatusMessage

log = logging.getLogger(__name__)

FLUSH_S = 0.4
"""Recorded data is flushed to the disk this often."""
LINGER_S = 1.0
"""After the last frame, messages about it are recorded for this long."""
QUEUE = 4096
"""At most this many frames and messages wait for the disk: about a minute of one camera."""
MARGIN_BYTES = 128 * 1024
"""A recording ends this far below its size limit, so that its last message stays within it."""
KEPT = "the recording until then is kept"


@dataclass(frozen=True)
class _End:
    state: Literal["finished", "failed"]
    note: str


class Recorder:
    """Writes frames and messages to a new MCAP file, within limits.

    Call `start`, later `finish`, and then `join`. Any thread may call `put`, `offer` and `finish`,
    which never block. The recording ends at `finish`, when its stream ends, after `seconds` of
    captured time, or at `max_bytes`. It fails if the disk is full or slower than the stream, and
    calls `warn` with the reason. `on_end` is called on the recorder's thread after the end. Raises
    RecordingError if the package mcap is missing, OSError if the file cannot be made.
    """

    def __init__(
        self,
        path: Path,
        stream: str,
        max_bytes: int,
        seconds: float | None = None,
        facts: Mapping[str, str] | None = None,
        capacity: int = QUEUE,
        clock_s: Callable[[], float] = time.monotonic,
        warn: Callable[[str], None] = log.warning,
        on_end: Callable[[Recorder], None] = lambda recorder: None,
    ) -> None:
        self.path = path
        self.stream = stream
        self.wants = Wants(frozenset({stream}), RECORDED_KINDS)
        self._on_end = on_end
        self._max_bytes = max_bytes
        self._length_ns = None if seconds is None else round(seconds * 1e9)
        self._capacity = capacity
        self._clock_s = clock_s
        self._warn = warn
        self._entries: deque[Entry] = deque()
        self._ready = threading.Condition()
        self._ending: _End | None = None
        self._ended: _End | None = None
        self._lingers: tuple[float, str] | None = None
        self._flushed_s = clock_s()
        self._first_ns = self._last_ns = self._frames = 0
        self._file = McapFile(path, {"stream": stream, **(facts or {})})
        self._topics = Topics(self._file, time.time_ns() - time.monotonic_ns())
        self._thread = threading.Thread(target=self.run, name=f"recorder {stream}", daemon=True)

    def start(self) -> None:
        """Start the recorder's thread, which writes."""
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Queue a frame or message. It is ignored once the recording ends."""
        with self._ready:
            if self._ending is not None:
                return
            if len(self._entries) >= self._capacity:
                self._ending = _End("failed", f"the disk is slower than the stream; {KEPT}")
            else:
                self._entries.append(entry)
            self._ready.notify()

    def offer(self, envelope: Envelope) -> None:
        """Queue a message from the bus."""
        self.put(envelope.message)

    def finish(self, note: str = "", state: Literal["finished", "failed"] = "finished") -> None:
        """End the recording after the queued entries. Only the first call counts."""
        with self._ready:
            self._ending = self._ending or _End(state, note)
            self._ready.notify()

    def join(self, timeout_s: float = 10.0) -> None:
        """Wait until the file is closed."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def backlog(self) -> int:
        """The number of queued frames and messages."""
        return len(self._entries)

    @property
    def takes_frames(self) -> bool:
        """Whether further frames would be recorded."""
        return self._ending is None and self._ended is None and self._lingers is None

    def info(self) -> RecordingInfo:
        """Return the recording as it is now."""
        end = self._ended
        return RecordingInfo(
            name=self.path.name,
            stream=self.stream,
            state="recording" if end is None else end.state,
            note="" if end is None else end.note,
            bytes=self._file.written,
            seconds=round((self._last_ns - self._first_ns) / 1e9, 3),
            frames=self._frames,
        )

    def run(self) -> None:
        """Write until the end. The thread runs this."""
        end = _End("failed", f"something went wrong inside the service; {KEPT}")
        try:
            while not self.step():
                pass
            self._file.close()
            end = self._ending or end
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            reason = "the disk is full" if full else f"the disk refused: {error.strerror or error}"
            end = _End("failed", f"{reason}; {KEPT}")
        finally:
            self._file.abandon()
            if end.state == "failed":
                self._warn(f"recording {self.path.name}: {end.note}")
            with self._ready:
                self._ending = self._ended = end
                self._entries.clear()
            self._on_end(self)

    def step(self) -> bool:
        """Write the queued entries, or wait a moment for some; return True at the end."""
        with self._ready:
            if not self._entries and self._ending is None:
                self._ready.wait(FLUSH_S)
            entries = list(self._entries)
            self._entries.clear()
            last = self._ending is not None
        for entry in entries:
            if not self._write(entry):
                return True
        now_s = self._clock_s()
        if now_s - self._flushed_s >= FLUSH_S:
            self._file.flush()
            self._flushed_s = now_s
        if self._lingers is not None and now_s >= self._lingers[0]:
            self.finish(self._lingers[1])
        return last

    def _write(self, entry: Entry) -> bool:
        """Write one entry, but no frame after the last; return False if the file is full."""
        if isinstance(entry, Frame):
            if self._lingers is not None or self._is_late(entry):
                return True
            self._last_ns = entry.captured_ns
            self._frames += 1
        self._topics.write(entry)
        if isinstance(entry, StatusMessage) and entry.stream.state == "ended":
            self._linger("the stream has ended")
        if self._file.size + MARGIN_BYTES >= self._max_bytes:
            self.finish(f"it has reached {self._max_bytes // 2**20} MiB, the largest size allowed")
            return False
        return True

    def _is_late(self, frame: Frame) -> bool:
        if self._frames == 0:
            self._first_ns = frame.captured_ns
        if self._length_ns is None or frame.captured_ns - self._first_ns <= self._length_ns:
            return False
        self._linger("it has the length that was asked for")
        return True

    def _linger(self, note: str) -> None:
        if self._lingers is None:
            self._lingers = self._clock_s() + LINGER_S, note
