"""JSON into typed structs: only the fields that a format names are built."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from sensor.errors import RecordingError

Number = float | None
"""A number, or None for a NaN that its writer spelt `null`, `NaN` or `Infinity`."""

_T = TypeVar("_T")
_NOT_A_NUMBER = re.compile(rb"(?<=[\[,:\s])(?:NaN|[-+]?Infinity)(?=[\],}\s])")


def decode(name: str, data: bytes, kind: type[_T]) -> _T:
    """Decode JSON bytes as `kind`. Raises RecordingError that names the field that is wrong."""
    if b"NaN" in data or b"Infinity" in data:
        data = _NOT_A_NUMBER.sub(b"null", data)
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise RecordingError(f"{name}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordingError(f"{name}: not whole JSON: {error}") from None
    except RecursionError:
        raise RecordingError(f"{name}: the JSON is nested too deeply for a recording") from None
