"""Access control: Host and Origin checks, tokens, and security headers.

A page on another site can make a browser call 127.0.0.1, directly or through a name that is later
pointed there (DNS rebinding). So requests with a foreign Origin are refused and, if the service
listens on loopback, those with a foreign Host. Pages from an allowed origin may also read the
answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.access.cross_origin import is_preflight, preflight_answer, readable_by
from service.api.access.tokens import Refusal, Tokens
from service.settings import is_loopback
from service.wire.answers import ErrorAnswer

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
        "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

OWNER = "owner"
"""The name in the state of a request of what identifies its token."""


class Guard:
    """ASGI middleware that runs before all other code. `tokens` checks the requests' tokens."""

    def __init__(
        self, app: ASGIApp, host: str, allowed_origins: Iterable[str], tokens: Tokens
    ) -> None:
        self._app = app
        self._loopback = is_loopback(host)
        self._origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._hosts = frozenset(urlsplit(origin).hostname for origin in self._origins)
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 4xx to a refused request; pass all others on and add the headers."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        allowed = origin.lower() in self._origins
        added = SECURITY_HEADERS | (readable_by(origin) if allowed else {})
        cookies: list[str] = []

        async def send_guarded(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                response = MutableHeaders(scope=message)
                response.update(added)
                response.add_vary_header("Origin")
                for cookie in cookies:
                    response.append("Set-Cookie", cookie)
            await send(message)

        app = self._app
        if (problem := self._page_problem(headers)) is not None:
            app = _refusal(problem)
        elif allowed and is_preflight(scope, headers):  # a browser sends it without the token
            app = preflight_answer(headers)
        elif (problem := self._tokens.problem(scope, headers)) is not None:
            app = _refusal(problem)
        elif self._tokens.opens_session(scope):
            cookies += self._tokens.new_cookies(scope)
            app = Response(status_code=303, headers={"Location": "./"})
        else:
            scope.setdefault("state", {})[OWNER] = self._tokens.owner(scope)
            cookies += self._tokens.renewal(scope, headers)
        await app(scope, receive, send_guarded)

    def _page_problem(self, headers: Headers) -> Refusal | None:
        """Return the answer to a request that has a foreign host or origin."""
        host = headers.get("host", "")
        name = _host_name(host)
        if name is None:
            return Refusal(400, f"the host {host!r} is not a name or address")
        if self._loopback and not is_loopback(name) and name not in self._hosts:
            text = f"the host {name!r} is not this machine; open the page as 127.0.0.1"
            return Refusal(403, text)
        origin = headers.get("origin")
        if origin is not None and not self._is_own_origin(origin.lower(), host.lower()):
            text = f"the origin {origin!r} may not connect; allow it with JOINTWISE_ALLOWED_ORIGINS"
            return Refusal(403, text)
        return None

    def _is_own_origin(self, origin: str, host: str) -> bool:
        return origin in self._origins or _netloc(origin) == host != ""


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


def _refusal(refusal: Refusal) -> ASGIApp:
    """Answer with an error; a websocket whose server cannot send one is closed."""
    status, text, retry_s = refusal
    body = msgspec.json.encode(ErrorAnswer(text))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if retry_s is not None:
        headers["Retry-After"] = str(retry_s)
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
