"""`/recordings`: record streams of the running service, list recordings and fetch them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from service.api.dependencies import RunningService
from service.api.openapi import describes, takes
from service.api.routes.replies import answer, error
from service.errors import ClientError
from service.recording.library import OFF, UnknownRecordingError
from service.wire.answers import RecordingInfo, RecordingRequest, RecordingsAnswer

router = APIRouter()

_LARGEST_BYTES = 4096
_FILE = describes("ErrorAnswer", 404, 409) | {
    200: {"description": "The file.", "content": {"application/octet-stream": {}}}
}


@router.get("/recordings", responses=describes("RecordingsAnswer"), response_model=None)
def recordings(live: RunningService) -> Response:
    """All recordings, newest first, and whether the service may record."""
    library = live.recordings
    return answer(RecordingsAnswer(library.enabled, library.list()))


@router.post(
    "/recordings",
    responses=describes("RecordingInfo", 404, 409, 413, 422, status=201),
    openapi_extra=takes("RecordingRequest"),
    response_model=None,
)
async def start(request: Request, live: RunningService) -> Response:
    """Begin to record a stream."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BYTES:
            return error(413, "send the name of a stream and seconds, nothing more")
    try:
        wanted = msgspec.json.decode(body, type=RecordingRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return error(422, f'send {{"stream": NAME}}: {problem}')
    streams = {stream.name for stream in live.engine.streams()}

    def begin() -> RecordingInfo:
        return live.recordings.start(wanted.stream, streams, wanted.seconds)

    return await run_in_threadpool(_answer_of, begin, 201)


@router.delete(
    "/recordings/{name}", responses=describes("RecordingInfo", 404, 409), response_model=None
)
def stop(live: RunningService, name: str) -> Response:
    """End a recording; the file is whole when this answers, and stays."""
    return _answer_of(lambda: live.recordings.stop(name))


@router.get("/recordings/{name}", responses=_FILE, response_model=None)
def fetch(live: RunningService, name: str) -> Response:
    """The file of a recording that has ended."""
    try:
        path = live.recordings.finished(name)
    except UnknownRecordingError as problem:
        return error(404, str(problem) if live.recordings.enabled else OFF)
    except ClientError as problem:
        return error(409, str(problem))
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


def _answer_of(work: Callable[[], RecordingInfo], status: int = 200) -> Response:
    """Answer with the result of `work`, or with its error."""
    try:
        return answer(work(), status)
    except UnknownRecordingError as problem:
        return error(404, str(problem))
    except ClientError as problem:
        return error(422 if problem.field == "seconds" else 409, str(problem))
