"""Binary packets that an isolated source sends on a pipe.

A packet is the length of its body (uint32), its kind (uint8) and its body, all little-endian. The
body of a frame is `_FRAME`, the layout's name and the truth; then for each body its id (int64), J x
3 joint coordinates in metres and J confidences (float32). No packet can run code.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from typing import IO

import msgspec
import numpy as np

from sensor.errors import RecordingError, SensorError, SourceUriError
from sensor.skeleton import LAYOUTS, Body, Frame

INFO, FRAME, FAILURE, END = 1, 2, 3, 4
KINDS = (INFO, FRAME, FAILURE, END)
LARGEST_BYTES = 1 << 22
MOST_BODIES = 64

_HEAD = struct.Struct("<IB")
_FRAME = struct.Struct("<qqQBBh")
_ERRORS = {kind.__name__: kind for kind in (SensorError, SourceUriError, RecordingError)}


class SourceInfo(msgspec.Struct, frozen=True):
    """The attributes of an opened source; see `sensor.source.Source`.

    `start_s` is the longest wait for the first frame, `silence_s` for any later one; None means the
    default.
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
        """Return the error that was raised."""
        return _ERRORS.get(self.kind, SensorError)(self.text)


def pack(kind: int, body: bytes = b"") -> bytes:
    """Return the bytes of a packet."""
    return _HEAD.pack(len(body), kind) + body


def read_packet(pipe: IO[bytes], kinds: Collection[int] = KINDS) -> tuple[int, bytes] | None:
    """Return the next packet's kind, one of `kinds`, and body; None at the end of the pipe.

    Raises ValueError.
    """
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    length, kind = _HEAD.unpack(head)
    if length > LARGEST_BYTES or kind not in kinds:
        raise ValueError(f"a packet of kind {kind} with {length} bytes")
    body = pipe.read(length)
    return (kind, body) if len(body) == length else None


def pack_frame(frame: Frame, dropped: int) -> bytes:
    """Return a frame as a packet. `dropped` counts all frames dropped so far."""
    return pack(FRAME, frame_body(frame, dropped))


def frame_body(frame: Frame, dropped: int) -> bytes:
    """Return the body of a frame's packet."""
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
    """Return the frame in a packet's body, as one of `source`, and the count of dropped frames.

    Raises ValueError, or KeyError for an unknown layout.
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
