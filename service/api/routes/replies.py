"""JSON answers of REST routes, and errors of websockets."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from starlette.responses import Response
from starlette.websockets import WebSocket

from service.errors import ClientError
from service.wire.answers import ErrorAnswer
from service.wire.encoding import Encoding, encode
from service.wire.messages import ErrorMessage

POLICY_VIOLATION = 1008
INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013
_REASON_BYTES = 123
"""The longest reason that a websocket's close frame can hold."""


def answer(value: msgspec.Struct, status: int = 200) -> Response:
    """Return a value as a JSON response. Arrays in it are encoded like lists."""
    body = msgspec.json.encode(value, enc_hook=np.ndarray.tolist)
    return Response(body, status, media_type="application/json")


def error(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error response. `text` is one line that says what is wrong."""
    body = msgspec.json.encode(ErrorAnswer(text))
    return Response(body, status, headers, media_type="application/json")


async def send(socket: WebSocket, data: bytes, encoding: Encoding) -> None:
    """Send an encoded message: JSON as text, msgpack as bytes."""
    if encoding == "json":
        await socket.send_text(data.decode())
    else:
        await socket.send_bytes(data)


async def refuse(
    socket: WebSocket, problem: ClientError, encoding: Encoding, code: int = POLICY_VIOLATION
) -> None:
    """Send a client an error message, then close the websocket."""
    text, field = (_representable(part) for part in (str(problem), problem.field))
    await send(socket, encode(ErrorMessage(text, field), encoding), encoding)
    await socket.close(code, text.encode()[:_REASON_BYTES].decode(errors="ignore"))


def _representable(text: str) -> str:
    """Return text that quotes a client, with an escape for each lone surrogate."""
    return text.encode(errors="backslashreplace").decode()
