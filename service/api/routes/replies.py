"""JSON answers of REST routes, and errors of websockets."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from starlette.responses import Response

from service.api.direct_socket import DirectSocket
from service.errors import ClientError
from service.wire.answers import ErrorAnswer
from service.wire.encoding import Encoding, Envelope
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


def refuse(
    direct: DirectSocket,
    problem: ClientError,
    code: int = POLICY_VIOLATION,
    encoding: Encoding = "json",
) -> None:
    """Send a client an error message, then close the websocket; cut it if the client is lost."""
    text, field = (_representable(part) for part in (str(problem), problem.field))
    message = Envelope(ErrorMessage(text, field)).framed(encoding)
    direct.say_goodbye(code, text.encode()[:_REASON_BYTES].decode(errors="ignore"), message)


def _representable(text: str) -> str:
    """Return text that quotes a client, with an escape for each lone surrogate."""
    return text.encode(errors="backslashreplace").decode()
