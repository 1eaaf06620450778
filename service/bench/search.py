"""The most streams that are carried: doubled until it is too many, then halved into the gap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

CLOSE_ENOUGH = 0.05


class Tried(Protocol):
    """What a trial came to."""

    @property
    def problem(self) -> str:
        """Why it does not count as carried; "" where it does."""
        ...


T = TypeVar("T", bound=Tried)


def largest(attempt: Callable[[int], T], first: int, most: int) -> T | None:
    """The trial of the most streams that was carried, within 5 %; None where none was.

    `attempt` tries so many streams; each is tried once. Begins at `first`, goes up to `most`.
    """
    carried: T | None = None
    low, high, count = 0, most + 1, min(first, most)
    while count > low and high - low > max(CLOSE_ENOUGH * low, 1):
        tried = attempt(count)
        if tried.problem:
            high = count
        else:
            carried, low = tried, count
        count = min(2 * low, most) if high > most else (low + high) // 2
    return carried
