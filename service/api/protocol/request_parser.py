"""Parses HTTP requests with h11, and refuses heads that are too large."""

from __future__ import annotations

from typing import Any

import h11

MOST_HEADERS = 100
HEADER_BYTES = 8000
HEAD_BYTES = 16384
"""The limits of a head. Those of websockets are a little larger, so this answers for both."""
_TOO_LARGE = (
    431,
    f"a request has at most {MOST_HEADERS} headers, {HEADER_BYTES} bytes in each, "
    f"and {HEAD_BYTES} bytes in all",
)


class RequestParser(h11.Connection):
    """Parses requests. Of an invalid one it keeps the status and the text of the answer."""

    refusal: tuple[int, str] | None = None

    def next_event(self) -> Any:
        """Return the next event, or `h11.PAUSED` after an invalid request."""
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as error:
            # Some texts end with the bytes of the request, which may hold a token.
            self.refusal = error.error_status_hint, str(error).partition(": b")[0]
            if self.refusal[0] == 431:
                self.refusal = _TOO_LARGE
            return h11.PAUSED
        if isinstance(event, h11.Request):
            self.refusal = _too_large(event)
        return event if self.refusal is None else h11.PAUSED


def _too_large(request: h11.Request) -> tuple[int, str] | None:
    """Return the refusal of a request whose head is too large."""
    if len(request.target) > HEADER_BYTES:
        return 414, f"the address has more than {HEADER_BYTES} bytes"
    sizes = [len(name) + len(value) for name, value in request.headers]
    if len(sizes) > MOST_HEADERS or max(sizes, default=0) > HEADER_BYTES or sum(sizes) > HEAD_BYTES:
        return _TOO_LARGE
    return None
