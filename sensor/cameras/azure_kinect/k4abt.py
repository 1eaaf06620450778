"""The Azure Kinect body tracker (libk4abt) by ctypes: captures in, bodies out.

The tracker is closed source and not part of Jointwise; it is loaded from where the user installed
it. The declarations follow the vendor's published reference of 1.0.x and 1.1.x.
"""

from __future__ import annotations

import ctypes
import re
import sys
from ctypes import POINTER, byref, c_char_p, c_float, c_int, c_int32, c_uint32, c_uint64, c_void_p
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sensor.cameras.azure_kinect.k4a import Prototypes, first_match, open_library, system_folders
from sensor.errors import SensorError
from sensor.formats.recording import OPTICAL_AXES
from sensor.skeleton import AZURE_KINECT, Body, FloatArray

PAGE = "https://learn.microsoft.com/azure/kinect-dk/body-sdk-download"
MODES = ("gpu", "cpu", "cuda", "tensorrt", "directml")
"""Processing modes in the order of their values; 1.0.x has only the first two."""
ORIENTATIONS = ("default", "clockwise90", "counterclockwise90", "flip180")
"""The ways to mount the camera, in the order of their values."""
MODEL = "dnn_model_2_0_op11.onnx"

_SUCCEEDED, _FAILED, _TIMEOUT = 0, 1, 2
_FLOATS = POINTER(c_float)
_NO_ID = 2**32 - 1
_SURE = np.array((0.0, 0.5, 1.0, 1.0), np.float32)
_WINDOWS_FOLDERS = ("C:/Program Files/Azure Kinect Body Tracking SDK/tools",)


class Joint(ctypes.Structure):
    """32 bytes: millimetres in the camera's axes, w x y z, confidence none low medium high."""

    _fields_ = (
        ("position_mm", c_float * 3),
        ("orientation_wxyz", c_float * 4),
        ("confidence", c_int32),
    )


class Skeleton(ctypes.Structure):
    """1024 bytes: 32 joints."""

    _fields_ = (("joints", Joint * len(AZURE_KINECT.joints)),)


class Config10(ctypes.Structure):
    """12 bytes: the configuration of 1.0.x."""

    _fields_ = (
        ("sensor_orientation", c_int32),
        ("processing_mode", c_int32),
        ("gpu_device_id", c_int32),
    )


class Config11(ctypes.Structure):
    """24 bytes: the configuration of 1.1.x."""

    _fields_ = (*Config10._fields_, ("model_path", c_char_p))


@dataclass(frozen=True)
class TrackerSettings:
    """How the tracker runs. `version` is (major, minor); a wrong one crashes the process."""

    path: Path
    version: tuple[int, int]
    mode: str = "gpu"
    orientation: str = "default"
    gpu: int = 0
    model: Path | None = None
    smoothing: float | None = None


@dataclass(frozen=True)
class Result:
    """The bodies in the capture of `device_usec`, in camera space and metres."""

    device_usec: int
    bodies: tuple[Body, ...]


class Tracker:
    """One tracker. `enqueue` and `pop` may be called from two threads.

    `calibration` is a `k4a_calibration_t`. Raises SensorError if the tracker cannot be created.
    """

    def __init__(self, settings: TrackerSettings, calibration: bytes) -> None:
        config_type = Config11 if settings.version >= (1, 1) else Config10
        self._dll = open_library(settings.path, _prototypes(config_type))
        self._handle = c_void_p()
        result = self._dll.k4abt_tracker_create(calibration, _config(settings), byref(self._handle))
        if result != _SUCCEEDED:
            raise SensorError(
                f"{settings.path}: the body tracker could not start in mode={settings.mode}; "
                f"its model {settings.model or MODEL} and the libraries of this mode must be "
                "installed; mode=cpu needs no graphics card"
            )
        if settings.smoothing is not None:
            self._dll.k4abt_tracker_set_temporal_smoothing(self._handle, settings.smoothing)

    def enqueue(self, capture: int, timeout_ms: int) -> bool | None:
        """Return True if the capture was taken, None if the queue stayed full, False if refused.

        The tracker holds a reference of its own; the caller still releases the capture.
        """
        result = self._dll.k4abt_tracker_enqueue_capture(self._handle, capture, timeout_ms)
        return None if result == _TIMEOUT else bool(result == _SUCCEEDED)

    def pop(self, timeout_ms: int) -> Result | None:
        """Return the next result, None if there is none in time. Raises SensorError on failure."""
        frame = c_void_p()
        result = self._dll.k4abt_tracker_pop_result(self._handle, byref(frame), timeout_ms)
        if result == _TIMEOUT:
            return None
        if result != _SUCCEEDED or not frame.value:
            raise SensorError("the body tracker failed")
        try:
            return self._read(frame)
        finally:
            self._dll.k4abt_frame_release(frame)

    def _read(self, frame: c_void_p) -> Result:
        usec = int(self._dll.k4abt_frame_get_device_timestamp_usec(frame))
        bodies = []
        skeleton = Skeleton()
        for index in range(self._dll.k4abt_frame_get_num_bodies(frame)):
            got = self._dll.k4abt_frame_get_body_skeleton(frame, index, byref(skeleton))
            if got == _SUCCEEDED:
                id_ = int(self._dll.k4abt_frame_get_body_id(frame, index))
                bodies.append(to_body(-1 if id_ == _NO_ID else id_, skeleton))
        return Result(usec, tuple(bodies))

    def close(self) -> None:
        """Shut down and free the tracker. No other thread may be in `enqueue` or `pop`."""
        if self._handle.value:
            self._dll.k4abt_tracker_shutdown(self._handle)
            self._dll.k4abt_tracker_destroy(self._handle)
            self._handle = c_void_p()


