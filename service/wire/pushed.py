"""Decodes the frames of pushers that send JSON or msgpack."""

from __future__ import annotations

import json
from typing import Annotated

import msgspec
import numpy as np

from service.errors import ClientError
from service.wire.encoding import FloatArray

# JavaScript represents whole numbers exactly up to here.
_Integer = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]


class PushedBody(msgspec.Struct, frozen=True):
    """A body as a pusher may send it: an unknown coordinate may be null or NaN."""

    id: _Integer
    joints_m: list[tuple[float | None, float | None, float | None] | None]
    confidence: list[float | None] | None = None


# Every subscriber gets it with every frame, so it is limited to the length of a long label.
_Truth = Annotated[str, msgspec.Meta(max_length=200)]


class PushedFrame(msgspec.Struct, frozen=True, tag="frame"):
    """A `frame` message from a pusher; its fields are those of `FrameMessage`."""

    bodies: list[PushedBody]
    captured_ns: int
    sequence: _Integer = 0
    stream: str = ""
    layout: str = "kinect-v2"
    truth: _Truth | None = None


def decode_pushed(data: bytes | str) -> PushedFrame:
    """Decode a pusher's message: text as JSON, bytes as msgpack.

    Raises ClientError, which names the field, if it is not a `frame` message.
    """
    try:
        if isinstance(data, bytes):
            return msgspec.msgpack.decode(data, type=PushedFrame)
        return _decode_text(data)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `")
        raise ClientError(text, path.rstrip("`").removeprefix("$").removeprefix(".")) from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        kind = "msgpack" if isinstance(data, bytes) else "JSON"
        raise ClientError(f"the message is not {kind}: {error}") from None


def _decode_text(data: str) -> PushedFrame:
    try:
        return msgspec.json.decode(data, type=PushedFrame)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # Python's json module writes NaN, which is not JSON. It means a missing joint, so it is
        # accepted.
        if "NaN" not in data:
            raise
        return msgspec.convert(json.loads(data), type=PushedFrame)


def pushed_arrays(body: PushedBody) -> tuple[FloatArray, FloatArray]:
    """Return a body's joints_m float32 (J, 3), NaN if unknown, and confidence float32 (J,)."""
    nan = float("nan")
    rows = [
        (nan, nan, nan) if row is None else tuple(nan if x is None else x for x in row)
        for row in body.joints_m
    ]
    with np.errstate(over="ignore"):  # values beyond float32 become infinite: the joint is missing
        joints = np.array(rows, np.float64).astype(np.float32).reshape(-1, 3)
        if body.confidence is None:
            return joints, np.ones(len(joints), np.float32)
        return joints, np.array([x or 0.0 for x in body.confidence], np.float64).astype(np.float32)
