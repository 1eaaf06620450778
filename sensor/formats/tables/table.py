"""`Table`: the numbers of a CSV or JSON file with a name for each column."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sensor.errors import RecordingError
from sensor.formats import csv_text, json_text
from sensor.formats.recording import Limits, check_frame_count

MOST_COLUMNS = 10_000
DEEPEST = 6
"""Frames are searched this deep in a JSON document, and numbers this deep in a frame."""
_LOOKED_AT = 50
"""The frames that are searched for the one with the most numbers."""


@dataclass(frozen=True, eq=False)
class Table:
    """A file as rows of numbers.

    `kind` is "CSV" or "JSON". `columns` holds C names: those of the header, the numbers from 1
    without a header, or the keys of a JSON frame joined by dots. `values` is float64 (T, C), NaN
    where there is no number. `where` says where the rows are from, such as "frames" in a document.
    """

    kind: str
    columns: tuple[str, ...]
    values: NDArray[np.float64]
    where: str
    has_header: bool = True


def read_table(name: str, data: bytes, limits: Limits, frames: str = "") -> Table:
    """Read CSV or JSON. `frames` is the place of the list of frames in JSON, joined by dots.

    Raises RecordingError.
    """
    start = csv_text.to_utf8(name, data).lstrip()
    if start.startswith((b"{", b"[")):
        json_text.check_number_count(name, start, limits)
        return _from_json(name, start, limits, frames)
    return _from_csv(name, csv_text.decode_text(name, data), limits)


def _from_csv(name: str, text: str, limits: Limits) -> Table:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise RecordingError(f"{name}: the file is empty")
    check_frame_count(name, len(lines), limits)
    separator = _separator(lines[0])
    first = [cell.strip().strip('"') for cell in _cells(lines[0], separator)]
    numbers = sum(math.isfinite(number(cell)) for cell in first)
    has_header = numbers * 2 < len(first)
    columns = first if has_header else [str(i) for i in range(1, len(first) + 1)]
    if len(columns) > MOST_COLUMNS:
        raise RecordingError(f"{name}: {len(columns)} columns; at most {MOST_COLUMNS} are read")
    values = _empty(name, len(lines) - has_header, len(columns), len(text))
    for row, line in zip(values, lines[has_header:], strict=True):
        cells = [number(cell) for cell in islice(_cells(line, separator), len(columns))]
        row[: len(cells)] = cells
    return Table("CSV", tuple(_unique(columns)), values, "lines", has_header)


def _separator(line: str) -> str | None:
    """Return the separator of the cells; None for spaces."""
    counts = {mark: line.count(mark) for mark in (";", "\t", ",")}
    best = max(counts, key=lambda mark: counts[mark])
    return best if counts[best] else None


def _cells(line: str, separator: str | None) -> list[str]:
    cells = line.split(separator)
    return cells[:-1] if len(cells) > 1 and not cells[-1].strip() else cells


def number(text: str) -> float:
    """Return a number with a decimal point or comma, NaN if the text is none."""
    text = text.strip().strip('"')
    try:
        return float(text.replace(",", ".") if text.count(",") == 1 else text)
    except ValueError:
        return math.nan


def _empty(name: str, rows: int, columns: int, size: int) -> NDArray[np.float64]:
    """Return rows of NaN. Raises RecordingError if a file of `size` bytes cannot fill them."""
    if rows * columns > max(size, 100_000):
        raise RecordingError(f"{name}: most of its {rows} rows lack most of {columns} columns")
    return np.full((rows, columns), np.nan)


def _unique(names: list[str]) -> Iterator[str]:
    """Yield the names; a repeated name gets a number, an empty one its place."""
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        title = name or str(place)
        seen[title] = seen.get(title, 0) + 1
        yield title if seen[title] == 1 else f"{title}.{seen[title]}"


def _from_json(name: str, data: bytes, limits: Limits, frames: str) -> Table:
    document = json_document(name, data)
    place, found = _at_path(name, document, frames) if frames else longest_list(document)
    if not found:
        raise RecordingError(f"{name}: JSON without a list of frames")
    check_frame_count(name, len(found), limits)
    looked_at = [dict(islice(numbers_in(frame), MOST_COLUMNS)) for frame in found[:_LOOKED_AT]]
    columns = max(looked_at, key=len)
    index = {column: i for i, column in enumerate(columns)}
    values = _empty(name, len(found), len(columns), len(data))
    for row, frame in zip(values, found, strict=True):
        for key, value in numbers_in(frame):
            if key in index:
                row[index[key]] = value
    return Table("JSON", tuple(columns), values, place or "the list")


def json_document(name: str, data: bytes) -> Any:
    """Return a JSON document; one document a line becomes a list. Raises RecordingError."""
    try:
        return json_text.decode(name, data, object)
    except RecordingError:
        lines = [line for line in data.split(b"\n") if line.strip()]
        if len(lines) < 2:
            raise
        try:
            msgspec.json.decode(lines[0])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise RecordingError(f"{name}: invalid or incomplete JSON") from None
        numbered = enumerate(lines, 1)
        return [json_text.decode(f"{name}: line {i}", line, object) for i, line in numbered]


def longest_list(document: Any, place: str = "", depth: int = 0) -> tuple[str, list[Any]]:
    """Return the longest list of objects or lists in a document, and its place."""
    if isinstance(document, list) and any(isinstance(one, dict | list) for one in document):
        return place, document
    best: tuple[str, list[Any]] = (place, [])
    if isinstance(document, dict) and depth < DEEPEST:
        for key, value in document.items():
            found = longest_list(value, f"{place}.{key}".lstrip("."), depth + 1)
            best = max(best, found, key=lambda one: len(one[1]))
    return best


def _at_path(name: str, document: Any, path: str) -> tuple[str, list[Any]]:
    found = document
    for key in path.split("."):
        if isinstance(found, list) and re.fullmatch(r"\d{1,9}", key) and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            raise RecordingError(f"{name}: frames = {path!r}: there is no {key!r} in the file")
    if not isinstance(found, list):
        raise RecordingError(f"{name}: frames = {path!r}: this is no list")
    return path, found


def numbers_in(value: Any, place: str = "", depth: int = 0) -> Iterator[tuple[str, float]]:
    """Yield the place and value of each number in a frame, its keys joined by dots."""
    if isinstance(value, bool) or depth > DEEPEST:
        return
    if isinstance(value, int | float):
        yield place, float(value) if abs(value) < 1e300 else math.nan
    elif isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in pairs:
            yield from numbers_in(inner, f"{place}.{key}".lstrip("."), depth + 1)
