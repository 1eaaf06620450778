"""`mkv:PATH`: a recording of k4arecorder, played through the body tracker as if it were a camera.

The vendor's playback reads it where pyk4a can be used, else PyAV does, with no vendor library.
"""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from sensor.cameras.azure_kinect import k4a, k4abt
from sensor.cameras.azure_kinect.body_tracking import Capture
from sensor.cameras.azure_kinect.mkv_reader import MkvReader
from sensor.cameras.azure_kinect.options import (
    TENSORRT_NOTE,
    TRACKER_OPTIONS,
    choice,
    load_k4a,
    patience_of,
    tracker_settings,
)
from sensor.cameras.azure_kinect.pyk4a import (
    calibration_in,
    give_none_back,
    handle_in,
    import_pyk4a,
)
from sensor.cameras.azure_kinect.source import TrackedSource
from sensor.cameras.replay import LOOP_GAP_NS, pace_of
from sensor.errors import RecordingError, SensorError, SourceUriError
from sensor.source import SourceUri

OPTIONS = ("pace", "loop", "reader", *TRACKER_OPTIONS)
READERS = ("auto", "vendor", "av")


class Captures(Protocol):
    """An opened file: handles, each of which is released once by whoever takes it."""

    calibration: bytes

    def read(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield each capture's handle from the start of the file, and what releases it."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class VendorCaptures:
    """The vendor's playback, through pyk4a. Raises RecordingError."""

    def __init__(self, path: Path) -> None:
        self._pyk4a = import_pyk4a()
        self._playback = self._pyk4a.PyK4APlayback(path, thread_safe=False)
        try:
            self._playback.open()
            self.calibration = calibration_in(self._playback.calibration)
        except self._pyk4a.K4AException:
            give_none_back()
            raise RecordingError(f"mkv: {path}: not a recording of k4arecorder") from None

    def read(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield each capture's handle from the start of the file, and what releases it."""
        self._playback.seek(0)
        while True:
            try:
                capture = [self._playback.get_next_capture()]
            except EOFError:
                give_none_back()
                return
            except self._pyk4a.K4AException:
                give_none_back()
                raise RecordingError(f"mkv: {self._playback.path}: damaged") from None
            # The capsule in it releases the handle when nobody holds it any more.
            yield handle_in(capture[0]._capture_handle, b"pyk4a capture handle"), capture.clear

    def close(self) -> None:
        """Close the file."""
        self._playback.close()


class AvCaptures:
    """PyAV reads the file, and libk4a makes captures of its images. Raises RecordingError."""

    def __init__(self, path: Path, library: k4a.Library) -> None:
        self._reader = MkvReader(path)
        self._library = library
        raw, mode, color = self._reader.calibration, self._reader.depth_mode, self._reader.color
        self.calibration = library.calibration(raw, mode, color)

    def read(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield each capture's handle from the start of the file, and what releases it."""
        for picture in self._reader.pictures():
            handle = self._library.make_capture(
                picture.device_usec, picture.depth_mm, picture.infrared
            )
            yield handle, partial(self._library.release_capture, handle)

    def close(self) -> None:
        """Nothing is open between turns."""


class RecordingFeed:
    """Plays a file at `pace` (None: as fast as the tracker takes), again and again with `loop`.

    Time goes by as recorded whatever the pace, and 1.5 s lie between two turns. `wait` waits
    seconds and says whether to stop; None takes the stop event's own.
    """

    patient = True

    def __init__(
        self,
        library: k4a.Library,
        captures: Captures,
        pace: float | None,
        loop: bool,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self.library = library
        self.calibration = captures.calibration
        self.skipped = 0
        self._captures = captures
        self._pace = pace
        self._loop = loop
        self._clock_ns = clock_ns
        self._wait = wait

    def captures(self, stop: threading.Event) -> Generator[Capture, None, None]:
        """Yield captures with depth and infrared, each when it is due. Raises RecordingError."""
        wait = self._wait or stop.wait
        start_ns = self._clock_ns()
        turn_ns = at_ns = 0
        first_usec: int | None = None
        while True:
            count = 0
            for handle, usec in self._whole():
                first_usec = usec if first_usec is None else first_usec
                at_ns = turn_ns + 1000 * (usec - first_usec)
                if self._pace is not None:
                    late_s = (start_ns + at_ns / self._pace - self._clock_ns()) / 1e9
                    if late_s > 0 and wait(late_s):
                        return
                if stop.is_set():
                    return
                count += 1
                yield Capture(handle, usec, start_ns + at_ns)
            if not count:
                raise RecordingError("mkv: the recording has no capture with depth and infrared")
            if not self._loop:
                return
            turn_ns = at_ns + LOOP_GAP_NS

    def _whole(self) -> Iterator[tuple[int, int]]:
        """Handle and device time of each capture that has depth and infrared."""
        for handle, release in self._captures.read():
            try:
                usec = self.library.depth_usec(handle)
                if usec is None:
                    self.skipped += 1
                else:
                    yield handle, usec
            finally:
                release()

    def close(self) -> None:
        """Close the file."""
        self._captures.close()


def open_mkv(uri: SourceUri) -> TrackedSource:
    """Open `mkv:PATH?pace=1&loop=false&reader=auto` with the tracker's options.

    Raises SourceUriError for a wrong option, RecordingError for a file that cannot be read, and
    SensorError where a library is missing.
    """
    uri.check_options(OPTIONS)
    if not uri.path:
        raise SourceUriError(f"{uri.text}: names no file; write mkv:PATH")
    path = Path(uri.path).expanduser()
    if not path.is_file():
        raise RecordingError(f"mkv: {path}: no such file")
    pace, loop = pace_of(uri), uri.flag("loop", False)
    reader = choice(uri, "reader", READERS)
    settings = tracker_settings(uri)
    library = load_k4a(uri, settings)
    if reader == "auto":
        reader = choose_reader(library)
    if reader == "vendor":
        VendorCaptures(path).close()
    else:
        AvCaptures(path, library).close()

    def open_feed() -> RecordingFeed:
        vendor = reader == "vendor"
        captures = VendorCaptures(path) if vendor else AvCaptures(path, library)
        return RecordingFeed(library, captures, pace, loop)

    return TrackedSource(
        uri.name,
        "mkv",
        open_feed,
        lambda calibration: k4abt.Tracker(settings, calibration),
        TENSORRT_NOTE if settings.mode == "tensorrt" else "",
        lossless=pace is None,
        patience=patience_of(settings),
    )


def choose_reader(library: k4a.Library) -> str:
    """Who reads a file: the vendor's playback in pyk4a, which fits the libk4a that pyk4a brings.

    With another libk4a, or where pyk4a cannot be imported, PyAV does.
    """
    if library.path.parent not in k4a.wheel_folders() and importlib.util.find_spec("av"):
        return "av"
    try:
        import_pyk4a()
    except SensorError:
        return "av"
    return "vendor"
