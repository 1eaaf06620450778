"""Values of JSON whose form differs between programs: numbers, positions, ids, keys in any case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats import json_text
from sensor.formats.json_text import JsonFrames
from sensor.formats.recording import (
    Limits,
    check_frame_count,
    measured_rate_hz,
    times_at_rate,
    times_in_any_unit,
    to_float32,
)
from sensor.skeleton import FloatArray

UNTIMED_RATE_HZ = 30.0


def number(where: str, value: Any) -> float:
    """Convert a number, or a text that is one. None becomes NaN. Raises RecordingError."""
    if value is None:
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        raise RecordingError(f"{where}: {str(value)[:40]!r} should be a number") from None


def numbers(where: str, values: list[Any]) -> FloatArray:
    """Convert numbers to float32, as `number` does one. Raises RecordingError."""
    try:
        found = np.array(values, np.float64)
    except (TypeError, ValueError, OverflowError):
        found = np.array([number(where, value) for value in values], np.float64)
    return to_float32(found)


def position(where: str, value: Any) -> list[float]:
    """Convert `{x, y, z}` or a list of three numbers. Raises RecordingError."""
    if isinstance(value, dict) and value.keys() >= {"x", "y", "z"}:
        value = [value["x"], value["y"], value["z"]]
    if not isinstance(value, list) or len(value) != 3:
        raise RecordingError(f"{where}: a position should be x, y and z, not {str(value)[:40]!r}")
    return [number(where, part) for part in value]


def body_id(value: Any) -> int:
    """Convert a body id, a number or a text; -1 if it is neither."""
    try:
        return int(value) % 2**63
    except (TypeError, ValueError, OverflowError):
        return -1


def list_of(where: str, value: Any, what: str) -> list[Any]:
    """Return a list; None is an empty one. Raises RecordingError."""
    if value is None or value == "":
        return []
    if not isinstance(value, list):
        raise RecordingError(f"{where}: {what} should be a list")
    return value


def lower_keys(value: Any) -> Any:
    """Return the value with the keys of all its objects in lower case."""
    if isinstance(value, dict):
        return {str(key).lower(): lower_keys(inner) for key, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict | list):
        return [lower_keys(inner) for inner in value]
    return value


def decoded(name: str, found: JsonFrames, at: int) -> Any:
    """Return one frame with its keys in lower case. Raises RecordingError."""
    where = f"{name}: frame {at}"
    try:
        return lower_keys(json_text.decode(where, bytes(found.frames[at]), Any))
    except RecursionError:
        raise RecordingError(f"{where}: the JSON is nested too deeply for a recording") from None


def times_ns(
    name: str, found: JsonFrames, stamps: Sequence[Any], limits: Limits
) -> tuple[NDArray[np.int64], float]:
    """Return the times of the frames since the first, int64 (T,) nanoseconds, and the rate in Hz.

    Without a stamp on every frame they are even, at the recording's rate. Raises RecordingError.
    """
    check_frame_count(name, len(stamps), limits)
    if not stamps or any(stamp is None for stamp in stamps):
        rate_hz = found.rate_hz or UNTIMED_RATE_HZ
        return times_at_rate(name, len(stamps), rate_hz, limits), rate_hz
    where = [f"frame {i}" for i in range(len(stamps))]
    values = [number(f"{name}: {place}", v) for place, v in zip(where, stamps, strict=True)]
    times = times_in_any_unit(name, values, where, limits)
    return times, found.rate_hz or measured_rate_hz(times)
