"""Websocket `/ws/push/{stream}`: frames from another machine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from service.api.access.guard import OWNER
from service.api.dependencies import RunningService
from service.api.direct_socket import DirectSocket, take_socket
from service.api.routes.replies import INTERNAL_ERROR, POLICY_VIOLATION, TRY_AGAIN_LATER, refuse
from service.engine.ports import FrameSink
from service.errors import ClientError
from service.ingest.push_decoder import PushDecoder, check_name
from service.ingest.push_socket import PushSocket

router = APIRouter()
log = logging.getLogger(__name__)


# With `path`, a name that contains a slash also gets the reason for its refusal.
@router.websocket("/ws/push/{stream:path}")
async def push(socket: WebSocket, stream: str, live: RunningService) -> None:
    """Feed a new stream until the client disconnects, falls silent or sends invalid data."""
    loop = asyncio.get_running_loop()
    decoder = PushDecoder(stream, live.max_bodies, time.monotonic_ns)
    pusher = PushSocket(
        live.push_batches, decoder, loop, live.push_bytes, live.push_idle_s, live.push_fps
    )
    direct = take_socket(socket, pusher)
    owner: str | None = getattr(socket.state, OWNER, None)
    with contextlib.suppress(WebSocketDisconnect):
        await socket.accept()
        code = POLICY_VIOLATION
        try:
            check_name(stream)
            code = TRY_AGAIN_LATER
            opened = await live.pushers.open(stream, owner, pusher.fail)
        except ClientError as problem:
            refuse(direct, problem, code)
            return
        try:
            await _feed(pusher, direct, opened)
        finally:
            live.pushers.close(stream, opened)


async def _feed(pusher: PushSocket, direct: DirectSocket, opened: FrameSink) -> None:
    """Feed a stream until the pusher ends, and tell the client why."""
    pusher.open(direct, opened)
    ending = await pusher.ended
    if isinstance(ending, ClientError):
        refuse(direct, ending)
    elif ending is not None:
        log.error("the pusher of %s failed", opened.name, exc_info=ending)
        fault = ClientError("something went wrong inside the service; see its log")
        refuse(direct, fault, INTERNAL_ERROR)
