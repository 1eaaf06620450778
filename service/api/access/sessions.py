"""Sessions of browsers: signed cookies that expire, so that no browser stores a token."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

from starlette.requests import cookie_parser

COOKIE = "jointwise_session"
OLD_COOKIE = "jointwise_token"
"""The cookie of version 0.1, which held the token itself."""


class Sessions:
    """Makes and checks the cookie values `EXPIRY.SIGNATURE`, with the expiry in Unix seconds.

    The key is derived from the token, so sessions outlive a restart of the service, and end when
    the token changes. The derivation is slow, so that nobody who has seen a cookie can try tokens
    in bulk.
    """

    def __init__(
        self, token: str, lifetime_s: float, clock_s: Callable[[], float] = time.time
    ) -> None:
        self._key = hashlib.scrypt(
            token.encode(), salt=b"jointwise session", n=2**14, r=8, p=1, dklen=32
        )
        self._lifetime_s = lifetime_s
        self._clock_s = clock_s

    def new(self) -> str:
        """Return the value of a new session."""
        expiry = str(int(self._clock_s() + self._lifetime_s))
        return f"{expiry}.{self._signature(expiry)}"

    def left_s(self, value: str) -> float | None:
        """Return the seconds until a session ends; None if it has ended or was not made here."""
        expiry, _, signature = value.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(expiry).encode()):
            return None
        left_s = int(expiry) - self._clock_s()
        return left_s if 0 < left_s <= self._lifetime_s else None

    def is_due(self, left_s: float) -> bool:
        """Return whether a session in use should be renewed, because half of its time is over."""
        return left_s < self._lifetime_s / 2

    def set_cookie(self, secure: bool) -> str:
        """Return the header `Set-Cookie` that starts a new session. `secure`: only over TLS."""
        attributes = f"HttpOnly; Max-Age={int(self._lifetime_s)}; Path=/; SameSite=strict"
        return f"{COOKIE}={self.new()}; {attributes}" + ("; Secure" if secure else "")

    def _signature(self, expiry: str) -> str:
        return hmac.digest(self._key, expiry.encode(), "sha256").hex()


def sent_session(cookies: str) -> str | None:
    """Return the session in a header `Cookie`; None if there is none."""
    return cookie_parser(cookies).get(COOKIE)
