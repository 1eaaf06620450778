"""Decodes the messages of many pushers together.

A numpy call costs the same for one message as for a hundred. Usual messages (binary, one body,
valid) that come at about the same time are decoded at once; any other is decoded alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np

from sensor.block import Block, clear_unseen
from sensor.skeleton import LAYOUTS, Frame
from service.engine.ports import FrameSink
from service.errors import ClientError
from service.ingest.push_decoder import FARTHEST_M, MOST_SEQUENCE
from service.ingest.push_socket import PushSocket
from service.wire.binary_frames import HEADER, LAYOUT_CODES, MAGIC, record_type

MOST_WAITING = 4
"""The number of messages of one pusher that may wait to be decoded."""
PACE_S = 0.012
"""Messages that follow each other within this time are decoded together."""

Message = tuple[PushSocket, bytes | str]
Read = Block | list[Frame] | None


class BlockSink(Protocol):
    """The receiver of blocks; `service.engine.overflow.Engines` is one."""

    def push_blocks(self, blocks: Sequence[tuple[FrameSink, Block]]) -> None:
        """Queue blocks of many streams at once."""
        ...


class PushBatches:
    """Collects messages, and pushes their frames to the engine.

    A single message is decoded at once; many are decoded every `PACE_S`. The messages of one
    pusher stay in order.
    """

    def __init__(self, engine: BlockSink) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None
        self._groups: dict[bytes | None, list[Message]] = {}
        self._waits: dict[PushSocket, int] = {}
        self._senders: dict[bytes | None, dict[PushSocket, None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next_s = 0.0

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Decode on `loop` from now on."""
        self._loop = loop

    def put(self, socket: PushSocket, data: bytes | str) -> None:
        """Add a message of a socket.

        A few messages of each socket may wait, all of one kind. Before any other is added, all are
        decoded, so that they stay in order and a pusher that runs ahead is paused.
        """
        head = _head(data)
        waits = self._waits.get(socket, 0)
        if waits == MOST_WAITING or (waits and socket not in self._of_kind(head)):
            self.read()
            waits = 0
        if not self._groups and self._loop is not None:
            wait_s = max(self._next_s - self._loop.time(), 0.0)
            self._timer = self._loop.call_later(wait_s, self.read)
        self._waits[socket] = waits + 1
        self._of_kind(head)[socket] = None
        self._groups.setdefault(head, []).append((socket, data))

    def _of_kind(self, head: bytes | None) -> dict[PushSocket, None]:
        return self._senders.setdefault(head, {})

    def read(self) -> None:
        """Decode all waiting messages and push their frames."""
        if self._timer is not None and self._loop is not None:
            self._timer.cancel()
            self._next_s = self._loop.time() + PACE_S
        groups, self._groups = self._groups, {}
        self._waits.clear()
        self._senders.clear()
        for group in groups.values():
            self._push(group, _read(group))

    def _push(self, group: list[Message], found: list[Read]) -> None:
        blocks = [
            (socket.stream, read)
            for (socket, _), read in zip(group, found, strict=True)
            if isinstance(read, Block)
        ]
        together = len(blocks) == len(found)
        if together:
            self._engine.push_blocks(blocks)
        for (socket, _), read in zip(group, found, strict=True):
            if isinstance(read, Block):
                if not together:
                    socket.stream.push(read)
                socket.pushed(int(read.captured_ns[-1]))
            elif read:
                for frame in read:
                    socket.stream.push(frame)
                socket.pushed(read[-1].captured_ns)


def _head(data: bytes | str) -> bytes | None:
    """The header that messages must share to be decoded together; None if that is impossible."""
    usual = isinstance(data, bytes) and data.startswith(MAGIC)
    return data[: HEADER.size] if usual and isinstance(data, bytes) else None


def _read(group: list[Message]) -> list[Read]:
    """The frames of each message of a group; None for a message that is wrong or too late."""
    plain = _plain(group) if len(group) > 1 else None
    found: list[Read] = []
    for i, (socket, data) in enumerate(group):
        if socket.failed:
            found.append(None)
        elif plain is not None and plain.usual[i]:
            found.append(plain.block(i, socket))
        else:
            found.append(socket.read(data))
    return found


@cache
def _message_type(head: bytes) -> np.dtype[np.void] | None:
    """The type of messages with this header, if they have one body; else None."""
    if len(head) < HEADER.size:
        return None
    _, code, bodies, frames = HEADER.unpack(head)
    if bodies != 1 or not frames or code >= len(LAYOUT_CODES):
        return None
    fields: list[Any] = [
        ("head", f"V{HEADER.size}"),
        ("records", record_type(LAYOUT_CODES[code], 1), (frames,)),
    ]
    return np.dtype(fields)


def _plain(group: list[Message]) -> _Plain | None:
    data = [message for _, message in group if isinstance(message, bytes)]
    kind = _message_type(data[0][: HEADER.size]) if len(data) == len(group) else None
    if kind is None or any(len(one) != kind.itemsize for one in data):
        return None
    if not group[0][0].fits(kind.itemsize):
        return None
    return _Plain(data, kind)


class _Plain:
    """M messages of F frames of one body; `usual` (M,) marks the valid ones."""

    def __init__(self, data: list[bytes], kind: np.dtype[np.void]) -> None:
        count = len(data)
        self._layout = LAYOUTS[LAYOUT_CODES[data[0][len(MAGIC)]]]
        records = np.frombuffer(b"".join(data), kind)["records"]
        bodies = records["bodies"][:, :, 0]
        self._joints = np.ascontiguousarray(bodies["joints_m"])
        self._confidence = np.ascontiguousarray(bodies["confidence"])
        self._sequence = records["sequence"].astype(np.int64)
        self._times = records["captured_ns"].astype(np.int64)
        self._told = self._times.tolist()
        ids = bodies["id"]
        self._ids = ids[:, 0].tolist()
        far = (np.abs(self._joints) > FARTHEST_M) & np.isfinite(self._joints)
        usual = ~far.reshape(count, -1).any(axis=1)
        clear_unseen(self._joints, self._confidence)
        usual &= (ids == ids[:, :1]).all(axis=1)
        # Not by abs: the lowest int64 has no absolute value.
        usual &= (self._sequence >= -MOST_SEQUENCE).all(axis=1)
        usual &= (self._sequence <= MOST_SEQUENCE).all(axis=1)
        self.usual: list[bool] = usual.tolist()
        for array in (self._joints, self._confidence, self._sequence):
            array.setflags(write=False)

    def block(self, i: int, socket: PushSocket) -> Block | None:
        """The frames of message i; None if their times are wrong, which ends the socket."""
        try:
            offset_ns = socket.decoder.offset_ns(self._told[i])
        except ClientError as error:
            socket.fail(error)
            return None
        return Block.checked(
            socket.stream.name,
            self._layout,
            self._ids[i],
            self._sequence[i],
            self._times[i] + offset_ns,
            self._joints[i],
            self._confidence[i],
        )
