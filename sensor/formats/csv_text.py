"""Texts, and the cells, numbers and headers of CSV, as cameras' tools and spreadsheets write them.

Cells may be separated by commas, semicolons or tabs. A file without separating commas may have
decimal commas.
"""

from __future__ import annotations

import codecs
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import overload

import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.stopping import stop_if_asked

AXES = ("x", "y", "z")
TIME_NAMES = frozenset(
    [
        "time",
        "timestamp",
        "timestamps",
        "ticks",
        "relativetime",
        "times",
        "timems",
        "timeus",
        "timens",
        "timestampms",
        "timestampus",
        "timestampns",
        "timestampusec",
        "timesec",
        "seconds",
        "t",
    ]
)
"""Plain names of a column of times."""

_ENDINGS = {
    **{end: axis for axis in AXES for end in (axis, f"pos{axis}", f"position{axis}")},
    **dict.fromkeys(
        [
            "state",
            "trackingstate",
            "status",
            "confidence",
            "confidencelevel",
            "conf",
            "visibility",
            "vis",
            "score",
            "v",
        ],
        "sure",
    ),
}
_NOT_A_NUMBER = re.compile(r"[-+]?(nan(\((ind|snan|q?nan)?\))?|1[.,]#(ind|qnan|snan)0*)", re.I)
_NUMBER_STARTS = frozenset("+-.0123456789")
_INFINITE = re.compile(r"[-+]?1[.,]#inf0*", re.I)


def to_utf8(name: str, data: bytes) -> bytes:
    """Return UTF-16 as UTF-8, and other bytes as they are, without a byte order mark.

    Raises RecordingError.
    """
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        raise RecordingError(f"{name}: not a text") from None


def decode_text(name: str, data: bytes) -> str:
    """Return a text in UTF-8 or UTF-16, with plain line ends. Raises RecordingError."""
    try:
        text = to_utf8(name, data).decode()
    except UnicodeDecodeError:
        raise RecordingError(f"{name}: not a text") from None
    if "\0" in text:
        raise RecordingError(f"{name}: not a text")
    return text.replace("\r\n", "\n")


def numbered_lines(text: str, start: int = 0) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, stripped, with their numbers in the file from 1.

    `start` is the place in `text` at which to begin.
    """
    number = text.count("\n", 0, start)
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        number += 1
        line = text[start:end].strip()
        if line:
            stop_if_asked()
            yield number, line
        start = end + 1


class NumberedLines(Sequence[tuple[int, str]]):
    """The lines that `numbered_lines` yields, cut out of the text when they are asked for.

    A list of the lines would take more memory than the text.
    """

    def __init__(self, text: str, places: NDArray[np.int64]) -> None:
        self._text = text
        self._places = places

    @classmethod
    def of(cls, text: str) -> NumberedLines:
        """Return the lines of a text."""
        places, end, number = array("q"), -1, 0
        while end < len(text):
            start = end + 1
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            number += 1
            if not text[start:end].isspace() and end > start:
                places.extend((number, start, end))
        return cls(text, np.frombuffer(places, np.int64).reshape(-1, 3))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> tuple[int, str]: ...
    @overload
    def __getitem__(self, at: slice) -> NumberedLines: ...
    def __getitem__(self, at: int | slice) -> tuple[int, str] | NumberedLines:
        if isinstance(at, slice):
            return NumberedLines(self._text, self._places[at])
        stop_if_asked()
        number, start, end = self._places[at].tolist()
        return number, self._text[start:end].strip()


def separator(line: str) -> str:
    """Return what separates the cells of a line: semicolon, tab or comma."""
    return next((mark for mark in (";", "\t") if mark in line), ",")


def cells_of(line: str, mark: str) -> list[str]:
    """Return the cells of a line without blanks and quotes. One separator may end the line."""
    cells = line.removesuffix(mark).split(mark)
    if '"' in line:
        cells = [cell.strip().strip('"') for cell in cells]
    return [cell.strip() for cell in cells]


def to_number(cell: str, mark: str = ",") -> float:
    """Convert a cell of a line with this separator. Raises ValueError.

    An empty cell and every spelling of "not a number", such as `-nan(ind)`, become NaN.
    """
    if mark != ",":
        cell = cell.replace(",", ".")
    try:
        return float(cell)
    except ValueError:
        if not cell or _NOT_A_NUMBER.fullmatch(cell):
            return float("nan")
        if _INFINITE.fullmatch(cell):
            return float("inf")
        raise


def to_numbers(cells: Sequence[str], mark: str = ",") -> NDArray[np.float64]:
    """Convert cells as `to_number` does one. Raises ValueError."""
    try:
        return np.array([float(cell) for cell in cells])
    except ValueError:
        return np.array([to_number(cell, mark) for cell in cells])


def numbers_of_line(name: str, line: int, cells: Sequence[str], mark: str) -> NDArray[np.float64]:
    """Convert cells of a numbered line of the recording `name`. Raises RecordingError."""
    try:
        return to_numbers(cells, mark)
    except ValueError:
        wrong = next(cell for cell in cells if not _is_number(cell, mark))
        raise not_a_number(name, line, wrong) from None


def _is_number(cell: str, mark: str) -> bool:
    try:
        to_number(cell, mark)
    except ValueError:
        return False
    return True


def not_a_number(name: str, line: int, text: str) -> RecordingError:
    """Return the error for a text in a numbered line that should be a number."""
    return RecordingError(f'{name}, line {line}: "{text[:40]}" is not a number')


def plain(name: str) -> str:
    """Return a name in lower case, without blanks, punctuation and what stands in brackets."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\(.*?\)|\[.*?\]", "", name.lower()))


def axis_columns(
    header: Sequence[str], joints: Mapping[str, Iterable[str]]
) -> dict[str, dict[str, int]]:
    """Return the columns of each joint that the header names: `x`, `y`, `z`, and `sure` if present.

    `joints` has the names that a file may use for a joint, as `plain` returns them. A column is a
    name and an ending in any spelling, such as `SpineBase_x`, `SPINE_BASE.X` or `x_SpineBase`.
    """
    wanted = _spellings(tuple((joint, tuple(names)) for joint, names in joints.items()))
    found: dict[str, dict[str, int]] = {}
    for i, cell in enumerate(header):
        if cell[:1] in _NUMBER_STARTS and cell[-1:].isdigit():
            continue  # a number, as the first line of a file without a header has thousands
        if named := wanted.get(plain(cell)):
            found.setdefault(named[0], {}).setdefault(named[1], i)
    return {joint: columns for joint, columns in found.items() if columns.keys() >= set(AXES)}


@cache
def _spellings(joints: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, tuple[str, str]]:
    """Return the joint and the kind of column for every spelling."""
    return {
        text: (joint, kind)
        for joint, names in joints
        for name in names
        for end, kind in _ENDINGS.items()
        for text in (name + end, end + name)
    }


def time_column(header: Sequence[str]) -> int | None:
    """Return the first column whose name is that of a time; None if there is none."""
    return next((i for i, cell in enumerate(header) if plain(cell) in TIME_NAMES), None)
