"""`azure-kinect:0`: an Azure Kinect or Orbbec Femto, its body tracker, and what is installed."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from types import ModuleType
from typing import Any

from sensor import k4a, k4abt
from sensor.body_tracking import Capture, Patience, TrackedSource
from sensor.clock import DeviceClock
from sensor.errors import SensorError, SourceUriError
from sensor.finding import Finding
from sensor.source import SourceUri

TRACKER_OPTIONS = ("k4abt", "model", "mode", "gpu", "orientation", "smoothing", "version", "k4a")
OPTIONS = ("depth", "fps", *TRACKER_OPTIONS)
DEPTHS = {"nfov": "NFOV_UNBINNED", "wfov": "WFOV_2X2BINNED", "nfov-binned": "NFOV_2X2BINNED"}
RATES = {"30": "FPS_30", "15": "FPS_15", "5": "FPS_5"}
EXTRA = "pip install 'jointwise[azure-kinect]'"
TENSORRT_NOTE = (
    "The vendor's tracker is known to lose about 1 GB of memory every 45 minutes in mode=tensorrt."
)
NOT_THERE = (
    "the camera is not there, or another program has it; check its power, its cable and its USB 3 "
    f"port, and on Linux the udev rules ({k4a.PAGE})"
)
NOT_STARTED = (
    "the camera was found but could not start; check its USB 3 port and its power; on Linux its "
    "depth engine needs OpenGL and a display, which may be a virtual one (DISPLAY, Xvfb)"
)
_WAIT_MS = 200
_SILENT_WAITS = 25


class CameraFeed:
    """An opened camera, started through pyk4a. Raises SensorError where it cannot be.

    Captures are fetched through `library`: pyk4a's own call leaves one empty capture behind for
    each that it returns, and hands out no handle to give to the tracker.
    """

    patient = False

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
        """Yield captures with depth and infrared. Raises SensorError when the camera is lost."""
        waits = 0
        while not stop.is_set():
            handle = self.library.get_capture(self._handle, _WAIT_MS)
            received_ns = self._clock_ns()
            if handle is None:
                waits += 1
                if waits >= _SILENT_WAITS:
                    raise SensorError("the camera sends no pictures; plug it in again")
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

    The camera itself is opened with `frames()`. Raises SourceUriError for a wrong option,
    SensorError where a library is missing, with the paths tried and how to get it.
    """
    uri.only(OPTIONS)
    index = uri.path or "0"
    if not index.isdecimal():
        raise SourceUriError(f"{uri.text}: the camera is a number, 0 for the first")
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
        patience=patience_of(settings),
        silence_s=20.0 if settings.mode == "cpu" else None,
    )


def find() -> list[Finding]:
    """The cameras plugged in, or what is missing to look for them or to use them."""
    beside, lacks = None, []
    try:
        beside = k4abt.find_tracker().parent
    except SensorError as error:
        lacks.append(_lack("Azure Kinect body tracker", "is not installed", str(error)))
    try:
        library = k4a.load(beside=beside)
        import_pyk4a()
    except SensorError as error:
        return [_lack("Azure Kinect or Femto", "cannot be looked for", str(error)), *lacks]
    found = [
        Finding("azure-kinect", f"azure-kinect:{i}", f"camera {i}", not lacks, "is plugged in", "")
        for i in range(library.count_cameras())
    ]
    mend = f"plug one in, with its power, at a USB 3 port; on Linux see {k4a.PAGE}"
    nothing = _lack("Azure Kinect or Femto", "is not plugged in", mend)
    return [*(found or [nothing]), *lacks]


def _lack(name: str, text: str, mend: str) -> Finding:
    return Finding("azure-kinect", "", name, False, text, mend)


def load_k4a(uri: SourceUri, settings: k4abt.TrackerSettings) -> k4a.Library:
    """The libk4a that camera, recordings and tracker share. Raises SensorError."""
    return k4a.load(uri.options.get("k4a"), settings.path.parent)


