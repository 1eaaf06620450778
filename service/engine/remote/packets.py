"""What the service and its inference process say to each other: packets on two pipes.

A packet is its body's length (uint32), its kind (uint8) and its body, little-endian. Blocks of
frames go as they lie in memory, all else as msgpack. Nothing in a packet can run code.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np

from sensor.block import Block
from sensor.isolation.packets import frame_body, unpack_frame
from sensor.skeleton import LAYOUTS, Frame
from service.engine.stream import State
from service.wire.binary_frames import LAYOUT_CODES
from service.wire.encoding import Envelope, bodies_of, encode, kind_of, stream_of
from service.wire.messages import Message, StreamInfo

ORDER, BLOCKS, FRAME, MESSAGES, REPORT = 1, 2, 3, 4, 5

_HEAD = struct.Struct("<IB")
_BLOCKS = struct.Struct("<IHH8x")
_NUMBER = struct.Struct("<I")


class Setup(msgspec.Struct, frozen=True, tag=True):
    """The first order: what the process needs to know; see `service.engine.Engine`."""

    model: str | None
    device: Literal["auto", "cpu", "cuda"]
    threads: int | None
    catch_up: int | None
    max_bodies: int
    min_confidence: float
    relevance_hz: float
    queue_frames: int


class Add(msgspec.Struct, frozen=True, tag=True):
    """Open a stream, which blocks and frames name by `number`."""

    number: int
    name: str
    kind: str
    note: str


class Remove(msgspec.Struct, frozen=True, tag=True):
    """Close a stream, after what came before."""

    number: int


class Changed(msgspec.Struct, frozen=True, tag=True):
    """A stream's new state."""

    number: int
    state: State
    note: str


class Dropped(msgspec.Struct, frozen=True, tag=True):
    """Frames of a stream were lost before they came here."""

    number: int
    frames: int


class Want(msgspec.Struct, frozen=True, tag=True):
    """Whether anybody wants messages of a kind, of a stream."""

    kind: str
    stream: str
    wanted: bool


class Room(msgspec.Struct, frozen=True, tag=True):
    """Say so when few frames of the stream wait; the answer is the same, sent back."""

    number: int


Order = Setup | Add | Remove | Changed | Dropped | Want | Room


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The model is loaded and the streams may come."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The model could not be loaded."""

    text: str


class Counts(msgspec.Struct, frozen=True, tag=True):
    """How the streams are that have changed, and how many predictions were explained so far."""

    streams: list[StreamInfo]
    explained: int
    unexplained: int


class Made(msgspec.Struct, frozen=True, tag=True):
    """One batch: what the clock said, in nanoseconds, and how many predictions it made."""

    taken_ns: int
    featured_ns: int
    predicted_ns: int
    predictions: int


class Explained(msgspec.Struct, frozen=True, tag=True):
    """One batch of the explaining thread."""

    windows: int
    duration_ns: int


class Told(msgspec.Struct, frozen=True, array_like=True):
    """A message as subscribers get it, and what must be known to send it on."""

    kind: str
    stream: str
    bodies: Sequence[int]
    json: bytes


Report = Ready | Failed | Counts | Made | Explained | Room

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


def pack_messages(messages: Iterable[Message]) -> bytes:
    """What subscribers are to be told."""
    told = [Told(kind_of(m), stream_of(m), bodies_of(m), encode(m, "json")) for m in messages]
    return pack(MESSAGES, _encoder.encode(told))


def pack_frame(number: int, frame: Frame) -> bytes:
    """One frame of a stream."""
    return pack(FRAME, _NUMBER.pack(number) + frame_body(frame, 0))


def pack_blocks(blocks: Iterable[tuple[int, Block]]) -> bytes:
    """Blocks of many streams, each with its stream's number; one packet for each shape of them."""
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
    """A stream's name and its frame; None for a number that has no name."""
    name = name_of.get(_NUMBER.unpack_from(body)[0])
    return None if name is None else (name, unpack_frame(body[_NUMBER.size :], name)[0])


def unpack_blocks(body: bytes, name_of: dict[int, str]) -> list[tuple[str, Block]]:
    """Blocks, each with its stream's name; those of a number that has no name are left out."""
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
    """Cuts what a pipe brings, in pieces of any size, into packets."""

    def __init__(self) -> None:
        self._rest = b""

    def packets(self, data: bytes) -> Iterator[Packet]:
        """The packets that are whole now."""
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
