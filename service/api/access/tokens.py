"""The tokens of requests: which one a request needs, and whether it has it."""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Scope

from service.api.access.attempts import Attempts
from service.api.access.sessions import OLD_COOKIE, Sessions, sent_session

_HOW = "send 'Authorization: Bearer TOKEN', or ?token=TOKEN"


class Refusal(NamedTuple):
    """The answer to a refused request."""

    status: int
    text: str
    retry_s: int | None = None
    """The value of `Retry-After`."""


class Tokens:
    """Checks the tokens and sessions of requests.

    A token of None means that none is needed. `open_paths` never need one. `count_wrong` is called
    for each wrong token.
    """

    def __init__(
        self,
        subscribe_token: str | None,
        push_token: str | None,
        open_paths: Iterable[str],
        session_s: float,
        count_wrong: Callable[[], None],
    ) -> None:
        self._subscribe_token = subscribe_token
        self._push_token = push_token or subscribe_token
        self._open_paths = frozenset(open_paths)
        self._owners = {
            token: hashlib.sha256(token.encode()).hexdigest()
            for token in (self._subscribe_token, self._push_token)
            if token is not None
        }
        self._sessions = None if subscribe_token is None else Sessions(subscribe_token, session_s)
        self._attempts = Attempts(count_wrong)

    def problem(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Return the answer to a request that lacks the token it needs; None if it may go on."""
        in_query = query_token(scope)
        needed = self._token_for(scope, in_query is not None)
        if needed is None:
            return None
        sent = _bearer(headers)
        if sent is None:
            sent = in_query
        if sent is None:
            return self._session_problem(headers, needed)
        return self._token_problem(scope, sent, needed) if sent else _missing()

    def owner(self, scope: Scope) -> str | None:
        """Return what identifies the token of a request that may go on; None if it needs none."""
        token = self._token_for(scope, query_token(scope) is not None)
        return None if token is None else self._owners[token]

    def opens_session(self, scope: Scope) -> bool:
        """Tell whether a request that may go on opens the page with a token."""
        opens = scope["type"] == "http" and scope["path"] == "/"
        return self._sessions is not None and opens and query_token(scope) is not None

    def new_cookies(self, scope: Scope) -> list[str]:
        """Return headers `Set-Cookie` that begin a session, and delete the old kind of cookie."""
        if self._sessions is None:
            return []
        secure = scope["scheme"] in ("https", "wss")
        return [self._sessions.set_cookie(secure), f"{OLD_COOKIE}=; Max-Age=0; Path=/"]

    def renewal(self, scope: Scope, headers: Headers) -> list[str]:
        """Return headers `Set-Cookie` if the request's session should be renewed."""
        value = sent_session(headers.get("cookie", ""))
        if self._sessions is None or value is None or scope["type"] != "http":
            return []
        left_s = self._sessions.left_s(value)
        due = left_s is not None and self._sessions.is_due(left_s)
        return self.new_cookies(scope) if due else []

    def _token_problem(self, scope: Scope, sent: str, needed: str) -> Refusal | None:
        client = scope["client"][0] if scope.get("client") else ""
        wait_s = math.ceil(self._attempts.wait_s(client, sent))
        if wait_s:
            text = f"too many wrong tokens from this address; try again in {wait_s} s"
            return Refusal(429, text, wait_s)
        if hmac.compare_digest(sent.encode(), needed.encode()):
            return None
        self._attempts.wrong(client, sent)
        return Refusal(401, f"the token is wrong: {_HOW}")

    def _session_problem(self, headers: Headers, needed: str) -> Refusal | None:
        value = sent_session(headers.get("cookie", ""))
        if value is None:
            return _missing()
        reads = needed == self._subscribe_token
        if reads and self._sessions is not None and self._sessions.left_s(value) is not None:
            return None
        text = "the session has ended: open the page again as /?token=TOKEN"
        return Refusal(401, text if reads else f"a session only reads: {_HOW}")

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


def query_token(scope: Scope) -> str | None:
    """Return the token in a request's query; None if there is none."""
    tokens = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("token")
    return tokens[-1] if tokens else None


def _bearer(headers: Headers) -> str | None:
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    return bearer.strip() if scheme.lower() == "bearer" else None


def _missing() -> Refusal:
    return Refusal(401, f"a token is needed: {_HOW}")
