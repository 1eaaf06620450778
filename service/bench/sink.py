"""The bare websocket ceiling: the service's sockets with nothing behind them.

`python -m service.bench.sink LABEL_BYTES` serves what `jointwise serve` serves to the simulated
cameras and subscribers: as many messages of the same sizes, but nothing is decoded, checked,
recognised or decided.
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
    """Answers a message that completes four frames with a label's bytes, to those who listen."""

    def __init__(self, label_bytes: int) -> None:
        self._readers: dict[str, list[DirectSocket]] = defaultdict(list)
        self._padding = b'"' + b"x" * max(label_bytes - 64, 1) + b'"}'

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application: every websocket is accepted, and nothing else there is."""
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
        """Send a label's bytes to those who read a stream."""
        readers = self._readers.get(stream)
        if readers:
            text = b'{"type":"prediction","sequence":%d,"rest":%b' % (sequence, self._padding)
            frame = message_frame(text, text=True)
            for reader in readers:
                if not reader.full:
                    reader.send_frame(frame)


class End:
    """One websocket of the sink; a pusher's where it has a stream."""

    def __init__(self, sink: Sink, stream: str) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sink = sink
        self._stream = stream

    def message(self, data: bytes | str) -> None:
        """Look only at how many frames there are, and their newest number."""
        if self._stream and isinstance(data, bytes):
            (frames,) = _FRAMES.unpack_from(data)
            last = HEADER.size + (frames - 1) * _RECORD
            (sequence,) = _NUMBER.unpack_from(data, last + _NUMBER.size)
            if (sequence + 1) // _LABEL_EVERY > (sequence + 1 - frames) // _LABEL_EVERY:
                self._sink.label(self._stream, sequence)

    def drained(self) -> None:
        """What was in its way is lost: this is no service."""

    def gone(self) -> None:
        """The client has gone."""
        if not self.ended.done():
            self.ended.set_result(None)


def main() -> None:
    """Serve until told to stop; print the address first, as the service does."""
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
