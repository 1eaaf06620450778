"""Receives the file of an upload, with limits on its size, on pauses, and for each address."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.types import Message

from service.errors import ClientError
from service.runtime import Live

_DISCARD_S = 30.0
"""Time to read the rest of a refused upload."""
_FORM_BYTES = 64 * 1024
"""Most bytes that the multipart form adds to the file."""


class TooLargeError(Exception):
    """The file is larger than the limit."""


class StalledError(Exception):
    """Nothing of the upload arrived for too long."""


def address_of(request: Request) -> str:
    """Return the address of the client."""
    return request.client.host if request.client else ""


@contextlib.asynccontextmanager
async def received(request: Request, live: Live) -> AsyncIterator[tuple[str, BinaryIO]]:
    """Yield the name and the file of an upload that has arrived as a whole.

    Raises TooLargeError, StalledError, ClientError, or ClipsBusyError if the address sends too many
    uploads at the same time.
    """
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise ClientError("send the clip as multipart/form-data with a field named file")
    limited = _limited(request, live.clips.max_bytes, live.upload_idle_s)
    with live.clips.places.sending(address_of(request)):
        form = await limited.form(max_files=1, max_fields=4)
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ClientError("the form has no file in a field named file", "file")
        if (file.size or 0) > live.clips.max_bytes:
            raise TooLargeError
        yield file.filename or "clip", file.file
    finally:
        await form.close()


@contextlib.asynccontextmanager
async def watched(request: Request) -> AsyncIterator[asyncio.Event]:
    """Yield an event that is set when the client leaves. The whole body must have been read."""
    gone = asyncio.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        watching.cancel()


def _limited(request: Request, max_bytes: int, idle_s: float) -> Request:
    """Return the request with limits on its size and on pauses.

    Reading raises TooLargeError if more than a file and its form arrives, and StalledError if
    nothing arrives for `idle_s`.
    """
    limit = max_bytes + _FORM_BYTES
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLargeError
    arrived = 0

    async def receive() -> Message:
        nonlocal arrived
        try:
            message = await asyncio.wait_for(request.receive(), idle_s)
        except TimeoutError:
            raise StalledError from None
        arrived += len(message.get("body", b""))
        if arrived > limit:
            raise TooLargeError
        return message

    return Request(request.scope, receive)


async def discard_rest(request: Request) -> None:
    """Read and drop the rest of the upload: a client sees the answer only after it has sent all."""
    if "expect" in request.headers:  # the client waits for permission and has not sent the body
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_S):
            while (await request.receive()).get("more_body"):
                pass
