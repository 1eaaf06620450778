"""A server of bare websockets, as an upper bound for the service.

`python -m service.bench.sink LABEL_BYTES` sends the simulated subscribers as many messages of the
same size as `jointwise serve` does, but decodes and recognises nothing.
"""

from __future__ import annotations

import asyncio
import struct
import sys
from collections import defaultdict
from typing import Any

import uvicorn

from service.api.direct_socket import EXTENSION, DirectSocket
from service.api.server import allow_sockets, listen
from service.bench.cameras import MOST_FRAMES
from service.wire.binary_frames import HEADER, record_type
from service.wire.websocket_frames import message_frame

_RECORD = record_type("kinect-v2", 1).itemsize
_FRAMES = struct.Struct("<6xH")
_NUMBER = struct.Struct("<q")
_LABEL_EVERY = 4


class Sink:
    """Sends a label to the subscribers of a stream when a message completes four frames."""

    def __init__(self, label_bytes: int) -> None:
        self._readers: dict[str, list[DirectSocket]] = defaultdict(list)
        self._padding = b'"' + b"x" * max(label_bytes - 64, 1) + b'"}'

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application: accepts every websocket and answers HTTP requests with 404."""
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b"[]"})
        if scope["type"] != "websocket":
            return
        direct: DirectSocket = scope["extensions"][EXTENSION]["socket"]
        pushed = scope["path"].rpartition("/push/")[2]
        query = scope["query_string"].decode()
        reading = query.partition("streams=")[2].partition("&")[0]
        end = End(self, "" if reading else pushed)
        direct.take(end)
        await send({"type": "websocket.accept"})
        if reading:
            self._readers[reading].append(direct)
            direct.send_frame(message_frame(b'{"type":"hello"}', text=True))
        direct.go_on()
        await end.ended
        if reading:
            self._readers[reading].remove(direct)

    def label(self, stream: str, sequence: int) -> None:
        """Send a label of the configured size to the subscribers of a stream."""
        readers = self._readers.get(stream)
        if readers:
            text = b'{"type":"prediction","sequence":%d,"rest":%b' % (sequence, self._padding)
            frame = message_frame(text, text=True)
            for reader in readers:
                if not reader.writing_paused:
                    reader.send_frame(frame)


class End:
    """One websocket of the sink. A pusher's has a stream, a subscriber's has none."""

    def __init__(self, sink: Sink, stream: str) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sink = sink
        self._stream = stream

    def message(self, data: bytes | str) -> None:
        """Read the number of frames and the sequence number of the newest one."""
        if self._stream and isinstance(data, bytes):
            (frames,) = _FRAMES.unpack_from(data)
            last = HEADER.size + (frames - 1) * _RECORD
            (sequence,) = _NUMBER.unpack_from(data, last + _NUMBER.size)
            if (sequence + 1) // _LABEL_EVERY > (sequence + 1 - frames) // _LABEL_EVERY:
                self._sink.label(self._stream, sequence)

    def drained(self) -> None:
        """Do nothing: labels that did not fit are lost."""

    def gone(self) -> None:
        """Mark the websocket as ended."""
        if not self.ended.done():
            self.ended.set_result(None)


def main() -> None:
    """Print the address as the service does, then serve until terminated."""
    allow_sockets(65536)
    with listen("127.0.0.1", 0) as listening:
        config = uvicorn.Config(
            Sink(int(sys.argv[1])),
            log_level="error",
            lifespan="off",
            ws=DirectSocket,
            ws_max_size=MOST_FRAMES * 65536,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
        print(f"ready: http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
