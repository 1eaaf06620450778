"""Assigns each stream a row of the arrays that carry the past of all streams."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from models.features import BoolArray, IntArray

SPARE = 0
"""A row that belongs to no stream. It pads batches."""

_FRESH, _CLOSED = -1, -2


class Rows:
    """Opens and closes rows. `step_count` int64 (rows,) is the number of steps of each row."""

    def __init__(self, capacity: int) -> None:
        self.step_count = np.full(capacity + 1, _CLOSED, np.int64)
        self._free = list(range(capacity, SPARE, -1))

    def open(self) -> int:
        """Take a row for a new stream. The number of rows doubles when all are taken."""
        if not self._free:
            old = len(self.step_count)
            self.step_count = np.concatenate([self.step_count, np.full(old, _CLOSED, np.int64)])
            self._free += range(2 * old - 1, old - 1, -1)
        row = self._free.pop()
        self.step_count[row] = _FRESH
        return row

    def close(self, row: int) -> None:
        """Free a row for another stream. Raises ValueError if it is closed already."""
        self.check(np.array([row]))
        self.step_count[row] = _CLOSED
        self._free.append(row)

    def reset(self, row: int) -> None:
        """Make the next step of a row a first step. Raises ValueError if the row is closed."""
        self.check(np.array([row]))
        self.step_count[row] = _FRESH

    def check(self, rows: IntArray) -> None:
        """Raise ValueError if one of the rows, int64 (N,), is closed."""
        if (self.step_count[rows] == _CLOSED).any():
            raise ValueError("the row is closed: open one first")

    def begin(self, rows: IntArray) -> BoolArray:
        """Mark rows as begun. Returns which of them take their first step now, bool (N,)."""
        fresh = self.step_count[rows] == _FRESH
        self.step_count[rows[fresh]] = 0
        return np.asarray(fresh)


class StreamMemory(ABC):
    """The base of both steppers: a row for each stream, in arrays that double with the rows."""

    def __init__(self, capacity: int) -> None:
        self._rows = Rows(capacity)

    def open(self) -> int:
        """Take a row for a new stream. Return it with `close`."""
        before = len(self._rows.step_count)
        row = self._rows.open()
        if len(self._rows.step_count) > before:
            self._grow()
        return row

    def close(self, row: int) -> None:
        """Free the row of a stream that has ended. Raises ValueError if it is closed already."""
        self._rows.close(row)

    def reset(self, row: int) -> None:
        """Begin a new person in a row, as if their first frame had been held still before it."""
        self._rows.reset(row)

    @abstractmethod
    def _grow(self) -> None:
        """Double the arrays and keep their contents."""
