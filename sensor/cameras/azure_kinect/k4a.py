"""The sensor library of Azure Kinect and Femto (libk4a) by ctypes; only the calls for captures.

A process can use only one libk4a, since the body tracker refuses handles of another copy. So the
chosen one is loaded with global symbols before anything else that needs libk4a. Libraries that are
loaded later (pyk4a's own copy with its changed file name, the tracker's) then bind to it.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Iterable, Sequence
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_size_t, c_uint32, c_uint64, c_void_p
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensor.errors import SensorError

PAGE = "https://github.com/microsoft/Azure-Kinect-Sensor-SDK/blob/develop/docs/usage.md"
ORBBEC_PAGE = "https://github.com/orbbec/OrbbecSDK-K4A-Wrapper"
CALIBRATION_BYTES = 1032
DEPTH_MODES = (
    "OFF",
    "NFOV_2X2BINNED",
    "NFOV_UNBINNED",
    "WFOV_2X2BINNED",
    "WFOV_UNBINNED",
    "PASSIVE_IR",
)
"""Names of `k4a_depth_mode_t` in the order of their values, as recordings spell them."""
COLOR_RESOLUTIONS = ("OFF", "720P", "1080P", "1440P", "1536P", "2160P", "3072P")
"""Names of `k4a_color_resolution_t` in the order of their values."""

Pixels = NDArray[np.uint16]
Prototypes = dict[str, tuple[Any, tuple[Any, ...]]]

_FORMAT_DEPTH16, _FORMAT_IR16 = 4, 5
_SUCCEEDED, _TIMEOUT = 0, 2
_PROTOTYPES: Prototypes = {
    "k4a_capture_create": (c_int, (POINTER(c_void_p),)),
    "k4a_capture_release": (None, (c_void_p,)),
    "k4a_capture_get_depth_image": (c_void_p, (c_void_p,)),
    "k4a_capture_get_ir_image": (c_void_p, (c_void_p,)),
    "k4a_capture_set_depth_image": (None, (c_void_p, c_void_p)),
    "k4a_capture_set_ir_image": (None, (c_void_p, c_void_p)),
    "k4a_image_create": (c_int, (c_int, c_int, c_int, c_int, POINTER(c_void_p))),
    "k4a_image_release": (None, (c_void_p,)),
    "k4a_image_get_buffer": (c_void_p, (c_void_p,)),
    "k4a_image_get_device_timestamp_usec": (c_uint64, (c_void_p,)),
    "k4a_image_set_device_timestamp_usec": (None, (c_void_p, c_uint64)),
    "k4a_calibration_get_from_raw": (c_int, (c_char_p, c_size_t, c_int, c_int, c_void_p)),
    "k4a_device_get_installed_count": (c_uint32, ()),
    "k4a_device_get_capture": (c_int, (c_void_p, POINTER(c_void_p), c_int32)),
}
_SYSTEM_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib")
_WINDOWS_FOLDERS = (
    "C:/Program Files/Azure Kinect SDK v1.4.2/sdk/windows-desktop/amd64/release/bin",
    "C:/Program Files/Azure Kinect SDK v1.4.1/sdk/windows-desktop/amd64/release/bin",
)


class Library:
    """A loaded libk4a. Handles are integers; the caller releases each exactly once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._dll = open_library(path, _PROTOTYPES, ctypes.RTLD_GLOBAL)

    def make_capture(self, device_usec: int, depth: Pixels | None, infrared: Pixels | None) -> int:
        """Make a capture of images in memory, uint16 (H, W): depth in mm, infrared brightness."""
        capture = c_void_p()
        self._dll.k4a_capture_create(byref(capture))
        images = (
            (depth, _FORMAT_DEPTH16, self._dll.k4a_capture_set_depth_image),
            (infrared, _FORMAT_IR16, self._dll.k4a_capture_set_ir_image),
        )
        for pixels, kind, put in images:
            if pixels is not None:
                image = self._make_image(kind, device_usec, pixels)
                put(capture, image)
                self._dll.k4a_image_release(image)
        return _value(capture)

    def _make_image(self, kind: int, device_usec: int, pixels: Pixels) -> c_void_p:
        rows = np.ascontiguousarray(pixels, np.uint16)
        height, width = rows.shape
        image = c_void_p()
        if self._dll.k4a_image_create(kind, width, height, 2 * width, byref(image)) != _SUCCEEDED:
            raise SensorError(f"{self.path}: could not make an image of {width} x {height} pixels")
        ctypes.memmove(self._dll.k4a_image_get_buffer(image), rows.ctypes.data, rows.nbytes)
        self._dll.k4a_image_set_device_timestamp_usec(image, device_usec)
        return image

    def count_cameras(self) -> int:
        """Return the number of connected cameras."""
        return int(self._dll.k4a_device_get_installed_count())

    def get_capture(self, device: int, timeout_ms: int) -> int | None:
        """Return the camera's next capture, None if none came in time. Raises SensorError."""
        capture = c_void_p()
        result = self._dll.k4a_device_get_capture(device, byref(capture), timeout_ms)
        if result == _TIMEOUT:
            return None
        if result != _SUCCEEDED or not capture.value:
            raise SensorError("the camera was lost; check its cable, its power and its USB 3 port")
        return _value(capture)

    def depth_usec(self, capture: int) -> int | None:
        """Return the device time of the depth image; None for a capture without depth or infrared.

        Such a capture must be skipped, since the tracker fails on it.
        """
        depth = self._dll.k4a_capture_get_depth_image(capture)
        infrared = self._dll.k4a_capture_get_ir_image(capture)
        usec = None
        if depth and infrared:
            usec = int(self._dll.k4a_image_get_device_timestamp_usec(depth))
        for image in (depth, infrared):
            if image:
                self._dll.k4a_image_release(image)
        return usec

    def release_capture(self, capture: int) -> None:
        """Release a capture."""
        self._dll.k4a_capture_release(capture)

    def calibration(self, raw: bytes, depth_mode: str, color_resolution: str) -> bytes:
        """Return the `k4a_calibration_t` of a camera's calibration JSON. Raises SensorError."""
        text = raw.rstrip(b"\0") + b"\0"
        out = ctypes.create_string_buffer(CALIBRATION_BYTES)
        modes = DEPTH_MODES.index(depth_mode), COLOR_RESOLUTIONS.index(color_resolution)
        if self._dll.k4a_calibration_get_from_raw(text, len(text), *modes, out) != _SUCCEEDED:
            raise SensorError("the camera's calibration could not be read")
        return out.raw


