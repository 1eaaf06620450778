"""`video:FILE`, a video of people that is played like a camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sensor.cameras.pose.source import (
    ESTIMATOR_OPTIONS,
    FLAT_NOTE,
    VIEW_OPTIONS,
    Picture,
    PoseSource,
    View,
    estimator_of,
    opencv,
)
from sensor.cameras.replay import LOOP_GAP_NS, pace_of
from sensor.errors import RecordingError, SourceUriError
from sensor.source import SourceUri

LATE_NS = 50_000_000
"""A picture that is later than this is skipped."""
USUAL_HZ = 30.0
"""The rate of a file that states none."""


class Video:
    """The pictures of a video file, each when it is due.

    `pace` is as in `replay:`: N times as fast, or None for every picture as fast as it is taken.
    With a pace, late pictures are skipped and counted. `captured_ns` is the start on `clock` plus
    the file's own time, whatever the pace. With `loop` the file starts again after 1.5 s. Raises
    RecordingError if it cannot be decoded.
    """

    def __init__(
        self,
        path: Path,
        pace: float | None,
        loop: bool,
        wait: Callable[[float], bool],
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self.skipped = 0
        self._cv2 = opencv()
        self._path = path
        self._pace = pace
        self._loop = loop
        self._wait = wait
        self._clock = clock
        self._capture = self._open()
        rate_hz = self._capture.get(self._cv2.CAP_PROP_FPS)
        self._step_ns = round(1e9 / (rate_hz if 1 <= rate_hz <= 1000 else USUAL_HZ))
        self._start_ns: int | None = None
        self._turn_ns = 0
        self._at_ns = -self._step_ns

    def read(self) -> Picture | None:
        """Return the next picture that is not late; None at the end, or if `wait` says to stop."""
        while True:
            if not self._capture.grab() and not self._again():
                return None
            self._at_ns = self._time_ns()
            now_ns = self._clock()
            if self._start_ns is None:
                self._start_ns = now_ns
            if self._pace is not None:
                early_ns = self._start_ns + round(self._at_ns / self._pace) - now_ns
                if early_ns < -max(LATE_NS, self._step_ns):
                    self.skipped += 1
                    continue
                if early_ns > 0 and self._wait(early_ns / 1e9):
                    return None
            good, image = self._capture.retrieve()
            if good:
                rgb = self._cv2.cvtColor(image, self._cv2.COLOR_BGR2RGB)
                return Picture(rgb, self._start_ns + self._at_ns)

    def close(self) -> None:
        """Close the file."""
        self._capture.release()

    def _open(self) -> Any:
        capture = self._cv2.VideoCapture(str(self._path))
        if not capture.isOpened():
            raise RecordingError(f"video: {self._path} is not a video that OpenCV can decode")
        return capture

    def _again(self) -> bool:
        """Start the video again if it loops and has a first picture."""
        if not self._loop:
            return False
        self._capture.release()
        self._capture = self._open()
        self._turn_ns = self._at_ns + LOOP_GAP_NS
        return bool(self._capture.grab())

    def _time_ns(self) -> int:
        """Return the grabbed picture's time: the file's, or one step later if it has none."""
        told_ns = self._turn_ns + round(self._capture.get(self._cv2.CAP_PROP_POS_MSEC) * 1e6)
        return told_ns if told_ns > self._at_ns else self._at_ns + self._step_ns


def open_video(uri: SourceUri) -> PoseSource:
    """Open `video:FILE`; options pace, loop, model, people, fov, height, mirror.

    Raises SourceUriError for a wrong option, RecordingError for a file that cannot be decoded,
    SensorError if MediaPipe or its model is missing.
    """
    uri.check_options(("pace", "loop", *ESTIMATOR_OPTIONS, *VIEW_OPTIONS))
    if not uri.path:
        raise SourceUriError(f"{uri.text}: names no file; write video:FILE")
    path = Path(uri.path).expanduser()
    if not path.is_file():
        raise RecordingError(f"video: {path} does not exist")
    pace, loop, view = pace_of(uri), uri.flag("loop", False), View.of(uri)
    estimator = estimator_of(uri)

    def pictures(closed: threading.Event) -> Video:
        return Video(path, pace, loop, closed.wait)

    pictures(threading.Event()).close()
    return PoseSource(uri, pictures, estimator, view, FLAT_NOTE, False, pace is None)
