"""The thread that reads a `Source` and queues its newest frames."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Literal

from sensor.errors import SensorError
from sensor.skeleton import Frame
from sensor.source import Source

log = logging.getLogger(__name__)

State = Literal["waiting", "live", "ended", "lost", "failed"]
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 2.0
"""A camera that is plugged in again is found within this time, so it is live within 5 s."""
STEADY_FRAMES = 60
"""A source that gave this many frames had recovered, so its next pause is short again."""


class CaptureThread:
    """Reads one source on a thread of its own.

    Frames are queued up to `capacity`. If the queue is full, the oldest frame is dropped and
    counted; a `lossless` source waits for room instead. Call `start` once, then `drain` whenever
    convenient, then `stop`.

    `on_state(state, message)` is called on the capture thread at each change: "live" with the first
    frame, "ended", "lost" with the error's text ("waiting" if no frame ever came), or "failed". A
    `restartable` source is opened again after a pause that doubles from 0.5 s to 2 s. `on_frame` is
    called after each queued frame. `wait` waits some seconds and returns whether to stop.
    """

    def __init__(
        self,
        source: Source,
        on_state: Callable[[State, str], None] = lambda state, message: None,
        on_frame: Callable[[], None] = lambda: None,
        capacity: int = 64,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self.source = source
        self.state: State = "waiting"
        self.message = ""
        self.captured = 0
        self.dropped = 0
        self._on_state = on_state
        self._on_frame = on_frame
        self._capacity = capacity
        self._frames: deque[Frame] = deque()
        self._room = threading.Condition()
        self._stopping = threading.Event()
        self._wait = wait or self._stopping.wait
        self._thread = threading.Thread(target=self.run, name=f"capture {source.name}", daemon=True)

    def start(self) -> None:
        """Start to read on the capture thread."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Close the source and wait for the thread. May be called again."""
        self._stopping.set()
        self.source.close()
        with self._room:
            self._room.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def drain(self) -> list[Frame]:
        """Take all queued frames, oldest first."""
        with self._room:
            frames = list(self._frames)
            self._frames.clear()
            self._room.notify_all()
        return frames

    def run(self) -> None:
        """Read until the source ends or fails for good, or until `stop`. Runs on the thread."""
        backoff_s = FIRST_BACKOFF_S
        while not self._stopping.is_set():
            before = self.captured
            try:
                self._read()
            except SensorError as error:
                if not getattr(self.source, "restartable", False):
                    self._become("failed", str(error))
                    return
                self._become("lost" if self.captured else "waiting", str(error))
            except Exception as error:
                log.exception("capture of %s failed", self.source.name)
                self._become("failed", f"{type(error).__name__}: {error}")
                return
            else:
                self._become("ended", "")
                return
            if self.captured - before >= STEADY_FRAMES:
                backoff_s = FIRST_BACKOFF_S
            if self._wait(backoff_s):
                return
            backoff_s = min(2 * backoff_s, LONGEST_BACKOFF_S)

    def _read(self) -> None:
        for frame in self.source.frames():
            if self._stopping.is_set():
                return
            self._queue(frame)
            if self.state != "live":
                self._become("live", "")
            self._on_frame()

    def _queue(self, frame: Frame) -> None:
        with self._room:
            if getattr(self.source, "lossless", False):
                self._room.wait_for(
                    lambda: len(self._frames) < self._capacity or self._stopping.is_set()
                )
            elif len(self._frames) >= self._capacity:
                self._frames.popleft()
                self.dropped += 1
            self._frames.append(frame)
            self.captured += 1

    def _become(self, state: State, message: str) -> None:
        if (state, message) != (self.state, self.message):
            self.state, self.message = state, message
            self._on_state(state, message)
