"""Websocket `/ws`: read what the service says."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from service.bus import Subscription, Wants, read_wants
from service.errors import ClientError
from service.live import Live
from service.routes.replies import TRY_AGAIN_LATER, refuse, send
from service.wire import encode

router = APIRouter()
log = logging.getLogger(__name__)

GOODBYE_S = 1.0
SEND_S = 20.0
"""A client that takes nothing for this long is let go."""
GOING_AWAY = 1001
_QUERY = {"streams", "messages", "encoding", "max_hz", "token"}


@router.websocket("/ws")
async def subscribe(socket: WebSocket) -> None:
    """Say hello, then send what the subscriber wants until one of us goes."""
    live: Live = socket.app.state.live
    await socket.accept()
    try:
        wants = _wants(socket.query_params)
    except ClientError as problem:
        await refuse(socket, problem, "json")
        return
    if len(live.bus.subscriptions) >= live.max_subscribers:
        full = ClientError("too many subscribers at the moment; try again later")
        await refuse(socket, full, wants.encoding, TRY_AGAIN_LATER)
        return
    subscription = Subscription(wants, time.monotonic)
    live.bus.subscribe(subscription)
    try:
        await send(socket, encode(live.hello(), wants.encoding), wants.encoding)
        await _serve(socket, subscription)
    except WebSocketDisconnect:
        pass
    except Exception:
        log.exception("a subscriber's socket failed")
    finally:
        live.bus.unsubscribe(subscription)


def _wants(query: QueryParams) -> Wants:
    for name in query:
        if name not in _QUERY:
            known = ", ".join(sorted(_QUERY))
            raise ClientError(f"no option is called {name!r}; known are {known}", name)
    return read_wants(
        *(query.get(name, "") for name in ("streams", "messages", "encoding", "max_hz"))
    )


async def _serve(socket: WebSocket, subscription: Subscription) -> None:
    sending = asyncio.create_task(_send_all(socket, subscription))
    waits = [
        sending,
        asyncio.create_task(_until_gone(socket)),
        asyncio.create_task(subscription.overflowed.wait()),
        asyncio.create_task(subscription.closing.wait()),
    ]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        sending.cancel()
        if subscription.overflowed.is_set():
            await _close(socket, TRY_AGAIN_LATER, "too slow: actions were waiting; connect again")
        elif subscription.closing.is_set():
            await _close(socket, GOING_AWAY, "the service is going away")
        elif sending.done() and not sending.cancelled():
            await _stopped(socket, sending.exception())
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _stopped(socket: WebSocket, error: BaseException | None) -> None:
    """Sending came to an end by itself: the reader takes nothing, is gone, or we are at fault."""
    if error is None:
        await _close(socket, TRY_AGAIN_LATER, "too slow: nothing was read for a while")
    elif not isinstance(error, WebSocketDisconnect | RuntimeError):  # what one who left raises
        log.error("a message could not be sent", exc_info=error)


async def _send_all(socket: WebSocket, subscription: Subscription) -> None:
    encoding = subscription.wants.encoding
    while True:
        envelope = await subscription.next()
        data = envelope.encoded(encoding)
        try:
            await asyncio.wait_for(send(socket, data, encoding), SEND_S)
        except TimeoutError:
            return


async def _until_gone(socket: WebSocket) -> None:
    """Read on, so that a goodbye is heard; what a subscriber says means nothing."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    if socket.client_state is WebSocketState.CONNECTED:
        # Who does not read does not read a goodbye either.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(socket.close(code, reason), GOODBYE_S)
