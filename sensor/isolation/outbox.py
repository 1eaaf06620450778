"""The sending side of a pipe. It drops old frames and limits the rate."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import BinaryIO

from sensor.isolation.packets import pack_frame
from sensor.skeleton import Frame

QUEUED = 64
"""Frames that may be queued, and that may be sent at once after a pause; 2 s of one camera."""
MOST_HZ = 240.0
"""Higher than the rate of any camera; a source that is faster has a fault."""


class Outbox:
    """Sends frames on a thread of its own, so that the source never waits.

    If `QUEUED` frames are queued, all of them are dropped and counted when the next one comes. At
    most `most_hz` frames are sent per second, apart from a burst after a pause; None sets no limit.
    `clock` returns seconds.
    """

    def __init__(
        self,
        pipe: BinaryIO,
        most_hz: float | None = MOST_HZ,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.dropped = 0
        self._pipe = pipe
        self._most_hz = most_hz
        self._clock = clock
        self._credit = float(QUEUED)
        self._credited_s = clock()
        self._frames: deque[Frame] = deque()
        self._change = threading.Condition()
        self._sending = False
        self._broken = False
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Start to send."""
        self._thread.start()

    def put(self, frame: Frame) -> None:
        """Queue a frame. Returns at once."""
        with self._change:
            if len(self._frames) >= QUEUED:
                self.dropped += len(self._frames)
                self._frames.clear()
            self._frames.append(frame)
            self._change.notify_all()

    def flush(self) -> None:
        """Wait until all queued frames were sent, or the reader is gone."""
        with self._change:
            self._change.wait_for(lambda: self._broken or not (self._frames or self._sending))

    def _run(self) -> None:
        while True:
            with self._change:
                self._sending = False
                self._change.notify_all()
                self._change.wait_for(lambda: self._frames)
                while (pause_s := self._pause_s()) > 0:
                    self._change.wait(pause_s)
                frame = self._frames.popleft()
                self._sending = True
            try:
                self._pipe.write(pack_frame(frame, self.dropped))
                self._pipe.flush()
            except OSError:
                with self._change:
                    self._broken = True
                    self._change.notify_all()
                return

    def _pause_s(self) -> float:
        """Return the wait before the next frame may be sent; 0 uses up one frame of credit."""
        if self._most_hz is None:
            return 0.0
        now_s = self._clock()
        earned = (now_s - self._credited_s) * self._most_hz
        self._credit = min(float(QUEUED), self._credit + earned)
        self._credited_s = now_s
        if self._credit < 1:
            return (1 - self._credit) / self._most_hz
        self._credit -= 1
        return 0.0
