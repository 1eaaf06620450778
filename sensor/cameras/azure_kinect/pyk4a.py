"""Access to the handles inside pyk4a's objects, which the body tracker needs."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
from types import ModuleType
from typing import Any

from sensor.cameras.azure_kinect.k4a import CALIBRATION_BYTES
from sensor.errors import SensorError

EXTRA = "pip install 'jointwise[azure-kinect]'"


def import_pyk4a() -> ModuleType:
    """Import pyk4a. Raises SensorError. Call `k4a.load` first; the module k4a says why."""
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
    """Replace the reference to None that pyk4a loses with each call that fails.

    Without this a few thousand failures, such as ends of a looped recording, end the interpreter.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))


def handle_in(capsule: Any, name: bytes) -> int:
    """Return the handle that a capsule of pyk4a points to."""
    return ctypes.c_void_p.from_address(_pointer(capsule, name)).value or 0


def calibration_in(calibration: Any) -> bytes:
    """Return the `k4a_calibration_t` inside a `pyk4a.Calibration`."""
    address = _pointer(calibration._calibration_handle, b"pyk4a calibration handle")
    return ctypes.string_at(address, CALIBRATION_BYTES)


def _pointer(capsule: Any, name: bytes) -> int:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return int(get(capsule, name))
