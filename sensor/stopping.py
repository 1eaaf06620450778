"""Lets a caller stop the reading of a file, which may take many seconds.

Readers call `stop_if_asked` for every line or frame. It does nothing outside of `stoppable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


def _go_on() -> None:
    """Stop nothing."""


_check: ContextVar[Callable[[], None]] = ContextVar("check", default=_go_on)


@contextmanager
def stoppable(check: Callable[[], None]) -> Iterator[None]:
    """Call `check` often while files are read in this block; it stops the reading by raising."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def stop_if_asked() -> None:
    """Raise what the `check` of the current `stoppable` block raises, if any."""
    _check.get()()
