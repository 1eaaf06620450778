"""Who may come in: the Host and Origin checks, tokens, and the headers that keep a page honest.

A page on another site can make a browser call 127.0.0.1, and a name can be pointed there
afterwards (DNS rebinding); so a foreign Origin and, on loopback, a foreign Host are refused.
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
"""Set by `/?token=...`, so that the page itself need not know of tokens."""


class Guard:
    """ASGI middleware before everything else.

    Tokens are None where none is needed; `open_paths` need none in any case.
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
        """Answer 403 or 401 to who may not, else pass on and add the headers."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        problem = self._problem(scope, headers)
        if problem is not None:
            await _refuse(scope, receive, send, *problem)
            return
        if self._subscribe_token and scope["path"] == "/" and _query_token(scope) is not None:
            await _remember(self._subscribe_token, scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await self._app(scope, receive, send_guarded)

    def _problem(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        name = urlsplit(f"//{host}").hostname or ""
        if self._loopback and not is_loopback(name) and name not in self._hosts:
            return 403, f"the host {name!r} is not this machine; open the page by 127.0.0.1"
        origin = headers.get("origin")
        if origin is not None and not self._origin_is_ours(origin.lower(), host.lower()):
            return 403, (
                f"the origin {origin!r} may not connect; allow it with JOINTWISE_ALLOWED_ORIGINS"
            )
        needed = self._token_for(scope, _query_token(scope) is not None)
        return None if needed is None else _token_problem(needed, scope, headers)

    def _origin_is_ours(self, origin: str, host: str) -> bool:
        return origin in self._origins or urlsplit(origin).netloc == host != ""

    def _token_for(self, scope: Scope, asked: bool) -> str | None:
        path = scope["path"]
        if path.startswith("/ws/push/") or _touches_recordings(scope):
            return self._push_token
        if path in self._open_paths and not (path == "/" and asked):
            return None
        return self._subscribe_token


def _touches_recordings(scope: Scope) -> bool:
    """Whether a request begins, ends or takes away a recording; the list alone is for readers."""
    path = scope["path"].rstrip("/")
    if path == "/recordings":
        return scope.get("method") not in ("GET", "HEAD")
    return bool(path.startswith("/recordings/"))


def _query_token(scope: Scope) -> str | None:
    shown = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("token")
    return shown[-1] if shown else None


def _token_problem(token: str, scope: Scope, headers: Headers) -> tuple[int, str] | None:
    shown = _shown_token(scope, headers)
    if hmac.compare_digest(shown.encode(), token.encode()):
        return None
    problem = "the token is wrong" if shown else "a token is needed"
    return 401, f"{problem}: send 'Authorization: Bearer TOKEN', or ?token=TOKEN"


def _shown_token(scope: Scope, headers: Headers) -> str:
    """What is shown in the header, else in the query, else in the cookie; "" where nothing is."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    shown = bearer.strip() if scheme.lower() == "bearer" else _query_token(scope)
    if shown is None:
        shown = unquote(cookie_parser(headers.get("cookie", "")).get(COOKIE, ""))
    return shown


async def _remember(token: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Keep the token for the page's own requests, and take it out of the address."""
    response = Response(status_code=303, headers={**SECURITY_HEADERS, "Location": "./"})
    response.set_cookie(COOKIE, quote(token, safe=""), httponly=True, samesite="strict")
    await response(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get(
        "extensions", {}
    ):
        await send({"type": "websocket.close", "code": 1008, "reason": text})
        return
    body = msgspec.json.encode(ErrorAnswer(text))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    response = Response(body, status, {**headers, **SECURITY_HEADERS}, "application/json")
    await response(scope, receive, send)
