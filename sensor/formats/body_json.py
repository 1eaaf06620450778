"""A body as Jointwise's own recordings write it in JSON; nine digits carry a float32 exactly."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sensor.errors import RecordingError
from sensor.formats.json_text import Number
from sensor.formats.recording import to_float32
from sensor.skeleton import Body, FloatArray, Layout


class BodyJson(msgspec.Struct):
    """J triples of metres and J confidences, in the order of the recording's layout."""

    id: int
    joints_m: list[list[Number]]
    confidence: list[Number]


def to_json(bodies: Sequence[Body]) -> list[BodyJson]:
    """Bodies to what JSON is made of."""
    return [
        BodyJson(body.id, [_short(row) for row in body.joints_m], _short(body.confidence))
        for body in bodies
    ]


def from_json(where: str, found: Sequence[BodyJson], layout: Layout) -> tuple[Body, ...]:
    """The bodies again. Raises RecordingError, naming `where`, for a wrong number of joints."""
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
