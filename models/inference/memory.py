"""`Rows`: which stream has which row of the arrays that remember streams."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from models.features import BoolArray, IntArray

SPARE = 0
"""The row that no stream has: batches are filled up with it."""

_FRESH, _CLOSED = -1, -2


class Rows:
    """Rows to have and to give back. `made` int64 (rows,): the steps that each has made."""

    def __init__(self, capacity: int) -> None:
        self.made = np.full(capacity + 1, _CLOSED, np.int64)
        self._free = list(range(capacity, SPARE, -1))

    def open(self) -> int:
        """A row for a new stream. The rows double when all are taken."""
        if not self._free:
            old = len(self.made)
            self.made = np.concatenate([self.made, np.full(old, _CLOSED, np.int64)])
            self._free += range(2 * old - 1, old - 1, -1)
        row = self._free.pop()
        self.made[row] = _FRESH
        return row

    def close(self, row: int) -> None:
        """The stream has ended: its row is another's from now on. ValueError if it was closed."""
        self.check(np.array([row]))
        self.made[row] = _CLOSED
        self._free.append(row)

    def reset(self, row: int) -> None:
        """The next step of the row is a first one. Raises ValueError if it is closed."""
        self.check(np.array([row]))
        self.made[row] = _FRESH

    def check(self, rows: IntArray) -> None:
        """Raise ValueError if one of the rows, int64 (N,), is closed."""
        if (self.made[rows] == _CLOSED).any():
            raise ValueError("a row that is closed: open one first")

    def begin(self, rows: IntArray) -> BoolArray:
        """Which rows make their first step now, bool (N,); from now on they are no longer new."""
        fresh = self.made[rows] == _FRESH
        self.made[rows[fresh]] = 0
        return np.asarray(fresh)


class Remembering(ABC):
    """What remembers streams, a row each, in memory that doubles with the rows."""

    def __init__(self, capacity: int) -> None:
        self._rows = Rows(capacity)

    def open(self) -> int:
        """A row for a new stream; give it back by `close`."""
        before = len(self._rows.made)
        row = self._rows.open()
        if len(self._rows.made) > before:
            self._grow()
        return row

    def close(self, row: int) -> None:
        """The stream has ended: its row is another's from now on."""
        self._rows.close(row)

    def reset(self, row: int) -> None:
        """The next step is of somebody new, who stood still in the first of its frames before."""
        self._rows.reset(row)

    @abstractmethod
    def _grow(self) -> None:
        """Double the memory, keeping what is in it."""
