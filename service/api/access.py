"""Access control: Host and Origin checks, tokens, and security headers.

A page on another site can make a browser call 127.0.0.1, directly or through a name that is later
pointed there (DNS rebinding). So requests with a foreign Origin are refused and, if the service
listens on loopback, those with a foreign Host.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from urllib.parse import parse_qs, quote, unquote, urlsplit

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.settings import is_loopback
from service.wire.answers import ErrorAnswer

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; "
        "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
COOKIE = "jointwise_token"
"""The cookie that `/?token=...` sets, so that the page itself needs no token."""


class Guard:
    """ASGI middleware that runs before all other code.

    A token of None means that none is needed. `open_paths` never need one.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        allowed_origins: Iterable[str],
        subscribe_token: str | None,
        push_token: str | None,
        open_paths: Iterable[str],
    ) -> None:
        self._app = app
        self._loopback = is_loopback(host)
        self._origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._hosts = frozenset(urlsplit(origin).hostname for origin in self._origins)
        self._subscribe_token = subscribe_token
        self._push_token = push_token or subscribe_token
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 or 401 to a refused request; pass all others on and add the headers."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = self._problem(scope, headers)
        if problem is not None:
            await _refuse(scope, receive, send, *problem)
            return
        if self._subscribe_token and scope["path"] == "/" and _query_token(scope) is not None:
            await _set_cookie(self._subscribe_token, scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _problem(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return status and text if the request is to be refused."""
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if self._loopback and not is_loopback(name) and name not in self._hosts:
            return 403, f"the host {name!r} is not this machine; open the page as 127.0.0.1"
        origin = headers.get("origin")
        if origin is not None and not self._is_own_origin(origin.lower(), host.lower()):
            return 403, (
                f"the origin {origin!r} may not connect; allow it with JOINTWISE_ALLOWED_ORIGINS"
            )
        needed = self._token_for(scope, _query_token(scope) is not None)
        return None if needed is None else _token_problem(needed, scope, headers)

    def _is_own_origin(self, origin: str, host: str) -> bool:
        return origin in self._origins or urlsplit(origin).netloc == host != ""

    def _token_for(self, scope: Scope, has_query_token: bool) -> str | None:
        """Return the token that a request needs, or None."""
        path = scope["path"]
        if path.startswith("/ws/push/") or _handles_recording(scope):
            return self._push_token
        if path in self._open_paths and not (path == "/" and has_query_token):
            return None
        return self._subscribe_token


def _handles_recording(scope: Scope) -> bool:
    """Tell whether a request starts, stops or fetches a recording, rather than lists them."""
    path = scope["path"].rstrip("/")
    if path == "/recordings":
        return scope.get("method") not in ("GET", "HEAD")
    return bool(path.startswith("/recordings/"))


def _query_token(scope: Scope) -> str | None:
    tokens = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("token")
    return tokens[-1] if tokens else None


def _token_problem(token: str, scope: Scope, headers: Headers) -> tuple[int, str] | None:
    sent = _sent_token(scope, headers)
    if hmac.compare_digest(sent.encode(), token.encode()):
        return None
    problem = "the token is wrong" if sent else "a token is needed"
    return 401, f"{problem}: send 'Authorization: Bearer TOKEN', or ?token=TOKEN"


def _sent_token(scope: Scope, headers: Headers) -> str:
    """Return the token from the header, else the query, else the cookie; empty without one."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    sent = bearer.strip() if scheme.lower() == "bearer" else _query_token(scope)
    if sent is None:
        sent = unquote(cookie_parser(headers.get("cookie", "")).get(COOKIE, ""))
    return sent


async def _set_cookie(token: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Set the token as a cookie for the page's requests, and redirect to the address without it."""
    response = Response(status_code=303, headers={**SECURITY_HEADERS, "Location": "./"})
    response.set_cookie(COOKIE, quote(token, safe=""), httponly=True, samesite="strict")
    await response(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    """Answer with an error; a websocket whose server cannot send one is closed."""
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get(
        "extensions", {}
    ):
        await send({"type": "websocket.close", "code": 1008, "reason": text})
        return
    body = msgspec.json.encode(ErrorAnswer(text))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    response = Response(body, status, {**headers, **SECURITY_HEADERS}, "application/json")
    await response(scope, receive, send)
