"""Encodes messages as websocket frames (RFC 6455), and finds frames in a buffer."""

from __future__ import annotations

import struct

try:
    from websockets.speedups import apply_mask
except ImportError:  # websockets was installed without its C extension
    from websockets.utils import apply_mask

FINAL = 0x80
TEXT = FINAL | 0x1
BINARY = FINAL | 0x2
PONG = FINAL | 0xA
OPCODE = 0x0F
MASKED = 0x80
_LONG = struct.Struct("!H")
_LONGEST = struct.Struct("!Q")


def message_frame(payload: bytes, text: bool) -> bytes:
    """Encode a server's complete message, UTF-8 text or binary, as one frame."""
    first, size = TEXT if text else BINARY, len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return bytes((first, 126)) + _LONG.pack(size) + payload
    return bytes((first, 127)) + _LONGEST.pack(size) + payload


def find_frame(data: bytes, at: int) -> tuple[int, int]:
    """Return where the payload of a client's frame, which begins at `at`, starts and ends.

    Returns (0, 0) if its header is not complete yet. The end may lie beyond the data.
    """
    available = len(data) - at
    if available < 2:
        return 0, 0
    size = data[at + 1]
    start = at + 6 if size & MASKED else at + 2
    size &= 127
    if size == 126:
        if available < 4:
            return 0, 0
        (size,) = _LONG.unpack_from(data, at + 2)
        start += 2
    elif size == 127:
        if available < 10:
            return 0, 0
        (size,) = _LONGEST.unpack_from(data, at + 2)
        start += 8
    return start, start + size


def unmasked(data: bytes, start: int, end: int) -> bytes:
    """Return the unmasked payload `data[start:end]` of a frame. The mask lies just before it."""
    return apply_mask(data[start:end], data[start - 4 : start])
