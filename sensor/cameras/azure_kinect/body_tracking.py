"""Turns captures into frames: one thread feeds the body tracker, the reader's takes its results."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from sensor.cameras.azure_kinect.k4a import Library
from sensor.cameras.azure_kinect.k4abt import Result
from sensor.errors import SensorError
from sensor.skeleton import AZURE_KINECT, Frame

log = logging.getLogger(__name__)

WAIT_MS = 100
JOIN_S = 5.0


@dataclass(frozen=True)
class Capture:
    """A capture's handle, which is valid until the next one is requested, and its times."""

    handle: int
    device_usec: int
    captured_ns: int


class CaptureFeed(Protocol):
    """An opened camera or recording that yields captures.

    `captures()` yields captures with depth and infrared, and releases each exactly once. It ends
    when the recording ends or `stop` is set, and raises SensorError if the camera is lost. If
    `waits_for_tracker` is False, captures are dropped while the tracker's queue is full.
    """

    library: Library
    calibration: bytes
    waits_for_tracker: bool

    def captures(self, stop: threading.Event) -> Generator[Capture, None, None]:
        """Yield captures."""
        ...

    def close(self) -> None:
        """Release the camera or file."""
        ...


class BodyTracker(Protocol):
    """The interface of `k4abt.Tracker`."""

    def enqueue(self, capture: int, timeout_ms: int) -> bool | None:
        """Return True if the capture was taken, None if the queue stayed full, False if refused."""
        ...

    def pop(self, timeout_ms: int) -> Result | None:
        """Return the next result, None if there is none in time. Raises SensorError."""
        ...

    def close(self) -> None:
        """Free the tracker."""
        ...


@dataclass(frozen=True)
class TrackerTimeouts:
    """How long, in seconds, the tracker may give no result while captures wait for one.

    The first result takes long, since the tracker loads its network. The source is lost after
    `restarts` new trackers in a row without a result.
    """

    first_s: float = 30.0
    silent_s: float = 1.5
    restarts: int = 3

    @property
    def start_s(self) -> float:
        """How long a source's first frame may take: opening, then the first result."""
        return self.first_s + 15.0


class TrackingSession:
    """Runs a feed through a tracker and yields one frame per result.

    A tracker that fails, or gives no result for too long, is replaced by a new one. `refused`
    counts captures that the tracker refused, `dropped` those that found its queue full, and
    `restarted` the new trackers.
    """

    def __init__(
        self,
        name: str,
        feed: CaptureFeed,
        open_tracker: Callable[[], BodyTracker],
        stop: threading.Event,
        timeouts: TrackerTimeouts,
        sequence: Iterator[int],
        clock_s: Callable[[], float],
    ) -> None:
        self.refused = self.dropped = self.restarted = 0
        self._name = name
        self._feed = feed
        self._open_tracker = open_tracker
        self._stop = stop
        self._timeouts = timeouts
        self._sequence = sequence
        self._clock_s = clock_s
        self._tracker = open_tracker()
        self._tracker_lock = threading.Lock()
        self._pending: deque[tuple[int, Capture]] = deque()
        self._waiting_since_s: float | None = None
        self._allowed_s = timeouts.first_s
        self._restarts_in_a_row = 0
        self._feed_ended = threading.Event()
        self._error: SensorError | None = None

    def frames(self) -> Iterator[Frame]:
        """Yield frames until the feed ends or `stop` is set. Raises SensorError."""
        feeder = threading.Thread(target=self._feed_all, name=f"feed {self._name}", daemon=True)
        feeder.start()
        try:
            while not self._stop.is_set() and not self._is_done():
                result, broken = self._take()
                if result is not None:
                    self._restarts_in_a_row, self._allowed_s = 0, self._timeouts.silent_s
                    yield from self._frame(result)
                elif broken or self._is_silent():
                    if self._feed_ended.is_set():
                        log.warning("%s: %d captures got no result", self._name, len(self._pending))
                        break
                    self._replace_tracker()
        finally:
            self._stop.set()
            feeder.join(JOIN_S)
            if not feeder.is_alive():  # if it hangs inside the tracker, freeing that would crash
                self._tracker.close()
        if self._error is not None:
            raise self._error

    def _feed_all(self) -> None:
        try:
            with closing(self._feed.captures(self._stop)) as captures:
                for capture in captures:
                    self._offer(next(self._sequence), capture)
        except SensorError as error:
            self._error = error
        except Exception as error:
            log.exception("%s: reading captures failed", self._name)
            self._error = SensorError(f"{self._name}: {type(error).__name__}: {error}")
        finally:
            self._feed_ended.set()

    def _offer(self, number: int, capture: Capture) -> None:
        entry = (number, capture)
        while not self._stop.is_set():
            if self._waiting_since_s is None:
                self._waiting_since_s = self._clock_s()
            taken = self._enqueue(entry)
            if taken is not None or not self._feed.waits_for_tracker:
                self.refused += taken is False
                self.dropped += taken is None
                return
            self._stop.wait(0.001)  # lets `_replace_tracker` take the lock

    def _enqueue(self, entry: tuple[int, Capture]) -> bool | None:
        with self._tracker_lock:
            self._pending.append(entry)  # before its result can arrive
            taken = self._tracker.enqueue(entry[1].handle, WAIT_MS)
            if not taken and self._pending and self._pending[-1] is entry:
                self._pending.pop()
        return taken

    def _is_done(self) -> bool:
        return self._feed_ended.is_set() and (not self._pending or self._error is not None)

    def _take(self) -> tuple[Result | None, bool]:
        """Return a result if there is one in time, and whether the tracker is broken."""
        try:
            return self._tracker.pop(WAIT_MS), False
        except SensorError:
            return None, True

    def _is_silent(self) -> bool:
        if self._waiting_since_s is None:
            self._waiting_since_s = self._clock_s() if self._pending else None
        since_s = self._waiting_since_s
        return since_s is not None and self._clock_s() - since_s > self._allowed_s

    def _frame(self, result: Result) -> Iterator[Frame]:
        """Yield the frame of a result; none if the result belongs to no pending capture."""
        entry = None
        while self._pending and entry is None:
            first = self._pending.popleft()
            entry = first if first[1].device_usec == result.device_usec else None
        self._waiting_since_s = self._clock_s() if self._pending else None
        if entry is not None:
            number, capture = entry
            yield Frame(self._name, number, capture.captured_ns, result.bodies, AZURE_KINECT)

    def _replace_tracker(self) -> None:
        self._restarts_in_a_row += 1
        if self._restarts_in_a_row > self._timeouts.restarts:
            raise SensorError(
                f"{self._name}: the body tracker gives no result, and restarting it "
                f"{self._timeouts.restarts} times did not help; try mode=cpu, or another mode"
            )
        log.warning("%s: the body tracker gives no result and is restarted", self._name)
        if not self._tracker_lock.acquire(timeout=JOIN_S):
            raise SensorError(f"{self._name}: the body tracker hangs")
        try:
            self._tracker.close()
            self._pending.clear()
            self._tracker = self._open_tracker()
            self.restarted += 1
            self._waiting_since_s = None
            self._allowed_s = self._timeouts.first_s
        finally:
            self._tracker_lock.release()
