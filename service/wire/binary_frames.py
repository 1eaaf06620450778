"""Binary messages that hold several frames: the cheapest way to push.

A pusher can send binary messages instead of `frame` messages. Each has a header of 8 bytes, then
one record for each frame. All numbers are little endian, without padding:

    header    magic "JWF1" | layout, uint8 | bodies per frame, uint8 | frames, uint16
    record    captured_ns, int64 | sequence, int64 | for each body: id, int32 |
              joints_m, float32 (J, 3) | confidence, float32 (J,)

The layout is 0 for `kinect-v2` (J = 25 joints), 1 for `kinect-v1` (20), 2 for `azure-kinect` (32).
All frames of a message have the same layout and the same number of bodies, which may be 0.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import LAYOUTS, Frame, Layout
from service.errors import ClientError

MAGIC = b"JWF1"
"""Neither JSON nor a msgpack map begins with these bytes."""
LAYOUT_CODES = ("kinect-v2", "kinect-v1", "azure-kinect")
"""The layouts; the number of a layout is its index here."""
HEADER = struct.Struct("<4sBBH")
MOST_FRAMES = 2**16 - 1

Records = NDArray[np.void]


@cache
def record_type(layout: str, bodies: int) -> np.dtype[np.void]:
    """Return the type of one frame in a message: fields captured_ns, sequence, bodies."""
    joints = len(LAYOUTS[layout].joints)
    body = [("id", "<i4"), ("joints_m", "<f4", (joints, 3)), ("confidence", "<f4", (joints,))]
    fields: list[Any] = [("captured_ns", "<i8"), ("sequence", "<i8"), ("bodies", body, (bodies,))]
    return np.dtype(fields)


def encode_frames(frames: Sequence[Frame]) -> bytes:
    """Encode frames as one message, without their `truth`.

    Raises ValueError if there are none or too many, or if their layouts or numbers of bodies
    differ: send these in messages of their own.
    """
    if not 0 < len(frames) <= MOST_FRAMES:
        raise ValueError(f"a message holds 1 to {MOST_FRAMES} frames, not {len(frames)}")
    layout, bodies = frames[0].layout.name, len(frames[0].bodies)
    if any(f.layout.name != layout or len(f.bodies) != bodies for f in frames):
        raise ValueError("the frames of a message have one layout and one number of bodies")
    if bodies > 255:
        raise ValueError(f"a frame holds at most 255 bodies, not {bodies}")
    records = np.zeros(len(frames), record_type(layout, bodies))
    records["captured_ns"] = [frame.captured_ns for frame in frames]
    records["sequence"] = [frame.sequence for frame in frames]
    for record, frame in zip(records["bodies"], frames, strict=True):
        for slot, body in zip(record, frame.bodies, strict=True):
            slot["id"], slot["joints_m"], slot["confidence"] = (
                body.id,
                body.joints_m,
                body.confidence,
            )
    return header(layout, bodies, len(frames)) + records.tobytes()


def header(layout: str, bodies: int, frames: int) -> bytes:
    """Return the header of a message: the 8 bytes before the records."""
    return HEADER.pack(MAGIC, LAYOUT_CODES.index(layout), bodies, frames)


def decode_records(data: bytes) -> tuple[Layout, Records]:
    """Return the layout and the records (F,), F >= 1, of a message that begins with `MAGIC`.

    The records share the memory of `data`, and their values are not checked. Raises ClientError if
    the header or the length is wrong.
    """
    if len(data) < HEADER.size:
        raise ClientError(f"a binary message has at least {HEADER.size} bytes, not {len(data)}")
    _, code, bodies, frames = HEADER.unpack_from(data)
    if code >= len(LAYOUT_CODES):
        known = ", ".join(f"{i} {name}" for i, name in enumerate(LAYOUT_CODES))
        raise ClientError(f"unknown layout {code}; available: {known}", "layout")
    if not frames:
        raise ClientError("a message holds at least one frame", "frames")
    name = LAYOUT_CODES[code]
    record = record_type(name, bodies)
    size = HEADER.size + frames * record.itemsize
    if len(data) != size:
        raise ClientError(
            f"{frames} frames of {bodies} bodies in layout {name} make {size} bytes, "
            f"not {len(data)}",
            "frames",
        )
    return LAYOUTS[name], np.frombuffer(data, record, offset=HEADER.size)
