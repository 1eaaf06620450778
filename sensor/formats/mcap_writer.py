"""Writing MCAP so that a crash, a full disk or a pulled plug costs a second and not the file.

Needs the `record` extra. The file opens in Foxglove and with every MCAP reader: channels are JSON,
each with a JSON Schema. Chunks are not compressed, so what was flushed can be read as it stands.
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
"""Kept free for the schemas and channels that are repeated at the end."""
_CHUNK_INDEX_BYTES = 512
_MESSAGE_BYTES = 64
"""What the file spends on a message beside its data, its place in the index included."""


class _Sink:
    """The file on disk: a write is whole, or is taken back to the last flush before it raises."""

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
    """A new MCAP file. Add topics, write messages, `flush` each second, then `close`.

    What was flushed survives the process, and can be read although the file has no end. After an
    OSError (a full disk) call `abandon`: the file ends with the last flush. Raises RecordingError
    where the package mcap is missing, FileExistsError rather than write over a file.
    """

    def __init__(self, path: Path, metadata: Mapping[str, str]) -> None:
        try:
            from mcap.writer import CompressionType, Writer
        except ImportError:
            raise RecordingError(MISSING) from None
        # Unbuffered: a flushed chunk is the system's and no longer this process's.
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
        """Bytes that the file would have if it were closed now; never less than it then has."""
        chunks = self._flushes + self._sink.tell() // _CHUNK_BYTES + 1
        return self._sink.tell() + self._pending + chunks * _CHUNK_INDEX_BYTES + _SUMMARY_BYTES

    @property
    def written(self) -> int:
        """Bytes on disk."""
        return self._sink.tell()

    def add_topic(self, topic: str, schema_name: str, schema: Mapping[str, Any]) -> int:
        """Open a channel of JSON messages that `schema`, a JSON Schema, describes."""
        text = msgspec.json.encode(schema)
        schema_id = self._writer.register_schema(schema_name, "jsonschema", text)
        channel: int = self._writer.register_channel(topic, "json", schema_id)
        return channel

    def write(self, topic: int, at_ns: int, data: bytes, sequence: int = 0) -> None:
        """Append a message at a time, nanoseconds since 1970. Raises OSError."""
        at_ns, sequence = max(at_ns, 0), sequence % 2**32
        self._writer.add_message(topic, at_ns, data, at_ns, sequence)
        self._pending += len(data) + _MESSAGE_BYTES

    def flush(self) -> None:
        """Hand all that was written to the system. Raises OSError."""
        self._writer.flush()
        self._pending = 0
        self._flushes += 1

    def close(self) -> None:
        """Write the index and close. Raises OSError; what was flushed can be read even then."""
        try:
            self.flush()
            self._writer.finish()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def abandon(self) -> None:
        """Close without an index."""
        self._file.close()
