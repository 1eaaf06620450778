"""The messages of simulated cameras: the demo's motion, encoded ahead of time."""

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
"""Most frames in one message; a camera that collects more is not live."""
_STAMP = struct.Struct("<qq")
_WS_HEADER = 8
SHORTEST = 10 * RATE_HZ
"""Shorter performances, in frames, are left out."""


def performances(model_dir: Path | None = None) -> list[bytes]:
    """Return the motion of each person in the demo as binary records, one per frame.

    Raises ModelError if the model has no exemplars.
    """
    folder = model_dir or DEFAULT_MODEL
    exemplars = load_exemplars(folder, load_card(folder))
    if exemplars is None:
        raise ModelError(
            f"{folder} has no exemplars for the cameras to send: use the shipped model"
        )
    frames = demo_recording(exemplars).frames
    people = [list(one) for _, one in groupby(frames, _body)]
    return [_records(one) for one in people if one[0].bodies and len(one) >= SHORTEST]


def _body(frame: Frame) -> int | None:
    return frame.bodies[0].id if frame.bodies else None


def _records(frames: Sequence[Frame]) -> bytes:
    return encode_frames(frames)[HEADER.size :]


class Camera:
    """Makes the messages of one camera, which repeats its performance.

    A message is a whole websocket frame of a client. Its mask is zero, so the payload is unchanged.
    """

    def __init__(self, performance: bytes, offset: int, frames: int, started_ns: int) -> None:
        self._size = record_type("kinect-v2", 1).itemsize
        self._length = len(performance) // self._size
        # The beginning is repeated at the end, so that every message is one slice.
        self._performance = memoryview(performance + performance[: frames * self._size])
        self._at = offset % self._length
        self._frames = frames
        self._started_ns = started_ns
        self._sequence = 0

    def message(self, buffer: bytearray) -> None:
        """Write the next message into a buffer from `empty_message`."""
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
    """Return the headers of a message with that many frames of one body, and room for them."""
    records = frames * record_type("kinect-v2", 1).itemsize
    size = HEADER.size + records
    head = struct.pack("!BBHI", 0x82, 0x80 | 126, size, 0)
    return bytearray(head + header("kinect-v2", 1, frames) + bytes(records))


def offsets(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the first frame of each of `count` cameras, so that they differ at any moment."""
    return np.arange(count, dtype=np.int64) * 37
