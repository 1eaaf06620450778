"""What pyk4a holds, for the body tracker, which pyk4a knows nothing of."""

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
    """The module pyk4a; load libk4a before, see `sensor.k4a`. Raises SensorError."""
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
    return ctypes.string_at(place, CALIBRATION_BYTES)


def _pointer(capsule: Any, name: bytes) -> int:
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    return int(get(capsule, name))
