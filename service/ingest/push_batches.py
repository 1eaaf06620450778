"""Messages of all pushers that come at about the same time, read together.

A numpy call costs the same for one message as for a hundred, so the usual ones (binary, one body,
nothing wrong) are looked at all at once; any other is read alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np

from sensor.block import Block, clear_unseen
from sensor.skeleton import LAYOUTS, Frame
from service.errors import ClientError
from service.ingest.push_decoder import FARTHEST_M, MOST_SEQUENCE
from service.ingest.push_socket import Intake
from service.wire.binary_frames import HEADER, LAYOUT_CODES, MAGIC, record_type

MOST_WAITING = 4
"""Messages of one pusher that may wait to be read."""
PACE_S = 0.012
"""Messages that follow each other closer than this are read together."""

Message = tuple[Intake, bytes | str]
Read = Block | list[Frame] | None


class Engine(Protocol):
    """What frames are pushed into; `service.engine.Engine` is one."""

    def push(self, name: str, frame: Frame) -> None:
        """Queue a frame of a stream."""
        ...

    def push_blocks(self, blocks: Sequence[tuple[str, Block]]) -> None:
        """Queue blocks of many streams, each with its stream's name."""
        ...


class Arrivals:
    """Takes messages as they come, and pushes their frames: at once where there are few.

    Where there are many, they are read every `PACE_S`. The messages of one pusher stay in order.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None
        self._groups: dict[bytes | None, list[Message]] = {}
        self._waits: dict[Intake, int] = {}
        self._senders: dict[bytes | None, dict[Intake, None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next_s = 0.0

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on read on `loop`."""
        self._loop = loop

    def put(self, intake: Intake, data: bytes | str) -> None:
        """Take a message of an intake.

        A few of each may wait, all of one kind; before another comes all are read, so that they
        stay in order, and whoever runs ahead is held.
        """
        head = _head(data)
        waits = self._waits.get(intake, 0)
        if waits == MOST_WAITING or (waits and intake not in self._of_kind(head)):
            self.read()
            waits = 0
        if not self._groups and self._loop is not None:
            wait_s = max(self._next_s - self._loop.time(), 0.0)
            self._timer = self._loop.call_later(wait_s, self.read)
        self._waits[intake] = waits + 1
        self._of_kind(head)[intake] = None
        self._groups.setdefault(head, []).append((intake, data))

    def _of_kind(self, head: bytes | None) -> dict[Intake, None]:
        return self._senders.setdefault(head, {})

    def read(self) -> None:
        """Read all that waits, and push it."""
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
            (intake.stream, read)
            for (intake, _), read in zip(group, found, strict=True)
            if isinstance(read, Block)
        ]
        together = len(blocks) == len(found)
        if together:
            self._engine.push_blocks(blocks)
        for (intake, _), read in zip(group, found, strict=True):
            if isinstance(read, Block):
                if not together:
                    self._engine.push_blocks([(intake.stream, read)])
                intake.pushed(int(read.captured_ns[-1]))
            elif read:
                for frame in read:
                    self._engine.push(intake.stream, frame)
                intake.pushed(read[-1].captured_ns)


def _head(data: bytes | str) -> bytes | None:
    """What messages share that can be read together; None for those that cannot."""
    usual = isinstance(data, bytes) and data.startswith(MAGIC)
    return data[: HEADER.size] if usual and isinstance(data, bytes) else None


def _read(group: list[Message]) -> list[Read]:
    """What each message of a group holds; None for one that is wrong or comes too late."""
    plain = _plain(group) if len(group) > 1 else None
    found: list[Read] = []
    for i, (intake, data) in enumerate(group):
        if intake.failed:
            found.append(None)
        elif plain is not None and plain.usual[i]:
            found.append(plain.block(i, intake))
        else:
            found.append(intake.read(data))
    return found


@cache
def _message_type(head: bytes) -> np.dtype[np.void] | None:
    """Whole messages that begin with `head`, where they have one body; None for others."""
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
    """M messages of F frames of one body: `usual` (M,) says which need no second look."""

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
        # Not by abs, of which the lowest number has none.
        usual &= (self._sequence >= -MOST_SEQUENCE).all(axis=1)
        usual &= (self._sequence <= MOST_SEQUENCE).all(axis=1)
        self.usual: list[bool] = usual.tolist()
        for array in (self._joints, self._confidence, self._sequence):
            array.setflags(write=False)

    def block(self, i: int, intake: Intake) -> Block | None:
        """The i-th message's frames; None where their times are wrong, which ends the socket."""
        try:
            offset_ns = intake.pusher.offset_ns(self._told[i])
        except ClientError as error:
            intake.fail(error)
            return None
        return Block.checked(
            intake.stream,
            self._layout,
            self._ids[i],
            self._sequence[i],
            self._times[i] + offset_ns,
            self._joints[i],
            self._confidence[i],
        )
