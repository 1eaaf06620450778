"""Access control: Host and Origin checks, tokens, and security headers.

A page on another site can make a browser call 127.0.0.1, directly or through a name that is later
pointed there (DNS rebinding). So requests with a foreign Origin are refused and, if the service
listens on loopback, those with a foreign Host. Pages from an allowed origin may also read the
answers.
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

from service.api.access.cross_origin import is_preflight, preflight_answer, readable_by
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
        origin = headers.get("origin", "")
        allowed = origin.lower() in self._origins
        added = SECURITY_HEADERS | (readable_by(origin) if allowed else {})

        async def send_guarded(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                response = MutableHeaders(scope=message)
                response.update(added)
                response.add_vary_header("Origin")
            await send(message)

        app = self._app
        if (problem := self._page_problem(headers)) is not None:
            app = _refusal(*problem)
        elif allowed and is_preflight(scope, headers):  # a browser sends it without the token
            app = preflight_answer(headers)
        elif (problem := self._token_problem(scope, headers)) is not None:
            app = _refusal(*problem)
        elif self._subscribe_token and scope["path"] == "/" and _query_token(scope) is not None:
            app = _cookie_answer(self._subscribe_token)
        await app(scope, receive, send_guarded)

    def _page_problem(self, headers: Headers) -> tuple[int, str] | None:
        """Return status and text if the request has a foreign host or origin."""
        host = headers.get("host", "")
        name = _host_name(host)
        if name is None:
            return 400, f"the host {host!r} is not a name or address"
        if self._loopback and not is_loopback(name) and name not in self._hosts:
            return 403, f"the host {name!r} is not this machine; open the page as 127.0.0.1"
        origin = headers.get("origin")
        if origin is not None and not self._is_own_origin(origin.lower(), host.lower()):
            return 403, (
                f"the origin {origin!r} may not connect; allow it with JOINTWISE_ALLOWED_ORIGINS"
            )
        return None

    def _token_problem(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return status and text if the request lacks the token that it needs."""
        needed = self._token_for(scope, _query_token(scope) is not None)
        if needed is None:
            return None
        sent = _sent_token(scope, headers)
        if hmac.compare_digest(sent.encode(), needed.encode()):
            return None
        problem = "the token is wrong" if sent else "a token is needed"
        return 401, f"{problem}: send 'Authorization: Bearer TOKEN', or ?token=TOKEN"

    def _is_own_origin(self, origin: str, host: str) -> bool:
        return origin in self._origins or _netloc(origin) == host != ""

    def _token_for(self, scope: Scope, has_query_token: bool) -> str | None:
        """Return the token that a request needs, or None."""
        path = scope["path"]
        if path.startswith("/ws/push/") or needs_push_token(path, scope.get("method", "")):
            return self._push_token
        if path in self._open_paths and not (path == "/" and has_query_token):
            return None
        return self._subscribe_token


def needs_push_token(path: str, method: str) -> bool:
    """Tell whether a request starts, stops or fetches a recording, rather than lists them."""
    path = path.rstrip("/")
    if path == "/recordings":
        return method not in ("GET", "HEAD")
    return path.startswith("/recordings/")


def _host_name(host: str) -> str | None:
    """Return the name or address in a Host header, without the port; None if it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return None


def _netloc(origin: str) -> str:
    """Return host and port of an origin; "" if it is malformed."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _query_token(scope: Scope) -> str | None:
    tokens = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("token")
    return tokens[-1] if tokens else None


def _sent_token(scope: Scope, headers: Headers) -> str:
    """Return the token from the header, else the query, else the cookie; empty without one."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    sent = bearer.strip() if scheme.lower() == "bearer" else _query_token(scope)
    if sent is None:
        sent = unquote(cookie_parser(headers.get("cookie", "")).get(COOKIE, ""))
    return sent


def _cookie_answer(token: str) -> Response:
    """Set the token as a cookie for the page's requests, and redirect to the address without it."""
    response = Response(status_code=303, headers={"Location": "./"})
    response.set_cookie(COOKIE, quote(token, safe=""), httponly=True, samesite="strict")
    return response


def _refusal(status: int, text: str) -> ASGIApp:
    """Answer with an error; a websocket whose server cannot send one is closed."""
    body = msgspec.json.encode(ErrorAnswer(text))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    response = Response(body, status, headers, "application/json")

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        answers = scope["type"] == "http" or "websocket.http.response" in scope.get(
            "extensions", {}
        )
        if answers:
            await response(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": text})

    return refuse
