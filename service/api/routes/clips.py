"""`POST /clips`: upload a recorded clip, get its timeline."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message

from models.errors import ModelError
from sensor.formats.recording import MIB
from service.api.dependencies import RunningService
from service.api.examples import CLIP_FORM
from service.api.openapi import describes
from service.api.routes.replies import answer, error
from service.api.routes.why import AgainstQuery, LabelQuery, LanguageQuery, ReferenceQuery
from service.clips.uploads import ClipAbandonedError, ClipsBusyError
from service.errors import ClientError
from service.runtime import Live
from service.why.options import WhyOptions

router = APIRouter(tags=["Clips"])

_DISCARD_S = 30.0
"""Time to read the rest of a refused upload."""
_FORM_BYTES = 64 * 1024
"""Most bytes that the multipart form adds to the file."""
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "A recording in any supported format.",
                        }
                    },
                },
                "example": CLIP_FORM,
            }
        },
    }
}


class _TooLargeError(Exception):
    pass


class _StalledError(Exception):
    pass


@router.post(
    "/clips",
    responses=describes(
        "ClipAnswer",
        {
            400: "the form is invalid: Missing boundary in multipart.",
            409: "/models/mine has no explain.onnx: `jointwise export --from /models/mine --out "
            "/models/mine` adds it",
            408: "nothing came for 30 s during the upload; send the file again",
            413: "the file is too large; the limit is 64 MiB",
            422: 'broken, line 1: "x.01" is not a number',
            503: "other clips are being classified; try again",
        },
    ),
    openapi_extra=_BODY,
    operation_id="classify_clip",
    response_model=None,
)
async def clips(
    request: Request,
    live: RunningService,
    frames: Annotated[
        bool, Query(description="Add the skeletons to the answer.", examples=[False])
    ] = False,
    why: Annotated[
        bool,
        Query(
            description="Add why each action has its label. With `frames`, each has its skeleton.",
            examples=[False],
        ),
    ] = False,
    label: LabelQuery = None,
    against: AgainstQuery = None,
    reference: ReferenceQuery = "mean",
    language: LanguageQuery = "en",
) -> Response:
    """Classify a recorded clip.

    The answer lists the actions with their times and deciding joints, and gives the probabilities
    and the relevance of every prediction. The clip goes through the same steps as a live stream,
    faster than real time. With `why=true`, each action is explained as `GET /actions/{id}/why`
    does; `label`, `against`, `reference` and `language` need it.
    """
    options = WhyOptions(label, against, reference, language, frames)
    try:
        asked = await run_in_threadpool(_asked, live, why, options)
        return await _classify(request, live, frames, asked)
    except _TooLargeError:
        outcome, mib = "too large", live.clips.max_bytes // MIB
        await _discard_rest(request)
        reply = error(413, f"the file is too large; the limit is {mib} MiB")
    except _StalledError:
        text = f"nothing came for {live.upload_idle_s:g} s during the upload; send the file again"
        outcome, reply = "stalled", error(408, text, {"Connection": "close"})
    except (ClientDisconnect, ClipAbandonedError):
        outcome, reply = "gone", Response(status_code=400)  # the client is gone
    except ModelError as problem:
        outcome, reply = "bad", error(409, str(problem))
    except ClipsBusyError:
        outcome = "busy"
        reply = error(503, "other clips are being classified; try again", {"Retry-After": "2"})
    except ClientError as problem:
        outcome, reply = "bad", error(422, str(problem))
    except HTTPException as problem:
        outcome, reply = (
            "bad",
            error(problem.status_code, f"the form is invalid: {problem.detail}"),
        )
    live.metrics.clips.labels(outcome).inc()
    return reply


def _asked(live: Live, why: bool, options: WhyOptions) -> WhyOptions | None:
    """Return the options if explanations are asked for. Raises ClientError or ModelError."""
    if why:
        live.explainer.prepare(options)
        return options
    given = options != WhyOptions(frames=options.frames)
    if given:
        raise ClientError("label, against, reference and language need why=true", "why")
    return None


async def _classify(request: Request, live: Live, frames: bool, why: WhyOptions | None) -> Response:
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise ClientError("send the clip as multipart/form-data with a field named file")
    limited = _limited(request, live.clips.max_bytes, live.upload_idle_s)
    async with limited.form(max_files=1, max_fields=4) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ClientError("the form has no file in a field named file", "file")
        if (file.size or 0) > live.clips.max_bytes:
            raise _TooLargeError
        async with _watched(request) as gone:
            timeline = await live.clips.classify(
                file.filename or "clip", file.file, frames, gone, why
            )
    live.metrics.clips.labels("classified").inc()
    return await run_in_threadpool(answer, timeline)  # a long clip has millions of numbers


@contextlib.asynccontextmanager
async def _watched(request: Request) -> AsyncIterator[threading.Event]:
    """Yield an event that is set when the client leaves. The whole body must have been read."""
    gone = threading.Event()

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

    Reading raises _TooLargeError if more than a file and its form arrives, and _StalledError if
    nothing arrives for `idle_s`.
    """
    limit = max_bytes + _FORM_BYTES
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _TooLargeError
    received = 0

    async def receive() -> Message:
        nonlocal received
        try:
            message = await asyncio.wait_for(request.receive(), idle_s)
        except TimeoutError:
            raise _StalledError from None
        received += len(message.get("body", b""))
        if received > limit:
            raise _TooLargeError
        return message

    return Request(request.scope, receive)


async def _discard_rest(request: Request) -> None:
    """Read and drop the rest of the upload: a client sees the answer only after it has sent all."""
    if "expect" in request.headers:  # the client waits for permission and has not sent the body
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DISCARD_S):
            while (await request.receive()).get("more_body"):
                pass
