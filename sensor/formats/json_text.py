"""JSON in recordings: decoding into typed structs, lists of frames, and the form of bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from sensor.errors import RecordingError
from sensor.formats.recording import Limits, check_frame_count, to_float32
from sensor.skeleton import Body, FloatArray, Layout
from sensor.stopping import stop_if_asked

Number = float | None
"""A number, or None for a NaN written as `null`, `NaN` or `Infinity`."""

BYTES_A_NUMBER = 8
"""The fewest bytes of a number in a JSON recording; most take 12 to 40."""

_T = TypeVar("_T")
# Possessive, so that a long run needs no memory to go back.
_NOBODY = re.compile(rb'(?:[\s,\[\]]++|""|null|\{\s*+\})*+')
_ROW_OF_NUMBERS = re.compile(rb"\[\s*\[\s*(?:-|\d)")
_KEY = re.compile(rb'"(\w+)"\s*:')
_PEEK_BYTES = 4096
_NOT_A_NUMBER = re.compile(rb"(?<=[\[,:\s])(?:NaN|[-+]?Infinity)(?=[\],}\s])")


def decode(name: str, data: bytes, kind: type[_T]) -> _T:
    """Decode JSON bytes as `kind`. Raises RecordingError that names the wrong field."""
    stop_if_asked()
    if b"NaN" in data or b"Infinity" in data:
        data = _NOT_A_NUMBER.sub(b"null", data)
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise RecordingError(f"{name}: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordingError(f"{name}: invalid or incomplete JSON: {error}") from None
    except RecursionError:
        raise RecordingError(f"{name}: the JSON is nested too deeply for a recording") from None


def check_number_count(name: str, data: bytes, limits: Limits) -> None:
    """Raise RecordingError if a text has too many numbers for the limit in bytes.

    Each number becomes a Python object, so a large file of short numbers would fill the memory.
    """
    most = limits.max_bytes // BYTES_A_NUMBER
    if data.count(b",") > most:
        raise RecordingError(f"{name}: more than {most} numbers; shorten the recording")


@dataclass(frozen=True)
class JsonFrames:
    """The frames of a JSON recording, not decoded yet, and its rate in Hz if it states one."""

    frames: list[msgspec.Raw]
    rate_hz: float | None = None


class _Wrapped(msgspec.Struct):
    frames: list[msgspec.Raw] | None = None
    fps: float | None = None
    frame_rate: float | None = None


def as_list(name: str, data: bytes, limits: Limits) -> bytes:
    """Return one JSON document per line as one JSON list, and any other text as it is.

    A last line that is incomplete is left out. Raises RecordingError if there are more lines than
    frames are read.
    """
    data = data.strip()
    first = data[: data.find(b"\n") + 1]
    if not first or not _is_whole(first):
        return data
    check_frame_count(name, data.count(b"\n") + 1, limits)
    lines = [line for line in data.split(b"\n") if line.strip()]
    if not _is_whole(lines[-1]):
        lines.pop()
    return b"[" + b",".join(lines) + b"]"


def _is_whole(line: bytes) -> bool:
    try:
        decode("", line, msgspec.Raw)
    except RecordingError:
        return False
    return True


def first_keys(data: bytes) -> frozenset[str]:
    """Return the keys near the beginning of a JSON text, after any frames with nobody in view."""
    at = _after_nobody(data)
    return frozenset(key.decode() for key in _KEY.findall(data[at : at + _PEEK_BYTES]))


def starts_with_rows(data: bytes) -> bool:
    """Return whether the first frame of a JSON list is a list of rows of numbers."""
    at = _after_nobody(data)
    return _ROW_OF_NUMBERS.search(data, max(0, at - 64), at + 1) is not None


def _after_nobody(data: bytes) -> int:
    start = _NOBODY.match(data)
    return start.end() if start else 0


def is_all_nobody(data: bytes) -> bool:
    """Return whether a JSON text holds nothing but brackets and frames with nobody in view."""
    return _NOBODY.fullmatch(data) is not None


def frames_of(name: str, data: bytes) -> JsonFrames:
    """Return the elements of a list, of an object's list `frames`, or an object as one frame.

    Raises RecordingError.
    """
    if data.lstrip().startswith(b"["):
        return JsonFrames(decode(name, data, list[msgspec.Raw]))
    found = decode(name, data, _Wrapped)
    if found.frames is None:
        return JsonFrames([decode(name, data, msgspec.Raw)])
    rate_hz = found.fps or found.frame_rate
    return JsonFrames(found.frames, rate_hz if rate_hz and 1 <= rate_hz <= 240 else None)


class BodyJson(msgspec.Struct):
    """A body in Jointwise's own recordings, with the joints in the order of the layout.

    J positions in metres and J confidences; nine digits represent a float32 exactly.
    """

    id: int
    joints_m: list[list[Number]]
    confidence: list[Number]


def bodies_to_json(bodies: Sequence[Body]) -> list[BodyJson]:
    """Convert bodies to structs for JSON."""
    return [
        BodyJson(body.id, [_short(row) for row in body.joints_m], _short(body.confidence))
        for body in bodies
    ]


def bodies_from_json(where: str, found: Sequence[BodyJson], layout: Layout) -> tuple[Body, ...]:
    """Convert the structs to bodies. Raises RecordingError naming `where` if a shape is wrong."""
    count = len(layout.joints)
    for body in found:
        shape_is_right = len(body.confidence) == count and all(len(j) == 3 for j in body.joints_m)
        if len(body.joints_m) != count or not shape_is_right:
            raise RecordingError(
                f"{where}: body {body.id} should have {count} joints of three numbers and "
                f"{count} confidences"
            )
    return tuple(Body(b.id, to_float32(b.joints_m), to_float32(b.confidence)) for b in found)


def _short(values: FloatArray) -> list[Number]:
    return [float(f"{value:.9g}") for value in values.tolist()]
