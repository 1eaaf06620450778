"""`mkv:PATH`, a recording of k4arecorder, played through the body tracker like a camera.

The vendor's playback reads it if pyk4a can be used, else PyAV does, without the vendor's library.
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
    timeouts_of,
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


class CaptureReader(Protocol):
    """An opened file that yields handles; the caller releases each one once."""

    calibration: bytes

    def read(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield each capture's handle from the start of the file, and a function to release it."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class VendorReader:
    """Reads with the vendor's playback, through pyk4a. Raises RecordingError."""

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
        """Yield each capture's handle from the start of the file, and a function to release it."""
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
            # The handle is released when its capsule, held by this list, is deleted.
            yield handle_in(capture[0]._capture_handle, b"pyk4a capture handle"), capture.clear

    def close(self) -> None:
        """Close the file."""
        self._playback.close()


class AvReader:
    """Reads images with PyAV, and makes captures of them with libk4a. Raises RecordingError."""

    def __init__(self, path: Path, library: k4a.Library) -> None:
        self._reader = MkvReader(path)
        self._library = library
        raw, mode, color = self._reader.calibration, self._reader.depth_mode, self._reader.color
        self.calibration = library.calibration(raw, mode, color)

    def read(self) -> Iterator[tuple[int, Callable[[], None]]]:
        """Yield each capture's handle from the start of the file, and a function to release it."""
        for images in self._reader.captures():
            handle = self._library.make_capture(
                images.device_usec, images.depth_mm, images.infrared
            )
            yield handle, partial(self._library.release_capture, handle)

    def close(self) -> None:
        """Do nothing, since the file is only open in `read`."""


class RecordingFeed:
    """Plays a file at `pace` (None: as fast as the tracker takes captures), repeatedly with `loop`.

    Times are as recorded, whatever the pace, with 1.5 s between two turns. `wait` waits some
    seconds and returns whether to stop; None waits on the stop event.
    """

    waits_for_tracker = True

    def __init__(
        self,
        library: k4a.Library,
        captures: CaptureReader,
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
        """Yield handle and device time of each capture with depth and infrared."""
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

    Raises SourceUriError for a wrong option, RecordingError for a file that cannot be read,
    SensorError if a library is missing.
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
        VendorReader(path).close()
    else:
        AvReader(path, library).close()

    def open_feed() -> RecordingFeed:
        vendor = reader == "vendor"
        captures = VendorReader(path) if vendor else AvReader(path, library)
        return RecordingFeed(library, captures, pace, loop)

    return TrackedSource(
        uri.name,
        "mkv",
        open_feed,
        lambda calibration: k4abt.Tracker(settings, calibration),
        TENSORRT_NOTE if settings.mode == "tensorrt" else "",
        lossless=pace is None,
        timeouts=timeouts_of(settings),
    )


def choose_reader(library: k4a.Library) -> str:
    """Return "vendor", the playback in pyk4a, if it fits `library`, else "av".

    It fits the libk4a in pyk4a's wheel. PyAV reads if `library` is another one and PyAV is
    installed, or if pyk4a cannot be imported.
    """
    if library.path.parent not in k4a.wheel_folders() and importlib.util.find_spec("av"):
        return "av"
    try:
        import_pyk4a()
    except SensorError:
        return "av"
    return "vendor"
