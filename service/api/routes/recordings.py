"""`/recordings`: record streams of the running service, list recordings and fetch them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse

from service.api.dependencies import RunningService
from service.api.examples import MCAP
from service.api.openapi import describes, refuses, takes
from service.api.routes.replies import answer, error
from service.errors import ClientError
from service.recording.library import OFF, UnknownRecordingError
from service.wire.answers import RecordingInfo, RecordingRequest, RecordingsAnswer

router = APIRouter(tags=["Recordings"])

MEDIA_TYPE = "application/vnd.mcap"
"""The registered media type of MCAP files."""
_LARGEST_BYTES = 4096
_UNKNOWN = "there is no recording called 'hall.mcap'"
_CONTENT = {
    MEDIA_TYPE: {
        "schema": {"type": "string", "format": "binary", "description": "An MCAP file."},
        "example": MCAP,
    }
}
_FILE = {200: {"description": "The file.", "content": _CONTENT}} | refuses(
    {404: _UNKNOWN, 409: "hall-20261130-143012.mcap is still being recorded: stop it first"}
)
Name = Annotated[
    str,
    Path(
        description="Name of the recording in `GET /recordings`.",
        examples=["hall-20261130-143012.mcap"],
    ),
]


@router.get("/recordings", responses=describes("RecordingsAnswer"), response_model=None)
def list_recordings(live: RunningService) -> Response:
    """List all recordings.

    The newest comes first. The answer also says whether the service may record.
    """
    library = live.recordings
    return answer(RecordingsAnswer(library.enabled, library.list()))


@router.post(
    "/recordings",
    status_code=201,
    responses=describes(
        "RecordingInfo",
        {
            404: "no stream is called 'hall'",
            409: "hall is already being recorded",
            413: "send the name of a stream and seconds, nothing more",
            422: "seconds must be above 0 and at most a week",
        },
        status=201,
        text="The recording has started.",
    ),
    openapi_extra=takes("RecordingRequest"),
    response_model=None,
)
async def start_recording(request: Request, live: RunningService) -> Response:
    """Start to record a stream.

    It ends after `seconds`, at the size limit of the service, when the stream ends, or by
    `DELETE /recordings/{name}`.
    """
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
    "/recordings/{name}",
    responses=describes(
        "RecordingInfo",
        {404: _UNKNOWN, 409: "hall-20261130-143012.mcap has already ended"},
        text="The recording has ended.",
    ),
    response_model=None,
)
def stop_recording(live: RunningService, name: Name) -> Response:
    """Stop a recording.

    The answer comes when the file is complete. The file is kept.
    """
    return _answer_of(lambda: live.recordings.stop(name))


@router.get("/recordings/{name}", responses=_FILE, response_class=Response, response_model=None)
def get_recording(live: RunningService, name: Name) -> Response:
    """Get the file of a recording.

    The recording must have ended. The file is in the MCAP format.
    """
    try:
        path = live.recordings.finished(name)
    except UnknownRecordingError as problem:
        return error(404, str(problem) if live.recordings.enabled else OFF)
    except ClientError as problem:
        return error(409, str(problem))
    return FileResponse(path, media_type=MEDIA_TYPE, filename=path.name)


def _answer_of(work: Callable[[], RecordingInfo], status: int = 200) -> Response:
    """Answer with the result of `work`, or with its error."""
    try:
        return answer(work(), status)
    except UnknownRecordingError as problem:
        return error(404, str(problem))
    except ClientError as problem:
        return error(422 if problem.field == "seconds" else 409, str(problem))