def to_body(id_: int, skeleton: Skeleton) -> Body:
    """Convert a skeleton to camera space in metres; none, low and medium become 0, 0.5 and 1."""
    values: FloatArray = np.ctypeslib.as_array(ctypes.cast(skeleton.joints, _FLOATS), (32, 8))
    levels = np.array([joint.confidence for joint in skeleton.joints]).clip(0, 3)
    joints_m: FloatArray = values[:, :3] * OPTICAL_AXES / np.float32(1000)
    return Body(id_, joints_m, _SURE[levels])


def find_tracker(folder: str | None = None) -> Path:
    """Return the libk4abt in `folder` (or that file), else where its installers put it.

    Raises SensorError with the download page and the paths that were tried.
    """
    if folder is not None and Path(folder).expanduser().is_file():
        return Path(folder).expanduser()
    windows = sys.platform == "win32"
    if folder is not None:
        places = [Path(folder).expanduser()]
    elif windows:
        places = [Path(name) for name in _WINDOWS_FOLDERS]
    else:
        places = [Path("/opt/k4abt"), *system_folders()]
    found = first_match(places, ("k4abt.dll",) if windows else ("libk4abt.so*",))
    if found is None:
        raise SensorError(
            f"no libk4abt, the Azure Kinect body tracker, in {', '.join(map(str, places))}; "
            f"install it from {PAGE} and give its folder as k4abt=FOLDER"
        )
    return found


def version_of(path: Path) -> tuple[int, int] | None:
    """Return the tracker's version (major, minor); None if its files do not show it.

    The library has no call for its version. So this reads its file name, then its soname, then
    which model lies beside it.
    """
    names = [path.resolve().name.encode(), b"" if path.suffix == ".dll" else path.read_bytes()]
    named = next(filter(None, (re.search(rb"libk4abt\.so\.(\d+)\.(\d+)", n) for n in names)), None)
    if named is not None:
        return int(named[1]), int(named[2])
    if (path.parent / MODEL).is_file():
        return 1, 1
    return (1, 0) if (path.parent / "dnn_model_2_0.onnx").is_file() else None


def _config(settings: TrackerSettings) -> Config10 | Config11:
    common = (
        ORIENTATIONS.index(settings.orientation),
        MODES.index(settings.mode),
        settings.gpu,
    )
    if settings.version < (1, 1):
        return Config10(*common)
    return Config11(*common, str(settings.model).encode() if settings.model else None)


def _prototypes(config_type: type[Config10] | type[Config11]) -> Prototypes:
    handle_out = POINTER(c_void_p)
    return {
        "k4abt_tracker_create": (c_int, (c_char_p, config_type, handle_out)),
        "k4abt_tracker_set_temporal_smoothing": (None, (c_void_p, c_float)),
        "k4abt_tracker_enqueue_capture": (c_int, (c_void_p, c_void_p, c_int32)),
        "k4abt_tracker_pop_result": (c_int, (c_void_p, handle_out, c_int32)),
        "k4abt_tracker_shutdown": (None, (c_void_p,)),
        "k4abt_tracker_destroy": (None, (c_void_p,)),
        "k4abt_frame_release": (None, (c_void_p,)),
        "k4abt_frame_get_num_bodies": (c_uint32, (c_void_p,)),
        "k4abt_frame_get_body_id": (c_uint32, (c_void_p, c_uint32)),
        "k4abt_frame_get_body_skeleton": (c_int, (c_void_p, c_uint32, POINTER(Skeleton))),
        "k4abt_frame_get_device_timestamp_usec": (c_uint64, (c_void_p,)),
    }
