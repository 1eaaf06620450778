"""The progress of a clip, as lines of JSON (`POST /clips?progress=true`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
from starlette.responses import Response

from service.clips.packets import Progress

NDJSON = "application/x-ndjson"
PROGRESS_LINES = (
    '{"state":"waiting","share":0.0}\n'
    '{"state":"classifying","share":0.42}\n'
    '{"status":422,"error":"broken, line 1: \\"x.01\\" is not a number"}\n'
)

Report = Callable[[Progress], None]
Reports = asyncio.Queue[Progress | None]
"""The reports of one clip; None after the last."""


async def lines(
    first: Progress, reports: Reports, work: asyncio.Task[Response]
) -> AsyncIterator[bytes]:
    """Yield a line for each report, then the answer of `work`.

    If the client leaves, this ends at any line; `work` notices that by itself.
    """
    report: Progress | None = first
    while report is not None:
        yield msgspec.json.encode(report) + b"\n"
        report = await reports.get()
    yield _last(await asyncio.shield(work))


def _last(reply: Response) -> bytes:
    body = bytes(reply.body)
    if reply.status_code == 200:
        return b'{"status":200,"answer":' + body + b"}\n"
    error = msgspec.json.decode(body)["error"] if body else "the client is gone"
    return msgspec.json.encode({"status": reply.status_code, "error": error}) + b"\n"
