"""CORS: the headers that let pages from allowed origins read answers."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

_READABLE = "Content-Disposition, Retry-After, WWW-Authenticate"
"""Headers that a page may read besides those that every page may."""
_PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


def readable_by(origin: str) -> dict[str, str]:
    """Return the headers of an answer that a page from `origin` may read.

    Cookies are not allowed: such a page sends its token as `Authorization`.
    """
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _READABLE,
    }


def is_preflight(scope: Scope, headers: Headers) -> bool:
    """Tell whether a browser asks if a page may send its request."""
    return scope.get("method") == "OPTIONS" and "access-control-request-method" in headers


def preflight_answer(headers: Headers) -> Response:
    """Allow a page from an allowed origin to send its request. `headers` are the preflight's."""
    answer = Response(status_code=204, headers=_PREFLIGHT_HEADERS)
    # Chromium asks this before a page from the internet may reach a machine in the local network.
    if "access-control-request-private-network" in headers:
        answer.headers["Access-Control-Allow-Private-Network"] = "true"
    return answer
