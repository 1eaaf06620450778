"""MCAP's records one by one, out of their chunks, within bounds and up to where a file is whole."""

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
"""What the package mcap raises, beside errors of its own, over records that make no sense."""
_ZSTD_WINDOW = 64 * MIB


def flat_records(name: str, data: bytes, limits: Limits) -> Iterator[tuple[int, memoryview]]:
    """Schemas, channels and messages in order, out of their chunks, up to the file's index."""
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
        raise damaged(name)  # it has its end, so it was not cut off


def _useful(records: Iterator[tuple[int, memoryview]]) -> Iterator[tuple[int, memoryview]]:
    return (item for item in records if item[0] in (SCHEMA, CHANNEL, MESSAGE))


def _records(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Each whole record: its opcode and content. A torn one, or zeros, are the end."""
    place = 0
    while place + 9 <= len(data) and data[place]:
        kind, length = struct.unpack_from("<BQ", data, place)
        place += 9
        if length > len(data) - place:
            return
        yield kind, data[place : place + length]
        place += length


def _unpacked(name: str, record: memoryview, left: int) -> bytes:
    """A chunk's records. Raises RecordingError where it is damaged or longer than `left`."""
    from mcap.data_stream import ReadDataStream
    from mcap.exceptions import McapError
    from mcap.records import Chunk

    try:
        chunk = Chunk.read(ReadDataStream(io.BytesIO(record)))
        unpacked = _decompressed(chunk, left + 1)
    # lz4 raises RuntimeError; zstandard has an error of its own, made of Exception alone.
    except (*UNREADABLE, McapError, RuntimeError, MemoryError, _zstd_error()):
        raise damaged(name) from None
    if len(unpacked) > left:
        raise RecordingError(f"{name}: it unpacks to too much: cut the recording")
    if chunk.uncompressed_crc and zlib.crc32(unpacked) != chunk.uncompressed_crc:
        raise damaged(name)
    return unpacked


class _Bounded(Protocol):
    def read(self, size: int) -> bytes: ...


def _decompressed(chunk: Chunk, most: int) -> bytes:
    """At most `most` bytes of a chunk, however much it would unpack to."""
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
    """What is said of a file whose records make no sense."""
    return RecordingError(f"{name}: the MCAP file is damaged: take another copy of it")