def patience_of(settings: k4abt.TrackerSettings) -> Patience:
    """How long this tracker may take: TensorRT builds its engine first, a CPU is slow."""
    if settings.mode == "tensorrt":
        return Patience(first_s=600.0)
    return Patience(silent_s=8.0) if settings.mode == "cpu" else Patience()


def tracker_settings(uri: SourceUri) -> k4abt.TrackerSettings:
    """The tracker that the URI's options name. Raises SensorError."""
    path = k4abt.find_tracker(uri.options.get("k4abt"))
    version = _version(uri, path)
    mode = choice(uri, "mode", k4abt.MODES if version >= (1, 1) else k4abt.MODES[:2])
    smooth = uri.number("smoothing", -1, 0, 1) if "smoothing" in uri.options else None
    return k4abt.TrackerSettings(
        path,
        version,
        mode,
        choice(uri, "orientation", k4abt.ORIENTATIONS),
        int(uri.number("gpu", 0, 0, 63)),
        _model(uri, path, version),
        smooth,
    )


def _version(uri: SourceUri, path: Path) -> tuple[int, int]:
    text = uri.options.get("version")
    if text is None:
        found = k4abt.version_of(path)
        if found is None:
            raise SensorError(
                f"{uri.text}: {path} does not tell its version, and the wrong one would crash; "
                "give it as version=1.1 or version=1.0"
            )
        return found
    if text not in ("1.0", "1.1"):
        raise SourceUriError(f"{uri.text}: version={text} should be 1.0 or 1.1")
    return (1, int(text[2]))


def _model(uri: SourceUri, path: Path, version: tuple[int, int]) -> Path | None:
    text = uri.options.get("model")
    if text is None:
        beside = path.parent / k4abt.MODEL
        return beside if version >= (1, 1) and beside.is_file() else None
    if version < (1, 1):
        raise SensorError(f"{uri.text}: the body tracker {path} is 1.0 and takes no model=")
    model = Path(text).expanduser()
    if not model.is_file():
        raise SensorError(f"{uri.text}: model={text}: no such file; it comes from {k4abt.PAGE}")
    return model


def choice(uri: SourceUri, key: str, known: tuple[str, ...]) -> str:
    """The option as one of `known`, the first where it is not given. Raises SourceUriError."""
    value = uri.options.get(key, known[0])
    if value not in known:
        raise SourceUriError(f"{uri.text}: {key}={value} should be one of {', '.join(known)}")
    return value


def import_pyk4a() -> ModuleType:
    """The module pyk4a; call `load_k4a` before. Raises SensorError."""
    if importlib.util.find_spec("pyk4a") is None:
        raise SensorError(f"azure-kinect: pyk4a is not installed; {EXTRA}")
    try:
        return importlib.import_module("pyk4a")
    except ImportError as error:
        cause = error.__cause__ or error
        raise SensorError(
            f"azure-kinect: pyk4a cannot be imported ({' '.join(str(cause).split())[:200]}); it "
            "needs numpy below 2: pip install 'numpy<2'"
        ) from None


def give_none_back() -> None:
    """Make up for pyk4a, which gives away a reference to None with each call that fails.

    Without it a few thousand failures, such as ends of a looped recording, end the interpreter.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))


def handle_in(capsule: Any, name: bytes) -> int:
    """The handle that a capsule of pyk4a points to."""
    return ctypes.c_void_p.from_address(_pointer(capsule, name)).value or 0


def calibration_in(calibration: Any) -> bytes:
    """The `k4a_calibration_t` that a `pyk4a.Calibration` holds."""
    place = _pointer(calibration._calibration_handle, b"pyk4a calibration handle")
    return ctypes.string_at(place, k4a.CALIBRATION_BYTES)


def _pointer(capsule: Any, name: bytes) -> int:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return int(get(capsule, name))
