"""Websocket `/ws`: subscribe to the messages of the service."""

from __future__ import annotations

import asyncio
import contextlib

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.websockets import WebSocket, WebSocketDisconnect

from service.api.dependencies import RunningService
from service.api.direct_socket import DirectSocket, take_socket
from service.api.routes.replies import TRY_AGAIN_LATER, refuse
from service.errors import ClientError
from service.publish.subscription import Ending, Subscription, Wants, read_wants
from service.runtime import Live
from service.wire.encoding import Envelope

router = APIRouter()

GOING_AWAY = 1001
_QUERY = {"streams", "messages", "encoding", "max_hz", "token"}


@router.websocket("/ws")
async def subscribe(socket: WebSocket, live: RunningService) -> None:
    """Send the hello message, then the requested messages until either side closes."""
    try:
        wants, problem = _wants(socket.query_params), None
    except ClientError as error:
        wants, problem = Wants(), error
    subscription = Subscription(wants, asyncio.get_running_loop())
    direct = take_socket(socket, subscription)
    with contextlib.suppress(WebSocketDisconnect):
        await socket.accept()
        if problem is not None:
            refuse(direct, problem)
        elif len(live.bus.subscriptions) >= live.max_subscribers:
            full = ClientError("too many subscribers; try again later")
            refuse(direct, full, TRY_AGAIN_LATER, wants.encoding)
        else:
            await _serve(live, subscription, direct)


async def _serve(live: Live, subscription: Subscription, direct: DirectSocket) -> None:
    live.bus.subscribe(subscription)
    try:
        wants = subscription.wants
        direct.send_frame(Envelope(live.hello(wants.streams)).framed(wants.encoding))
        subscription.open(direct)
        direct.go_on()
        ending = await subscription.ended
    finally:
        live.bus.unsubscribe(subscription)
    if ending is not Ending.GONE:
        shutdown = ending is Ending.SHUTDOWN
        direct.say_goodbye(GOING_AWAY if shutdown else TRY_AGAIN_LATER, ending.value)


def _wants(query: QueryParams) -> Wants:
    for name in query:
        if name not in _QUERY:
            known = ", ".join(sorted(_QUERY))
            raise ClientError(f"unknown option {name!r}; available: {known}", name)
    return read_wants(
        *(query.get(name, "") for name in ("streams", "messages", "encoding", "max_hz"))
    )
