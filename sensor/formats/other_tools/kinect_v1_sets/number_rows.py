"""Rows of numbers in text files, read line by line without a copy of the whole file."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats.csv_text import not_a_number, numbered_lines
from sensor.formats.recording import Limits

LONGEST_NUMBER = 40
"""Characters of the longest number and its separator; longer lines are refused unsplit."""


def count_fields(line: str) -> int:
    """Return how many numbers a line holds; 0 if it holds anything else or is very long."""
    if len(line) > 200 * LONGEST_NUMBER:
        return 0
    fields = _split(line)
    try:
        for field in fields:
            float(field)
    except ValueError:
        return 0
    return len(fields)


class RowParser:
    """Collects rows of `fields` numbers each; spaces, commas and semicolons separate them.

    `name` is that of the recording and `content` says what a row holds, both for errors.
    """

    def __init__(self, name: str, fields: int, content: str) -> None:
        self.name, self.fields, self.content = name, fields, content
        self.lines = array("q")
        """The number of the line of each row."""
        self._values = array("d")

    def __len__(self) -> int:
        return len(self.lines)

    def add(self, number: int, line: str) -> None:
        """Add line `number` of the file. Raises RecordingError."""
        if len(line) > self.fields * LONGEST_NUMBER:
            raise RecordingError(f"{self.name}: line {number} is too long for {self.content}")
        values = _split(line)
        if len(values) != self.fields:
            raise RecordingError(
                f"{self.name}: line {number} has {len(values)} values, not {self.fields}: "
                f"{self.content}"
            )
        try:
            self._values.extend(map(float, values))
        except ValueError:
            wrong = next(value for value in values if not count_fields(value))
            raise not_a_number(self.name, number, wrong) from None
        self.lines.append(number)

    def rows(self) -> NDArray[np.float64]:
        """Return all rows, float64 (N, fields)."""
        return np.array(self._values).reshape(-1, self.fields)

    def where(self) -> list[str]:
        """Return the place of each row in words, such as "line 3"."""
        return [f"line {number}" for number in self.lines]


def parse_rows(
    name: str, text: str, fields: int, content: str, limits: Limits, rows_a_frame: int = 1
) -> RowParser:
    """Parse all lines of a text, `rows_a_frame` of which make a frame. Raises RecordingError.

    Reading stops at the first row beyond the limit of frames.
    """
    parser = RowParser(name, fields, content)
    most = limits.max_frames * rows_a_frame
    for number, line in numbered_lines(text):
        if len(parser) == most:
            raise RecordingError(
                f"{name}: more than {limits.max_frames} frames; at most {limits.max_frames} are "
                "read; shorten the recording"
            )
        parser.add(number, line)
    return parser


def _split(line: str) -> list[str]:
    return line.replace(",", " ").replace(";", " ").split()
