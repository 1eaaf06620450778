"""Compresses JSON answers with gzip for clients that accept it."""

from __future__ import annotations

import gzip
import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST_BYTES = 1024
"""Smaller answers are not compressed, since that would not save a packet."""
_THREAD_BYTES = 64 * 1024
"""Larger answers are compressed on another thread, so that the event loop goes on."""
_LEVEL = 5
_REFUSED = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")


class Compression:
    """ASGI middleware that compresses JSON answers above `SMALLEST_BYTES`.

    All other answers are passed on: the files of the page, recordings and websockets.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, compressed if the client accepts that and it is worth it."""
        if scope["type"] == "http":
            send = _Sender(send, _accepts_gzip(Headers(scope=scope))).send
        await self._app(scope, receive, send)


def _accepts_gzip(headers: Headers) -> bool:
    for coding in ",".join(headers.getlist("accept-encoding")).split(","):
        name, _, quality = coding.lower().partition(";")
        if name.strip() == "gzip":
            return _REFUSED.fullmatch(quality) is None
    return False


class _Sender:
    """Sends one answer. The start of a JSON answer waits for the body, whose length it states."""

    def __init__(self, send: Send, compress: bool) -> None:
        self._send = send
        self._compress = compress
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Send a message of the application."""
        if message["type"] == "http.response.start" and _may_compress(message):
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            body = message.get("body", b"")
            if len(body) > SMALLEST_BYTES and not message.get("more_body"):
                headers = MutableHeaders(scope=start)
                headers.add_vary_header("Accept-Encoding")
                if self._compress:
                    message = {**message, "body": await _compressed(body)}
                    headers["Content-Encoding"] = "gzip"
                    headers["Content-Length"] = str(len(message["body"]))
            await self._send(start)
        await self._send(message)


def _may_compress(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "").partition(";")[0].strip()
    return kind == "application/json" and "content-encoding" not in headers


async def _compressed(body: bytes) -> bytes:
    if len(body) < _THREAD_BYTES:
        return gzip.compress(body, _LEVEL, mtime=0)
    return await run_in_threadpool(gzip.compress, body, _LEVEL, mtime=0)
