"""Packets on the two pipes between the service and its inference process.

A packet is the length of its body (uint32), its kind (uint8) and its body, little-endian. Blocks of
frames are raw arrays, everything else is msgpack. Unpacking never runs code from a packet.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np

from sensor.block import Block
from sensor.isolation.packets import frame_body, unpack_frame
from sensor.skeleton import LAYOUTS, Frame
from service.engine.remote.orders import Order, Report
from service.wire.binary_frames import LAYOUT_CODES
from service.wire.encoding import Envelope

ORDER, BLOCKS, FRAME, MESSAGES, REPORT = 1, 2, 3, 4, 5

_HEAD = struct.Struct("<IB")
_BLOCKS = struct.Struct("<IHH8x")
_NUMBER = struct.Struct("<I")


class EncodedMessage(msgspec.Struct, frozen=True, array_like=True):
    """A message as JSON, with its kind, stream and bodies for the bus."""

    kind: str
    stream: str
    bodies: Sequence[int]
    json: bytes


_encoder = msgspec.msgpack.Encoder()
_orders: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)
_messages: msgspec.msgpack.Decoder[list[EncodedMessage]] = msgspec.msgpack.Decoder(
    list[EncodedMessage]
)

Packet = tuple[int, bytes]


def pack(kind: int, body: bytes) -> bytes:
    """Pack a body of a kind."""
    return _HEAD.pack(len(body), kind) + body


def pack_order(order: Order) -> bytes:
    """Pack an order to the inference process."""
    return pack(ORDER, _encoder.encode(order))


def pack_report(report: Report) -> bytes:
    """Pack a report of the inference process."""
    return pack(REPORT, _encoder.encode(report))


def pack_messages(envelopes: Iterable[Envelope]) -> bytes:
    """Pack messages for subscribers, as JSON."""
    messages = [
        EncodedMessage(one.kind, one.stream, one.bodies, one.encoded("json")) for one in envelopes
    ]
    return pack(MESSAGES, _encoder.encode(messages))


def pack_frame(number: int, frame: Frame) -> bytes:
    """Pack one frame of the stream with this number."""
    return pack(FRAME, _NUMBER.pack(number) + frame_body(frame, 0))


def pack_blocks(blocks: Iterable[tuple[int, Block]]) -> bytes:
    """Pack blocks, each with its stream's number, into one packet for each shape."""
    by_shape: defaultdict[tuple[int, int], list[tuple[int, Block]]] = defaultdict(list)
    for number, block in blocks:
        code = LAYOUT_CODES.index(block.layout.name)
        by_shape[code, len(block.captured_ns)].append((number, block))
    packets = []
    for (code, frames), group in by_shape.items():
        numbers = [number for number, _ in group]
        ids = [block.body_id for _, block in group]
        parts: list[bytes | memoryview] = [
            _BLOCKS.pack(len(group), frames, code),
            np.array(numbers + ids, np.int64).data,
            *(block.sequence.data for _, block in group),
            *(block.captured_ns.data for _, block in group),
            *(block.joints_m.data for _, block in group),
            *(block.confidence.data for _, block in group),
        ]
        packets.append(pack(BLOCKS, b"".join(parts)))
    return b"".join(packets)


def unpack_order(body: bytes) -> Order:
    """Unpack the order in a packet's body."""
    return _orders.decode(body)


def unpack_report(body: bytes) -> Report:
    """Unpack the report in a packet's body."""
    return _reports.decode(body)


def unpack_messages(body: bytes) -> list[Envelope]:
    """Unpack the messages in a packet's body."""
    messages = _messages.decode(body)
    return [Envelope.of_json(one.kind, one.stream, one.bodies, one.json) for one in messages]


def unpack_frame_of(body: bytes, name_of: dict[int, str]) -> tuple[str, Frame] | None:
    """Unpack a frame, with its stream's name; None if the stream's number is unknown."""
    name = name_of.get(_NUMBER.unpack_from(body)[0])
    return None if name is None else (name, unpack_frame(body[_NUMBER.size :], name)[0])


def unpack_blocks(body: bytes, name_of: dict[int, str]) -> list[tuple[str, Block]]:
    """Unpack blocks, each with its stream's name; those with an unknown number are left out."""
    count, frames, code = _BLOCKS.unpack_from(body)
    layout = LAYOUTS[LAYOUT_CODES[code]]
    joints = len(layout.joints)
    integers = np.frombuffer(body, np.int64, 2 * count * (1 + frames), _BLOCKS.size)
    numbers, ids = integers[: 2 * count].reshape(2, count).tolist()
    sequence, t_ns = integers[2 * count :].reshape(2, count, frames)
    at = _BLOCKS.size + integers.nbytes
    floats = np.frombuffer(body, np.float32, count * frames * joints * 4, at)
    xyz_m = floats[: count * frames * joints * 3].reshape(count, frames, joints, 3)
    confidence = floats[count * frames * joints * 3 :].reshape(count, frames, joints)
    return [
        (name, Block.checked(name, layout, ids[i], sequence[i], t_ns[i], xyz_m[i], confidence[i]))
        for i, name in enumerate(map(name_of.get, numbers))
        if name is not None
    ]


class Splitter:
    """Cuts the bytes of a pipe, which come in pieces of any size, into packets."""

    def __init__(self) -> None:
        self._rest = b""

    def packets(self, data: bytes) -> Iterator[Packet]:
        """Add bytes; yield the packets that are complete now."""
        data = self._rest + data if self._rest else data
        at = 0
        while len(data) - at >= _HEAD.size:
            size, kind = _HEAD.unpack_from(data, at)
            end = at + _HEAD.size + size
            if end > len(data):
                break
            yield kind, data[at + _HEAD.size : end]
            at = end
        self._rest = data[at:]
