"""JSON in recordings: decoding into typed structs, and the form of bodies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from sensor.errors import RecordingError
from sensor.formats.recording import to_float32
from sensor.skeleton import Body, FloatArray, Layout

Number = float | None
"""A number, or None for a NaN written as `null`, `NaN` or `Infinity`."""

_T = TypeVar("_T")
_NOT_A_NUMBER = re.compile(rb"(?<=[\[,:\s])(?:NaN|[-+]?Infinity)(?=[\],}\s])")


def decode(name: str, data: bytes, kind: type[_T]) -> _T:
    """Decode JSON bytes as `kind`. Raises RecordingError that names the wrong field."""
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
