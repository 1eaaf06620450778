"""Reads a source on a thread of its own, and pushes its frames and states into a stream."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sensor.capture import CaptureThread, State
from sensor.source import Source
from service.engine.ports import FrameSink

log = logging.getLogger(__name__)

_PAUSE_S = 0.005


class SourceReader:
    """Pushes the frames and states of a source into `stream`.

    `warn` is called once for each problem of the source, and once when it has recovered.
    """

    def __init__(
        self, stream: FrameSink, source: Source, warn: Callable[[str], None] = log.warning
    ) -> None:
        self._stream = stream
        self._source = source
        self._warn = warn
        self._stopping = threading.Event()
        self._dropped = 0
        self._has_problem = False
        self._capture = CaptureThread(source, self._change, self._push)

    @property
    def state(self) -> State:
        """The state of the source."""
        return self._capture.state

    @property
    def message(self) -> str:
        """The reason for the state, if there is one."""
        return self._capture.message

    def start(self) -> None:
        """Start to read."""
        self._capture.start()

    def stop(self) -> None:
        """Close the source and end the thread."""
        self._stopping.set()
        self._capture.stop()

    def _change(self, state: State, message: str) -> None:
        self._report(state, message)
        if state != "live":  # the frames themselves make the stream live
            self._stream.change(state, message or self._source.note)

    def _report(self, state: State, message: str) -> None:
        if message:
            self._warn(f"stream {self._stream.name} is {state}: {message}")
        elif self._has_problem and state == "live":
            self._warn(f"stream {self._stream.name} is live again")
        self._has_problem = bool(message)

    def _push(self) -> None:
        for frame in self._capture.drain():
            self._stream.push(frame)
            while self._stream.is_behind(frame.captured_ns):
                if self._stopping.wait(_PAUSE_S):
                    break
        dropped = self._capture.dropped + getattr(self._source, "dropped", 0)
        if dropped > self._dropped:
            self._stream.count_dropped(dropped - self._dropped)
            self._dropped = dropped