_loaded: Library | None = None


def load(folder: str | None = None, beside: Path | None = None) -> Library:
    """Load the process's libk4a from `folder`, else from the first place of `find_k4a`.

    Raises SensorError if there is none, or if the process already uses another one.
    """
    global _loaded
    path = find_k4a(folder, beside)
    if _loaded is None:
        _loaded = Library(path)
    elif _loaded.path != path:
        raise SensorError(
            f"{path}: this process already uses {_loaded.path} and can use only one; "
            "give all cameras and recordings the same k4a=FOLDER"
        )
    return _loaded


def find_k4a(folder: str | None = None, beside: Path | None = None) -> Path:
    """Return the libk4a in `folder`, else beside the tracker, in pyk4a's wheel, or the system's.

    Raises SensorError with all places that were tried.
    """
    patterns = ("k4a.dll",) if sys.platform == "win32" else ("libk4a.so.1.4", "libk4a.so*")
    if folder is not None:
        places: list[Path] = [Path(folder).expanduser()]
        found = first_match(places, patterns)
    else:
        places = [*([beside] if beside else []), *wheel_folders(), *system_folders()]
        found = first_match(places, (*patterns, "libk4a-*.so*"))
    if found is None:
        raise SensorError(
            f"no libk4a in {', '.join(map(str, places))}; pip install 'jointwise[azure-kinect]', "
            f"or install it from {PAGE} (Femto: {ORBBEC_PAGE}) and give its folder as k4a=FOLDER"
        )
    return found.resolve()


def wheel_folders() -> list[Path]:
    """Return the library folders of pyk4a's wheel, without importing it."""
    spec = importlib.util.find_spec("k4a_module")
    if spec is None or spec.origin is None:
        return []
    home = Path(spec.origin).parent
    return [home / "pyk4a_bundle.libs", home / "pyk4a"]


def system_folders() -> list[Path]:
    """Return the folders of installed libraries on this system, and those in LD_LIBRARY_PATH."""
    if sys.platform == "win32":
        return [Path(name) for name in _WINDOWS_FOLDERS]
    own = [part for part in os.environ.get("LD_LIBRARY_PATH", "").split(":") if part]
    return [Path(name) for name in (*own, "/usr/local/lib", *_SYSTEM_FOLDERS)]


def first_match(folders: Iterable[Path], patterns: Sequence[str]) -> Path | None:
    """Return the first file in `folders` to match a pattern; of several, the highest version."""
    for folder in folders:
        for pattern in patterns:
            found = sorted(path for path in folder.glob(pattern) if path.is_file())
            if found:
                return found[-1]
    return None


def open_library(
    path: Path, prototypes: Prototypes, mode: int = ctypes.DEFAULT_MODE
) -> ctypes.CDLL:
    """Load a library and declare its functions. Raises SensorError."""
    if sys.platform == "win32":
        os.add_dll_directory(str(path.parent))
    try:
        dll = ctypes.CDLL(str(path), mode=mode)
        for name, (result, arguments) in prototypes.items():
            function = getattr(dll, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise SensorError(f"{path} cannot be used: {' '.join(str(error).split())}") from None
    return dll


def _value(handle: c_void_p) -> int:
    assert handle.value is not None
    return handle.value
