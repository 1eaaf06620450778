"""Decodes the messages of many pushers together.

A numpy call costs about as much for one message as for a hundred. Usual messages (binary, one body,
valid) that come at about the same time are decoded together, any others one by one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np

from sensor.block import Block
from sensor.skeleton import LAYOUTS, Frame, clear_unseen
from service.engine.ports import FrameSink
from service.errors import ClientError
from service.ingest.push_decoder import FARTHEST_M, MOST_SEQUENCE
from service.ingest.push_socket import PushSocket
from service.wire.binary_frames import HEADER, LAYOUT_CODES, MAGIC, record_type

MOST_WAITING = 4
"""At most this many messages of one pusher wait to be decoded."""
PACE_S = 0.012
"""The shortest time between two decodings; messages that come meanwhile are decoded together."""

Message = tuple[PushSocket, bytes | str]
Decoded = Block | list[Frame] | None
"""The frames of a message; None if it is wrong, or if its socket has failed before."""


class BlockSink(Protocol):
    """The receiver of blocks; `service.engine.overflow.Engines` is one."""

    def push_blocks(self, blocks: Sequence[tuple[FrameSink, Block]]) -> None:
        """Queue blocks of many streams at once."""
        ...


class PushBatches:
    """Collects messages, decodes them and pushes their frames to the engine.

    The messages of one pusher stay in order.
    """

    def __init__(self, engine: BlockSink) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None
        # Messages are grouped by their common header; see `_header`.
        self._groups: dict[bytes | None, list[Message]] = {}
        self._waiting: dict[PushSocket, int] = {}
        self._senders: dict[bytes | None, dict[PushSocket, None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next_s = 0.0

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Decode on `loop` from now on."""
        self._loop = loop

    def put(self, socket: PushSocket, data: bytes | str) -> None:
        """Add a message of a socket.

        A few messages of each socket may wait, all with one header. Before any other is added, all
        are decoded, so that they stay in order, and a pusher that runs ahead is paused.
        """
        header = _header(data)
        waiting = self._waiting.get(socket, 0)
        if waiting == MOST_WAITING or (waiting and socket not in self._senders_of(header)):
            self.read()
            waiting = 0
        if not self._groups and self._loop is not None:
            wait_s = max(self._next_s - self._loop.time(), 0.0)
            self._timer = self._loop.call_later(wait_s, self.read)
        self._waiting[socket] = waiting + 1
        self._senders_of(header)[socket] = None
        self._groups.setdefault(header, []).append((socket, data))

    def _senders_of(self, header: bytes | None) -> dict[PushSocket, None]:
        return self._senders.setdefault(header, {})

    def read(self) -> None:
        """Decode all waiting messages and push their frames."""
        if self._timer is not None and self._loop is not None:
            self._timer.cancel()
            self._next_s = self._loop.time() + PACE_S
        groups, self._groups = self._groups, {}
        self._waiting.clear()
        self._senders.clear()
        for group in groups.values():
            self._push(group, _decode(group))

    def _push(self, group: list[Message], decoded: list[Decoded]) -> None:
        blocks = [
            (socket.stream, frames)
            for (socket, _), frames in zip(group, decoded, strict=True)
            if isinstance(frames, Block)
        ]
        all_blocks = len(blocks) == len(decoded)
        if all_blocks:
            self._engine.push_blocks(blocks)
        for (socket, _), frames in zip(group, decoded, strict=True):
            if isinstance(frames, Block):
                if not all_blocks:
                    socket.stream.push(frames)
                socket.pushed(int(frames.captured_ns[-1]))
            elif frames:
                for frame in frames:
                    socket.stream.push(frame)
                socket.pushed(frames[-1].captured_ns)


def _header(data: bytes | str) -> bytes | None:
    """Return a binary message's header, which a group has in common; None for other messages."""
    binary = isinstance(data, bytes) and data.startswith(MAGIC)
    return data[: HEADER.size] if binary and isinstance(data, bytes) else None


def _decode(group: list[Message]) -> list[Decoded]:
    together = _decode_together(group) if len(group) > 1 else None
    decoded: list[Decoded] = []
    for i, (socket, data) in enumerate(group):
        if socket.failed:
            decoded.append(None)
        elif together is not None and together.usual[i]:
            decoded.append(together.block(i, socket))
        else:
            decoded.append(socket.read(data))
    return decoded


@cache
def _message_type(header: bytes) -> np.dtype[np.void] | None:
    """Return the type of messages with this header, if they have one body; else None."""
    if len(header) < HEADER.size:
        return None
    _, code, bodies, frames = HEADER.unpack(header)
    if bodies != 1 or not frames or code >= len(LAYOUT_CODES):
        return None
    fields: list[Any] = [
        ("header", f"V{HEADER.size}"),
        ("records", record_type(LAYOUT_CODES[code], 1), (frames,)),
    ]
    return np.dtype(fields)


def _decode_together(group: list[Message]) -> _OneBodyMessages | None:
    """Decode a group whose messages have one body and the right size; None for other groups."""
    data = [message for _, message in group if isinstance(message, bytes)]
    message_type = _message_type(data[0][: HEADER.size]) if len(data) == len(group) else None
    if message_type is None or any(len(message) != message_type.itemsize for message in data):
        return None
    if not group[0][0].fits(message_type.itemsize):
        return None
    return _OneBodyMessages(data, message_type)


class _OneBodyMessages:
    """M messages of F frames of one body. `usual` (M,) marks messages without a mistake.

    The times are checked in `block`. An unusual message must be decoded alone, which names the
    mistake.
    """

    def __init__(self, data: list[bytes], message_type: np.dtype[np.void]) -> None:
        count = len(data)
        self._layout = LAYOUTS[LAYOUT_CODES[data[0][len(MAGIC)]]]
        records = np.frombuffer(b"".join(data), message_type)["records"]
        bodies = records["bodies"][:, :, 0]
        self._joints = np.ascontiguousarray(bodies["joints_m"])
        self._confidence = np.ascontiguousarray(bodies["confidence"])
        self._sequence = records["sequence"].astype(np.int64)
        self._captured_ns = records["captured_ns"].astype(np.int64)
        self._time_lists = self._captured_ns.tolist()
        ids = bodies["id"]
        self._ids = ids[:, 0].tolist()
        far = (np.abs(self._joints) > FARTHEST_M) & np.isfinite(self._joints)
        usual = ~far.reshape(count, -1).any(axis=1)
        clear_unseen(self._joints, self._confidence)
        usual &= (ids == ids[:, :1]).all(axis=1)
        # The lowest int64 has no absolute value.
        usual &= (self._sequence >= -MOST_SEQUENCE).all(axis=1)
        usual &= (self._sequence <= MOST_SEQUENCE).all(axis=1)
        self.usual: list[bool] = usual.tolist()
        for array in (self._joints, self._confidence, self._sequence):
            array.setflags(write=False)

    def block(self, i: int, socket: PushSocket) -> Block | None:
        """Return the frames of message `i`. Wrong times end the socket; then it returns None."""
        try:
            offset_ns = socket.decoder.offset_ns(self._time_lists[i])
        except ClientError as error:
            socket.fail(error)
            return None
        return Block.checked(
            socket.stream.name,
            self._layout,
            self._ids[i],
            self._sequence[i],
            self._captured_ns[i] + offset_ns,
            self._joints[i],
            self._confidence[i],
        )
