"""What simulated cameras send: real composed motion, ready-made as messages' bytes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from models.card import DEFAULT_MODEL, load_card
from models.errors import ModelError
from models.gallery.demo_source import demo_recording
from models.gallery.exemplars import load_exemplars
from sensor.skeleton import Frame
from service.wire.binary_frames import HEADER, encode_frames, header, record_type

RATE_HZ = 30
MOST_FRAMES = 64
"""Frames of one message; a camera that waits for more is no live one."""
_STAMP = struct.Struct("<qq")
_WS_HEADER = 8
SHORTEST = 10 * RATE_HZ


def performances(model_dir: Path | None = None) -> list[bytes]:
    """Each person of the demo as one record a frame, end to end, for messages of one body.

    Raises ModelError where the model has no exemplars to perform.
    """
    folder = model_dir or DEFAULT_MODEL
    exemplars = load_exemplars(folder, load_card(folder))
    if exemplars is None:
        raise ModelError(
            f"{folder} has no exemplars for the cameras to show: use the shipped model"
        )
    frames = demo_recording(exemplars).frames
    people = [list(one) for _, one in groupby(frames, _body)]
    return [_records(one) for one in people if one[0].bodies and len(one) >= SHORTEST]


def _body(frame: Frame) -> int | None:
    return frame.bodies[0].id if frame.bodies else None


def _records(frames: Sequence[Frame]) -> bytes:
    return encode_frames(frames)[HEADER.size :]


class Camera:
    """One camera's messages, one after another; the person begins again when at the end.

    A message is a client's whole websocket frame with a mask of zeros, which leaves the payload
    as it is.
    """

    def __init__(self, performance: bytes, offset: int, frames: int, started_ns: int) -> None:
        self._size = record_type("kinect-v2", 1).itemsize
        self._length = len(performance) // self._size
        # Once more its beginning, so that no message has to be put together from two ends.
        self._performance = memoryview(performance + performance[: frames * self._size])
        self._at = offset % self._length
        self._frames = frames
        self._started_ns = started_ns
        self._sequence = 0

    def message(self, buffer: bytearray) -> None:
        """Write the next message into `buffer`, made by `empty_message`."""
        size, first = self._size, self._at * self._size
        start = _WS_HEADER + HEADER.size
        buffer[start:] = self._performance[first : first + self._frames * size]
        for i in range(self._frames):
            number = self._sequence + i
            t_ns = self._started_ns + number * 1_000_000_000 // RATE_HZ
            _STAMP.pack_into(buffer, start + i * size, t_ns, number)
        self._sequence += self._frames
        self._at = (self._at + self._frames) % self._length


def empty_message(frames: int) -> bytearray:
    """The headers of a message of so many frames of one body, and room for its records."""
    records = frames * record_type("kinect-v2", 1).itemsize
    size = HEADER.size + records
    head = struct.pack("!BBHI", 0x82, 0x80 | 126, size, 0)
    return bytearray(head + header("kinect-v2", 1, frames) + bytes(records))


def message_bytes(frames: int) -> int:
    """The size of such a message on the wire."""
    return len(empty_message(frames))


def offsets(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where each of so many cameras begins, so that no two show the same at once."""
    return np.arange(count, dtype=np.int64) * 37
