"""One source's way into the engine: its frames, its states, and the frames that were dropped."""

from __future__ import annotations

import logging
import threading

from sensor.capture import Capture, State
from sensor.source import Source
from service.engine.ports import Inference

log = logging.getLogger(__name__)

_PAUSE_S = 0.005


class Feed:
    """Reads a source on a thread of its own and carries what comes to the stream `name`.

    What goes wrong with the source, and that it is well again, is logged once each time.
    """

    def __init__(self, engine: Inference, name: str, source: Source) -> None:
        self._engine = engine
        self._name = name
        self._source = source
        self._stopping = threading.Event()
        self._dropped = 0
        self._troubled = False
        self._capture = Capture(source, self._tell, self._carry)

    def start(self) -> None:
        """Begin to read."""
        self._capture.start()

    def stop(self) -> None:
        """Close the source, and end the thread."""
        self._stopping.set()
        self._capture.stop()

    def _tell(self, state: State, message: str) -> None:
        self._log(state, message)
        if state != "live":  # the engine sees for itself when frames come
            self._engine.change(self._name, state, message or self._source.note)

    def _log(self, state: State, message: str) -> None:
        if message:
            log.warning("stream %s is %s: %s", self._name, state, message)
        elif self._troubled and state == "live":
            log.warning("stream %s is live again", self._name)
        self._troubled = bool(message)

    def _carry(self) -> None:
        for frame in self._capture.drain():
            self._engine.push(self._name, frame)
            while self._engine.is_behind(self._name, frame.captured_ns) and not self._stopping.wait(
                _PAUSE_S
            ):
                pass
        dropped = self._capture.dropped + getattr(self._source, "dropped", 0)
        if dropped > self._dropped:
            self._engine.count_dropped(self._name, dropped - self._dropped)
            self._dropped = dropped
