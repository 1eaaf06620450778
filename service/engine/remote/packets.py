"""Packets on the two pipes between the service and its inference process.

A packet is its body's length (uint32), its kind (uint8) and its body, little-endian. Blocks of
frames are copied from memory, everything else is msgpack. Nothing in a packet can run code.
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


class Told(msgspec.Struct, frozen=True, array_like=True):
    """A message as JSON, with its kind, stream and bodies for the bus."""

    kind: str
    stream: str
    bodies: Sequence[int]
    json: bytes


_encoder = msgspec.msgpack.Encoder()
_orders: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)
_told: msgspec.msgpack.Decoder[list[Told]] = msgspec.msgpack.Decoder(list[Told])

Packet = tuple[int, bytes]


def pack(kind: int, body: bytes) -> bytes:
    """A packet's bytes."""
    return _HEAD.pack(len(body), kind) + body


def pack_order(order: Order) -> bytes:
    """An order to the inference process."""
    return pack(ORDER, _encoder.encode(order))


def pack_report(report: Report) -> bytes:
    """A report of the inference process."""
    return pack(REPORT, _encoder.encode(report))


def pack_messages(envelopes: Iterable[Envelope]) -> bytes:
    """Messages for subscribers, as JSON."""
    told = [Told(one.kind, one.stream, one.bodies, one.encoded("json")) for one in envelopes]
    return pack(MESSAGES, _encoder.encode(told))


def pack_frame(number: int, frame: Frame) -> bytes:
    """One frame of a stream."""
    return pack(FRAME, _NUMBER.pack(number) + frame_body(frame, 0))


def pack_blocks(blocks: Iterable[tuple[int, Block]]) -> bytes:
    """Blocks of many streams, each with its stream's number; one packet for each shape."""
    alike: defaultdict[tuple[int, int], list[tuple[int, Block]]] = defaultdict(list)
    for number, block in blocks:
        code = LAYOUT_CODES.index(block.layout.name)
        alike[code, len(block.captured_ns)].append((number, block))
    packets = []
    for (code, frames), group in alike.items():
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
    """The order of a packet's body."""
    return _orders.decode(body)


def unpack_report(body: bytes) -> Report:
    """The report of a packet's body."""
    return _reports.decode(body)


def unpack_messages(body: bytes) -> list[Envelope]:
    """The messages of a packet's body."""
    told = _told.decode(body)
    return [Envelope.of_json(one.kind, one.stream, one.bodies, one.json) for one in told]


def unpack_frame_of(body: bytes, name_of: dict[int, str]) -> tuple[str, Frame] | None:
    """A stream's name and its frame; None for an unknown number."""
    name = name_of.get(_NUMBER.unpack_from(body)[0])
    return None if name is None else (name, unpack_frame(body[_NUMBER.size :], name)[0])


def unpack_blocks(body: bytes, name_of: dict[int, str]) -> list[tuple[str, Block]]:
    """Blocks, each with its stream's name; blocks with an unknown number are left out."""
    count, frames, code = _BLOCKS.unpack_from(body)
    layout = LAYOUTS[LAYOUT_CODES[code]]
    joints = len(layout.joints)
    whole = np.frombuffer(body, np.int64, 2 * count * (1 + frames), _BLOCKS.size)
    numbers, ids = whole[: 2 * count].reshape(2, count).tolist()
    sequence, times = whole[2 * count :].reshape(2, count, frames)
    at = _BLOCKS.size + whole.nbytes
    parts = np.frombuffer(body, np.float32, count * frames * joints * 4, at)
    places = parts[: count * frames * joints * 3].reshape(count, frames, joints, 3)
    sure = parts[count * frames * joints * 3 :].reshape(count, frames, joints)
    return [
        (name, Block.checked(name, layout, ids[i], sequence[i], times[i], places[i], sure[i]))
        for i, name in enumerate(map(name_of.get, numbers))
        if name is not None
    ]


class Splitter:
    """Cuts the bytes of a pipe, which come in pieces of any size, into packets."""

    def __init__(self) -> None:
        self._rest = b""

    def packets(self, data: bytes) -> Iterator[Packet]:
        """The packets that are complete now."""
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
