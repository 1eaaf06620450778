"""`TrackedSource`: frames of a camera or recording whose captures go through the body tracker."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

from sensor.cameras.azure_kinect.body_tracking import (
    BodyTracker,
    CaptureFeed,
    TrackerTimeouts,
    TrackingSession,
)
from sensor.skeleton import Frame


class TrackedSource:
    """A `Source` of skeletons. Each call of `frames()` opens a feed of captures and a body tracker.

    `open_feed` and `open_tracker` (which takes the feed's calibration) raise SensorError. `start_s`
    and `silence_s` (None: the default) are the longest waits for the first and for any later frame.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        open_feed: Callable[[], CaptureFeed],
        open_tracker: Callable[[bytes], BodyTracker],
        note: str = "",
        restartable: bool = False,
        lossless: bool = False,
        timeouts: TrackerTimeouts | None = None,
        silence_s: float | None = None,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.kind = kind
        self.note = note
        self.restartable = restartable
        self.lossless = lossless
        self.session: TrackingSession | None = None
        self._open_feed = open_feed
        self._open_tracker = open_tracker
        self._timeouts = timeouts or TrackerTimeouts()
        self.start_s = self._timeouts.start_s
        self.silence_s = silence_s
        self._sequence = itertools.count()
        self._clock_s = clock_s
        self._closed = False
        self._stop = threading.Event()

    def frames(self) -> Iterator[Frame]:
        """Open the feed and the tracker, and yield frames. Raises SensorError."""
        self._stop = stop = threading.Event()
        if self._closed:
            return
        with closing(self._open_feed()) as feed:

            def open_tracker() -> BodyTracker:
                return self._open_tracker(feed.calibration)

            self.session = TrackingSession(
                self.name, feed, open_tracker, stop, self._timeouts, self._sequence, self._clock_s
            )
            yield from self.session.frames()

    def close(self) -> None:
        """Make `frames` return soon; may be called from any thread."""
        self._closed = True
        self._stop.set()
