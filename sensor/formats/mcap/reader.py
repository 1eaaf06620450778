"""Reads the records of an MCAP file, out of their chunks and within limits.

A file that was cut off is read up to its last whole record.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from sensor.errors import RecordingError
from sensor.formats.recording import MIB, Limits

if TYPE_CHECKING:
    from mcap.records import Chunk

MAGIC = b"\x89MCAP0\r\n"
SCHEMA, CHANNEL, MESSAGE = 0x03, 0x04, 0x05
_CHUNK, _DATA_END = 0x06, 0x0F
UNREADABLE = (struct.error, ValueError, OverflowError)
"""Errors that the package mcap raises for invalid records, beside its own McapError."""
_ZSTD_WINDOW = 64 * MIB


def flat_records(name: str, data: bytes, limits: Limits) -> Iterator[tuple[int, memoryview]]:
    """Yield schemas, channels and messages in order, out of their chunks, up to the index."""
    left = limits.max_unpacked_bytes
    for kind, record in _records(memoryview(data)[len(MAGIC) :]):
        if kind == _DATA_END:
            return
        if kind == _CHUNK:
            unpacked = _unpacked(name, record, left)
            left -= len(unpacked)
            yield from _useful(_records(memoryview(unpacked)))
        else:
            yield from _useful(iter([(kind, record)]))
    if data.endswith(MAGIC) and len(data) > len(MAGIC):
        raise damaged(name)  # the file ends with its magic bytes, so it was not cut off


def _useful(records: Iterator[tuple[int, memoryview]]) -> Iterator[tuple[int, memoryview]]:
    return (item for item in records if item[0] in (SCHEMA, CHANNEL, MESSAGE))


def _records(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the opcode and content of each whole record, up to an incomplete record or zeros."""
    place = 0
    while place + 9 <= len(data) and data[place]:
        kind, length = struct.unpack_from("<BQ", data, place)
        place += 9
        if length > len(data) - place:
            return
        yield kind, data[place : place + length]
        place += length


def _unpacked(name: str, record: memoryview, left: int) -> bytes:
    """Return a chunk's records. Raises RecordingError if it is damaged or longer than `left`."""
    from mcap.data_stream import ReadDataStream
    from mcap.exceptions import McapError
    from mcap.records import Chunk

    try:
        chunk = Chunk.read(ReadDataStream(io.BytesIO(record)))
        unpacked = _decompressed(chunk, left + 1)
    # lz4 raises RuntimeError; zstandard's own error derives from Exception.
    except (*UNREADABLE, McapError, RuntimeError, MemoryError, _zstd_error()):
        raise damaged(name) from None
    if len(unpacked) > left:
        raise RecordingError(f"{name}: it unpacks to too much data; shorten the recording")
    if chunk.uncompressed_crc and zlib.crc32(unpacked) != chunk.uncompressed_crc:
        raise damaged(name)
    return unpacked


class _Bounded(Protocol):
    def read(self, size: int) -> bytes: ...


def _decompressed(chunk: Chunk, most: int) -> bytes:
    """Decompress at most `most` bytes of a chunk."""
    if not chunk.compression:
        return bytes(chunk.data)
    if chunk.compression == "lz4":
        import lz4.frame

        unpacked: bytes = lz4.frame.LZ4FrameDecompressor().decompress(chunk.data, max_length=most)
        return unpacked
    if chunk.compression == "zstd":
        import zstandard

        with_bound = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        reader: _Bounded = with_bound.stream_reader(io.BytesIO(chunk.data), read_across_frames=True)
        return reader.read(most)
    raise ValueError(chunk.compression)


def _zstd_error() -> Any:
    import zstandard

    return zstandard.ZstdError


def damaged(name: str) -> RecordingError:
    """Return the error for a file with invalid records."""
    return RecordingError(f"{name}: the MCAP file is damaged; use another copy of it")
