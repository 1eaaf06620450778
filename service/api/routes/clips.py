"""`POST /clips`: upload a recorded clip, get its timeline."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse

from models.errors import ModelError
from sensor.formats.limits import MIB
from service.api.dependencies import RunningService
from service.api.examples import CLIP_FORM
from service.api.openapi import describes
from service.api.routes.clip_progress import NDJSON, PROGRESS_LINES, Report, Reports, lines
from service.api.routes.clip_upload import (
    StalledError,
    TooLargeError,
    address_of,
    discard_rest,
    received,
    watched,
)
from service.api.routes.replies import error
from service.api.routes.why import AgainstQuery, LabelQuery, LanguageQuery, ReferenceQuery
from service.clips.places import ClipsBusyError
from service.clips.uploads import ClipAbandonedError, ClipFailedError
from service.errors import ClientError
from service.runtime import Live
from service.why.options import WhyOptions

router = APIRouter(tags=["Clips"])

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

_RESPONSES = describes(
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
)
_RESPONSES[200]["content"][NDJSON] = {
    "schema": {
        "type": "string",
        "description": "With `progress=true`: one JSON object per line. Lines of progress hold "
        "`state` (waiting, reading or classifying) and `share` (0 to 1, of the frames that are "
        "classified). The last line holds `status`, and `answer` (a ClipAnswer) if it is 200, "
        "else `error`.",
    },
    "example": PROGRESS_LINES,
}


@router.post(
    "/clips",
    responses=_RESPONSES,
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
    progress: Annotated[
        bool, Query(description="Report the progress in lines of JSON.", examples=[False])
    ] = False,
) -> Response:
    """Classify a recorded clip.

    The answer lists the actions with their times and deciding joints, and gives the probabilities
    and the relevance of every prediction. The clip goes through the same steps as a live stream,
    faster than real time. With `why=true`, each action is explained as `GET /actions/{id}/why`
    does; `label`, `against`, `reference` and `language` need it.
    """
    options = WhyOptions(label, against, reference, language, frames)
    if not progress:
        return await _reply(request, live, why, options, lambda _: None)
    reports: Reports = asyncio.Queue()
    work = asyncio.create_task(_reply(request, live, why, options, reports.put_nowait))
    work.add_done_callback(lambda _: reports.put_nowait(None))
    try:
        first = await reports.get()
    except asyncio.CancelledError:
        work.cancel()
        raise
    if first is None:  # it was refused before the file was here
        return await work
    return StreamingResponse(lines(first, reports, work), media_type=NDJSON)


async def _reply(
    request: Request, live: Live, why: bool, options: WhyOptions, report: Report
) -> Response:
    """Answer an upload. `report` is called with the progress, once the file is here."""
    try:
        body = await _classify(request, live, why, options, report)
        outcome, reply = "classified", Response(body, media_type="application/json")
    except TooLargeError:
        outcome, mib = "too large", live.clips.max_bytes // MIB
        await discard_rest(request)
        reply = error(413, f"the file is too large; the limit is {mib} MiB")
    except StalledError:
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
    except ClipFailedError as problem:
        headers = {"Retry-After": "2"} if problem.status == 503 else None
        outcome, reply = "failed", error(problem.status, str(problem), headers)
    except HTTPException as problem:
        outcome, reply = (
            "bad",
            error(problem.status_code, f"the form is invalid: {problem.detail}"),
        )
    live.metrics.clips.labels(outcome).inc()
    return reply


async def _classify(
    request: Request, live: Live, why: bool, options: WhyOptions, report: Report
) -> bytes:
    """Return the answer as JSON. Raises what `_reply` answers."""
    asked = await run_in_threadpool(_asked, live, why, options)
    async with received(request, live) as (name, file), watched(request) as gone:
        return await live.clips.classify(
            name, file, options.frames, gone, address_of(request), report, asked
        )


def _asked(live: Live, why: bool, options: WhyOptions) -> WhyOptions | None:
    """Return the options if explanations are asked for. Raises ClientError or ModelError."""
    if why:
        live.explainer.prepare(options)
        return options
    given = options != WhyOptions(frames=options.frames)
    if given:
        raise ClientError("label, against, reference and language need why=true", "why")
    return None
