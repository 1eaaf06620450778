"""`azure-kinect:0`, an Azure Kinect or Orbbec Femto with the body tracker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator

from sensor.cameras.azure_kinect import k4a, k4abt
from sensor.cameras.azure_kinect.body_tracking import Capture
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
from sensor.cameras.device_clock import DeviceClock
from sensor.errors import SensorError, SourceUriError
from sensor.source import Finding, SourceUri

OPTIONS = ("depth", "fps", *TRACKER_OPTIONS)
DEPTHS = {"nfov": "NFOV_UNBINNED", "wfov": "WFOV_2X2BINNED", "nfov-binned": "NFOV_2X2BINNED"}
RATES = {"30": "FPS_30", "15": "FPS_15", "5": "FPS_5"}
NOT_THERE = (
    "the camera is not there, or another program uses it; check its power, its cable and its USB 3 "
    f"port, and on Linux the udev rules ({k4a.PAGE})"
)
NOT_STARTED = (
    "the camera was found but could not start; check its USB 3 port and its power; on Linux its "
    "depth engine needs OpenGL and a display, which may be virtual (DISPLAY, Xvfb)"
)
_WAIT_MS = 200
_SILENT_WAITS = 25


class CameraFeed:
    """An opened camera, started through pyk4a. Raises SensorError if it cannot be opened.

    Captures are fetched through `library`, since pyk4a's own call leaks one empty capture for each
    that it returns, and gives no handle that the tracker can use.
    """

    waits_for_tracker = False

    def __init__(
        self,
        library: k4a.Library,
        index: int,
        depth: str,
        fps: str,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        pyk4a = import_pyk4a()
        self.library = library
        self.skipped = 0
        self._clock_ns = clock_ns
        self._clock = DeviceClock()
        config = pyk4a.Config(
            color_resolution=pyk4a.ColorResolution.OFF,
            depth_mode=pyk4a.DepthMode[depth],
            camera_fps=pyk4a.FPS[fps],
            synchronized_images_only=False,
        )
        self._device = pyk4a.PyK4A(config, index, thread_safe=False)
        try:
            self._device.start()
            self._handle = handle_in(self._device._device_handle, b"pyk4a device handle")
            self.calibration = calibration_in(self._device.calibration)
        except pyk4a.K4AException:
            give_none_back()
            opened = self._device.opened
            self.close()
            raise SensorError(
                f"azure-kinect:{index}: {NOT_STARTED if opened else NOT_THERE}"
            ) from None

    def captures(self, stop: threading.Event) -> Generator[Capture, None, None]:
        """Yield captures with depth and infrared. Raises SensorError if the camera is lost."""
        waits = 0
        while not stop.is_set():
            handle = self.library.get_capture(self._handle, _WAIT_MS)
            received_ns = self._clock_ns()
            if handle is None:
                waits += 1
                if waits >= _SILENT_WAITS:
                    raise SensorError("the camera sends no images; plug it in again")
                continue
            waits = 0
            try:
                usec = self.library.depth_usec(handle)
                if usec is None:
                    self.skipped += 1
                else:
                    yield Capture(handle, usec, self._clock.host_ns(usec * 1000, received_ns))
            finally:
                self.library.release_capture(handle)

    def close(self) -> None:
        """Stop and close the camera."""
        if self._device.is_running:
            self._device.stop()
        elif self._device.opened:
            self._device.close()


def open_azure_kinect(uri: SourceUri) -> TrackedSource:
    """Open `azure-kinect:INDEX?k4abt=FOLDER&model=FILE&mode=cuda&k4a=FOLDER&depth=nfov&fps=30`.

    `frames()` opens the camera itself. Raises SourceUriError for a wrong option, SensorError if a
    library is missing, with the paths that were tried and the page to get it from.
    """
    uri.check_options(OPTIONS)
    index = uri.path or "0"
    if not index.isdecimal():
        raise SourceUriError(f"{uri.text}: the camera must be a number, 0 for the first")
    depth = DEPTHS[choice(uri, "depth", tuple(DEPTHS))]
    rate = RATES[choice(uri, "fps", tuple(RATES))]
    settings = tracker_settings(uri)
    library = load_k4a(uri, settings)
    import_pyk4a()
    return TrackedSource(
        uri.name,
        "azure-kinect",
        lambda: CameraFeed(library, int(index), depth, rate),
        lambda calibration: k4abt.Tracker(settings, calibration),
        TENSORRT_NOTE if settings.mode == "tensorrt" else "",
        restartable=True,
        timeouts=timeouts_of(settings),
        silence_s=20.0 if settings.mode == "cpu" else None,
    )


def find() -> list[Finding]:
    """Find the connected cameras, or what is missing to look for them or to use them."""
    beside, lacks = None, []
    try:
        beside = k4abt.find_tracker().parent
    except SensorError as error:
        lacks.append(_lack("Azure Kinect body tracker", "is not installed", str(error)))
    try:
        library = k4a.load(beside=beside)
        import_pyk4a()
    except SensorError as error:
        return [_lack("Azure Kinect or Femto", "cannot be searched for", str(error)), *lacks]
    found = [
        Finding("azure-kinect", f"azure-kinect:{i}", f"camera {i}", not lacks, "is plugged in", "")
        for i in range(library.count_cameras())
    ]
    remedy = f"connect its power supply and a USB 3 port; on Linux see {k4a.PAGE}"
    nothing = _lack("Azure Kinect or Femto", "is not plugged in", remedy)
    return [*(found or [nothing]), *lacks]


def _lack(name: str, text: str, remedy: str) -> Finding:
    return Finding("azure-kinect", "", name, False, text, remedy)
