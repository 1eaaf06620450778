"""What a source in a process of its own sends: small binary packets on a pipe.

A packet is its body's length (uint32), its kind (uint8) and its body, all little-endian. A
frame's body is `_FRAME`, the layout's name, the truth, then for each body its id (int64), J x 3
joints in metres and J confidences (float32). Nothing in a packet can run code.
"""

from __future__ import annotations

import struct
from typing import IO

import msgspec
import numpy as np

from sensor.errors import RecordingError, SensorError, SourceUriError
from sensor.skeleton import LAYOUTS, Body, Frame

HELLO, FRAME, FAILURE, END = 1, 2, 3, 4
LARGEST_BYTES = 1 << 22
MOST_BODIES = 64

_HEAD = struct.Struct("<IB")
_FRAME = struct.Struct("<qqQBBh")
_ERRORS = {kind.__name__: kind for kind in (SensorError, SourceUriError, RecordingError)}


class Hello(msgspec.Struct, frozen=True):
    """What a source that was opened says of itself; see `sensor.source.Source`.

    `start_s` is how long its first frame may take, `silence_s` any later one; None: the default.
    """

    name: str
    kind: str
    note: str
    restartable: bool
    lossless: bool
    start_s: float | None = None
    silence_s: float | None = None


class Failure(msgspec.Struct, frozen=True):
    """A SensorError: the name of its class, and its text."""

    kind: str
    text: str

    def error(self) -> SensorError:
        """The error as it was raised."""
        return _ERRORS.get(self.kind, SensorError)(self.text)


def pack(kind: int, body: bytes = b"") -> bytes:
    """A packet's bytes."""
    return _HEAD.pack(len(body), kind) + body


def read_packet(pipe: IO[bytes]) -> tuple[int, bytes] | None:
    """The next packet's kind and body; None at the pipe's end. Raises ValueError."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    length, kind = _HEAD.unpack(head)
    if length > LARGEST_BYTES or kind not in (HELLO, FRAME, FAILURE, END):
        raise ValueError(f"a packet of kind {kind} with {length} bytes")
    body = pipe.read(length)
    return (kind, body) if len(body) == length else None


def pack_frame(frame: Frame, dropped: int) -> bytes:
    """A frame as a packet; `dropped` counts all frames that were left out so far."""
    return pack(FRAME, frame_body(frame, dropped))


def frame_body(frame: Frame, dropped: int) -> bytes:
    """The body of a frame's packet."""
    layout = frame.layout.name.encode()
    truth = None if frame.truth is None else frame.truth.encode()
    bodies = frame.bodies[:MOST_BODIES]
    parts = [
        _FRAME.pack(
            frame.sequence,
            frame.captured_ns,
            dropped,
            len(bodies),
            len(layout),
            -1 if truth is None else len(truth),
        ),
        layout,
        truth or b"",
    ]
    for body in bodies:
        parts += (
            body.id.to_bytes(8, "little", signed=True),
            body.joints_m.astype("<f4").tobytes(),
            body.confidence.astype("<f4").tobytes(),
        )
    return b"".join(parts)


def unpack_frame(data: bytes, source: str) -> tuple[Frame, int]:
    """The frame of a packet's body as one of `source`, and the count of dropped ones.

    Raises ValueError, or KeyError for a layout that is not known.
    """
    sequence, captured_ns, dropped, count, layout_bytes, truth_bytes = _FRAME.unpack_from(data)
    at = _FRAME.size + layout_bytes
    layout = LAYOUTS[data[_FRAME.size : at].decode()]
    truth = None if truth_bytes < 0 else data[at : at + truth_bytes].decode()
    at += max(truth_bytes, 0)
    joints = len(layout.joints)
    bodies = []
    for _ in range(count):
        id_ = int.from_bytes(data[at : at + 8], "little", signed=True)
        values = np.frombuffer(data, "<f4", 4 * joints, at + 8)
        places = values[: 3 * joints].reshape(joints, 3)
        bodies.append(Body(id_, places, values[3 * joints :]))
        at += 8 + 16 * joints
    return Frame(source, sequence, captured_ns, tuple(bodies), layout, truth), dropped
