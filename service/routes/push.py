"""Websocket `/ws/push/{stream}`: frames from another machine."""

from __future__ import annotations

import asyncio
import logging
import time

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from service.errors import ClientError
from service.live import Live
from service.pusher import Pusher, check_name
from service.routes.replies import TRY_AGAIN_LATER, refuse

router = APIRouter()
log = logging.getLogger(__name__)

_PAUSE_S = 0.005


@router.websocket("/ws/push/{stream}")
async def push(socket: WebSocket, stream: str) -> None:
    """Feed a stream of its own until the pusher goes, falls silent or errs."""
    live: Live = socket.app.state.live
    await socket.accept()
    try:
        live.open_push(check_name(stream))
    except ClientError as problem:
        await refuse(socket, problem, "json", TRY_AGAIN_LATER)
        return
    pusher = Pusher(stream, live.max_bodies, time.monotonic_ns)
    try:
        await _feed(socket, live, stream, pusher)
    except ClientError as problem:
        await refuse(socket, problem, "json")
    except WebSocketDisconnect:
        pass
    except Exception:
        log.exception("the pusher of %s failed", stream)
    finally:
        live.engine.remove(stream)


async def _feed(socket: WebSocket, live: Live, stream: str, pusher: Pusher) -> None:
    while True:
        try:
            message = await asyncio.wait_for(socket.receive(), live.push_idle_s)
        except TimeoutError:
            raise ClientError(f"nothing came for {live.push_idle_s:g} s; connect again") from None
        if message["type"] == "websocket.disconnect":
            return
        data = message.get("text")
        if data is None:
            data = message.get("bytes") or b""
        if len(data) > live.push_bytes:
            raise ClientError(f"a message may have {live.push_bytes // 1024} KiB")
        frame = pusher.frame(data)
        live.engine.push(stream, frame)
        while live.engine.is_behind(stream, frame):
            await asyncio.sleep(_PAUSE_S)
