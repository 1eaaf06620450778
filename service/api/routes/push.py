"""Websocket `/ws/push/{stream}`: frames from another machine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from service.api.dependencies import RunningService
from service.api.direct_socket import take_socket
from service.api.routes.replies import INTERNAL_ERROR, POLICY_VIOLATION, TRY_AGAIN_LATER, refuse
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
    with contextlib.suppress(WebSocketDisconnect):
        await socket.accept()
        code = POLICY_VIOLATION
        try:
            check_name(stream)
            code = TRY_AGAIN_LATER
            opened = live.open_push(stream)
        except ClientError as problem:
            direct.release()
            await refuse(socket, problem, "json", code)
            return
        try:
            pusher.open(direct, opened)
            ending = await pusher.ended
            direct.release()
            if isinstance(ending, ClientError):
                await refuse(socket, ending, "json")
            elif ending is not None:
                log.error("the pusher of %s failed", stream, exc_info=ending)
                fault = ClientError("something went wrong inside the service; see its log")
                await refuse(socket, fault, "json", INTERNAL_ERROR)
        finally:
            opened.remove()
