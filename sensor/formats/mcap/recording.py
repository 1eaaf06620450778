"""Jointwise's recordings of live streams as MCAP, `.mcap`, written by `jointwise record`.

The skeletons are on one channel with the schema `jointwise.Frame`: `frame` messages as on the wire,
but in the sensor's own layout, with its own ids and with exact float32 values. The reader ignores
everything else in the file (predictions, actions, a 3D scene). A file without its end, cut off by a
crash, is read as far as it goes. Reading needs the `record` extra.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Annotated

import msgspec

from sensor.errors import RecordingError
from sensor.formats import json_text
from sensor.formats.json_text import BodyJson, bodies_from_json, bodies_to_json
from sensor.formats.mcap.reader import MESSAGE, SCHEMA, UNREADABLE, damaged, flat_records
from sensor.formats.mcap.writer import MISSING
from sensor.formats.recording import (
    Limits,
    Recording,
    check_frame_count,
    check_times,
    checked_recording,
    measured_rate_hz,
)
from sensor.skeleton import LAYOUTS, Frame

FORMAT = "mcap"
FRAME_SCHEMA = "jointwise.Frame"
LARGEST_FRAME_BYTES = 256 * 1024
"""64 bodies take less, so a longer message is not a frame."""
_MESSAGE_HEAD = struct.Struct("<HIQQ")


class RecordedFrame(msgspec.Struct, tag="frame"):
    """A `frame` message with exact float32 values."""

    bodies: list[BodyJson]
    captured_ns: int
    sequence: Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)] = 0
    stream: str = ""
    layout: str = "kinect-v2"
    truth: Annotated[str, msgspec.Meta(max_length=200)] | None = None


def frame_json(frame: Frame) -> bytes:
    """Return the JSON message of one frame."""
    return msgspec.json.encode(
        RecordedFrame(
            bodies_to_json(frame.bodies),
            frame.captured_ns,
            frame.sequence,
            frame.source,
            frame.layout.name,
            frame.truth,
        )
    )


def read(name: str, data: bytes, limits: Limits) -> Recording:
    """Read the skeletons of an MCAP file. Raises RecordingError.

    A frame whose time is earlier than that of the frame before is left out.
    """
    frames: list[Frame] = []
    for text in _frame_messages(name, data, limits):
        check_frame_count(name, len(frames) + 1, limits)
        frame = _frame(f"{name}: frame {len(frames) + 1}", name, text)
        if frames and frame.layout is not frames[0].layout:
            raise RecordingError(f"{name}: the layout changes at frame {len(frames) + 1}")
        if not frames or frame.captured_ns >= frames[-1].captured_ns:
            frames.append(frame)
    if not frames:
        raise RecordingError(f"{name}: the recording holds no frames")
    where = [f"frame {i}" for i in range(1, len(frames) + 1)]
    times = check_times(name, [frame.captured_ns for frame in frames], where, limits)
    timed = [
        Frame(f.source, f.sequence, int(t), f.bodies, f.layout, f.truth)
        for f, t in zip(frames, times, strict=True)
    ]
    rate_hz = min(max(measured_rate_hz(times), 1.0), 240.0)
    return checked_recording(name, FORMAT, frames[0].layout, timed, rate_hz, limits)


def _frame(where: str, name: str, text: bytes) -> Frame:
    found = json_text.decode(where, text, RecordedFrame)
    layout = LAYOUTS.get(found.layout)
    if layout is None:
        raise RecordingError(
            f"{where}: unknown layout {found.layout!r}; available: {', '.join(LAYOUTS)}"
        )
    bodies = bodies_from_json(where, found.bodies, layout)
    return Frame(found.stream or name, found.sequence, found.captured_ns, bodies, layout,
                 found.truth)  # fmt: skip


def _frame_messages(name: str, data: bytes, limits: Limits) -> Iterator[bytes]:
    """Yield the data of each message on the channel of frames, as far as the file goes."""
    try:
        from mcap.data_stream import ReadDataStream
        from mcap.exceptions import McapError
        from mcap.records import Channel, Schema
    except ImportError:
        raise RecordingError(f"{name}: {MISSING}") from None
    schemas: dict[int, str] = {}
    wanted: int | None = None
    for kind, record in flat_records(name, data, limits):
        if kind == MESSAGE:
            if len(record) < _MESSAGE_HEAD.size:
                raise damaged(name)
            if int.from_bytes(record[:2], "little") == wanted:
                yield _message_data(name, record)
            continue
        try:
            stream = ReadDataStream(io.BytesIO(record))
            if kind == SCHEMA:
                schema = Schema.read(stream)
                schemas[schema.id] = schema.name
                continue
            channel = Channel.read(stream)
        except (*UNREADABLE, McapError):
            raise damaged(name) from None
        if schemas.get(channel.schema_id) == FRAME_SCHEMA and channel.message_encoding == "json":
            if wanted not in (None, channel.id):
                raise RecordingError(f"{name}: has frames of two streams; only one can be read")
            wanted = channel.id
    if wanted is None:
        raise RecordingError(
            f"{name}: an MCAP file without a channel of {FRAME_SCHEMA}; `jointwise record` did not "
            "write it, or it was cut off before its first frame"
        )


def _message_data(name: str, record: memoryview) -> bytes:
    if len(record) > LARGEST_FRAME_BYTES:
        raise RecordingError(f"{name}: a message of {len(record)} bytes is too long for a frame")
    return bytes(record[_MESSAGE_HEAD.size :])
