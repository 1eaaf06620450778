"""Writes MCAP files so that a crash, a full disk or a power cut loses one second, not the file.

Needs the `record` extra. Foxglove and every MCAP reader open the files. Channels are JSON, each
with a JSON Schema. Chunks are not compressed, so flushed data can be read as it is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from sensor.errors import RecordingError

MISSING = "MCAP recordings need the package mcap: pip install 'jointwise[record]'"
METADATA = "jointwise"
_CHUNK_BYTES = 1024 * 1024
_SUMMARY_BYTES = 48 * 1024
"""Space for the schemas and channels that are repeated at the end."""
_CHUNK_INDEX_BYTES = 512
_MESSAGE_BYTES = 64
"""Bytes per message beside its data, including its index entry."""


class _Sink:
    """The file on disk. A write that fails is undone back to the last flush before it raises."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._place = 0
        self._flushed = 0

    def write(self, data: bytes) -> int:
        rest = memoryview(data)
        try:
            while len(rest):
                done = self._file.write(rest)
                self._place += done
                rest = rest[done:]
        except OSError:
            with contextlib.suppress(OSError):
                self._place = self._file.truncate(self._flushed)
            raise
        return len(data)

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        self._flushed = self._place


class McapFile:
    """A new MCAP file. Add topics, write messages, call `flush` each second, then `close`.

    Flushed data survives a crash of the process, and can be read although the file has no end.
    After an OSError (a full disk) call `abandon`; the file then ends with the last flush. Raises
    RecordingError if the package mcap is missing, FileExistsError instead of overwriting a file.
    """

    def __init__(self, path: Path, metadata: Mapping[str, str]) -> None:
        try:
            from mcap.writer import CompressionType, Writer
        except ImportError:
            raise RecordingError(MISSING) from None
        # Unbuffered, so that a flushed chunk survives a crash of this process.
        self._file = cast(IO[bytes], path.open("xb", buffering=0))
        self._sink = _Sink(self._file)
        self._writer = Writer(
            cast(IO[Any], self._sink), chunk_size=_CHUNK_BYTES, compression=CompressionType.NONE
        )
        self._pending = 0
        self._flushes = 0
        self._writer.start(library="jointwise")
        self._writer.add_metadata(METADATA, dict(metadata))
        self._sink.flush()

    @property
    def size(self) -> int:
        """An upper bound of the file's size in bytes if it were closed now."""
        chunks = self._flushes + self._sink.tell() // _CHUNK_BYTES + 1
        return self._sink.tell() + self._pending + chunks * _CHUNK_INDEX_BYTES + _SUMMARY_BYTES

    @property
    def written(self) -> int:
        """Bytes on disk."""
        return self._sink.tell()

    def add_topic(self, topic: str, schema_name: str, schema: Mapping[str, Any]) -> int:
        """Open a channel of JSON messages that match `schema`, a JSON Schema. Return its id."""
        text = msgspec.json.encode(schema)
        schema_id = self._writer.register_schema(schema_name, "jsonschema", text)
        channel: int = self._writer.register_channel(topic, "json", schema_id)
        return channel

    def write(self, topic: int, at_ns: int, data: bytes, sequence: int = 0) -> None:
        """Append a message with its time in nanoseconds since 1970. Raises OSError."""
        at_ns, sequence = max(at_ns, 0), sequence % 2**32
        self._writer.add_message(topic, at_ns, data, at_ns, sequence)
        self._pending += len(data) + _MESSAGE_BYTES

    def flush(self) -> None:
        """Hand all written messages to the operating system. Raises OSError."""
        self._writer.flush()
        self._pending = 0
        self._flushes += 1

    def close(self) -> None:
        """Write the index and close. Raises OSError; flushed data can be read even then."""
        try:
            self.flush()
            self._writer.finish()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close without an index."""
        self._file.close()
