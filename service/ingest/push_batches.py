"""Decodes the messages of many pushers together.

A numpy call costs about as much for one message as for a hundred. Usual messages (binary, one body,
valid) that come at about the same time are decoded together, any others one by one.

Decoding takes turns: a turn takes at most `MOST_WAITING` messages of each pusher. The rest waits in
the socket, so a fast pusher delays the others by at most one turn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np

from sensor.block import Block
from sensor.skeleton import LAYOUTS, Frame, clear_unseen
from service.engine.ports import FrameSink
from service.ingest.push_decoder import FARTHEST_M, MOST_SEQUENCE
from service.ingest.push_socket import Pause, PushSocket
from service.wire.binary_frames import HEADER, LAYOUT_CODES, MAGIC, record_type

log = logging.getLogger(__name__)

MOST_WAITING = 4
"""A turn takes at most this many messages of one pusher."""
PACE_S = 0.012
"""The shortest time between two turns; messages that come meanwhile are decoded together."""

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
        self._taken: dict[PushSocket, int] = {}
        self._resting: list[PushSocket] = []
        self._senders: dict[bytes | None, dict[PushSocket, None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next_s = 0.0

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Decode on `loop` from now on."""
        self._loop = loop

    def put(self, socket: PushSocket, data: bytes | str) -> None:
        """Add a message of a socket.

        The waiting messages of a socket have one header. Before any other is added, all are
        decoded, so that they stay in order. After the last message of its turn, a socket rests.
        """
        header = _header(data)
        taken = self._taken.get(socket, 0)
        if taken and socket not in self._senders_of(header):
            self.read()
        if self._timer is None and self._loop is not None:
            wait_s = max(self._next_s - self._loop.time(), 0.0)
            self._timer = self._loop.call_later(wait_s, self._end_turn)
        self._taken[socket] = taken + 1
        self._senders_of(header)[socket] = None
        self._groups.setdefault(header, []).append((socket, data))
        if taken + 1 == MOST_WAITING:
            self._resting.append(socket)
            socket.hold(Pause.TURN)

    def _senders_of(self, header: bytes | None) -> dict[PushSocket, None]:
        return self._senders.setdefault(header, {})

    def read(self) -> None:
        """Decode all waiting messages and push their frames."""
        groups, self._groups = self._groups, {}
        self._senders.clear()
        for group in groups.values():
            self._push(group, _decode(group))

    def _end_turn(self) -> None:
        """Decode all waiting messages; the next turn begins, and the sockets that rest go on."""
        assert self._loop is not None
        self.read()
        self._timer = None
        self._next_s = self._loop.time() + PACE_S
        self._taken.clear()
        resting, self._resting = self._resting, []
        for socket in resting:
            socket.go_on(Pause.TURN)

    def _push(self, group: list[Message], decoded: list[Decoded]) -> None:
        """Push the frames of a group. If one message cannot be pushed, only its socket ends."""
        blocks = [
            (socket.stream, frames)
            for (socket, _), frames in zip(group, decoded, strict=True)
            if isinstance(frames, Block)
        ]
        pushed = len(blocks) == len(decoded) and self._push_together(blocks)
        for (socket, data), frames in zip(group, decoded, strict=True):
            if frames:
                try:
                    newest_ns = _newest_ns(frames) if pushed else _push_alone(socket, frames)
                    socket.pushed(newest_ns, len(frames), len(data))
                except Exception as error:  # an edge: any failure ends only this socket
                    socket.fail(error)

    def _push_together(self, blocks: Sequence[tuple[FrameSink, Block]]) -> bool:
        """Push the blocks of a group; return False if they must be pushed one by one."""
        try:
            self._engine.push_blocks(blocks)
        except Exception:
            log.exception("blocks could not be pushed together")
            return False
        return True


def _newest_ns(frames: Block | list[Frame]) -> int:
    return int(frames.captured_ns[-1] if isinstance(frames, Block) else frames[-1].captured_ns)


def _push_alone(socket: PushSocket, frames: Block | list[Frame]) -> int:
    """Push the frames of one message, and return the newest time."""
    for entry in (frames,) if isinstance(frames, Block) else frames:
        socket.stream.push(entry)
    return _newest_ns(frames)


def _header(data: bytes | str) -> bytes | None:
    """Return a binary message's header, which a group has in common; None for other messages."""
    binary = isinstance(data, bytes) and data.startswith(MAGIC)
    return data[: HEADER.size] if binary and isinstance(data, bytes) else None


def _decode(group: list[Message]) -> list[Decoded]:
    try:
        together = _decode_together(group) if len(group) > 1 else None
    except Exception:
        log.exception("messages could not be decoded together")
        together = None
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
            return Block.checked(
                socket.stream.name,
                self._layout,
                self._ids[i],
                self._sequence[i],
                self._captured_ns[i] + offset_ns,
                self._joints[i],
                self._confidence[i],
            )
        except Exception as error:  # an edge: any failure ends only this socket
            socket.fail(error)
            return None
