"""One line that says what a file seems to be."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from sensor.errors import RecordingError
from sensor.formats import csv_text, json_text
from sensor.formats.recording import UPLOAD_LIMITS, Limits
from sensor.formats.tables.table import Table, json_document, longest_list, read_table
from sensor.formats.unknown import zip_archive
from sensor.formats.unknown.signatures import LONGEST, kind_of

_SHOWN = 8
_LOOKED_AT = 256 * 1024
"""Only this many bytes of a file are parsed."""
_YAML = re.compile(r"[A-Za-z_][\w ]*:( |$)")


def describe(name: str, data: bytes, limits: Limits) -> str:
    """Return what a file seems to be, such as "CSV with 76 columns: time, head_x, ..."."""
    text = _described(name, data, limits)
    return "".join(char if char.isprintable() else "?" for char in text)


def _described(name: str, data: bytes, limits: Limits) -> str:
    head = data[: 2 * LONGEST].removeprefix(b"\xef\xbb\xbf").lstrip()
    kind = kind_of(data[:LONGEST]) or kind_of(head[:LONGEST])
    if kind is not None:
        return kind
    if not data:
        return "an empty file"
    if not data.strip(b"\0"):
        return "a file of zero bytes only; use another copy of it"
    try:
        if data.startswith(zip_archive.MAGIC):
            return zip_archive.describe_names(zip_archive.names_in(name, data))
        return _described_text(name, csv_text.to_utf8(name, data), limits)
    except RecordingError as error:
        kind = "JSON" if head.startswith((b"{", b"[")) else "binary data"
        return f"{kind} that cannot be read ({str(error).removeprefix(f'{name}: ')})"


def _described_text(name: str, data: bytes, limits: Limits) -> str:
    if data.lstrip().startswith((b"{", b"[")):
        if len(data) > _LOOKED_AT:
            keys = shown(sorted(json_text.first_keys(data)))
            return f"JSON of {len(data)} bytes, near its beginning with the keys {keys}"
        json_text.check_number_count(name, data, limits)
        return _json(name, data)
    short = data if len(data) <= _LOOKED_AT else data[: data.rfind(b"\n", 0, _LOOKED_AT) + 1]
    text = csv_text.decode_text(name, short)
    if _is_yaml(text):
        return "a YAML document; save it as JSON"
    return table_line(read_table(name, short, UPLOAD_LIMITS)) + (
        " at its beginning" if len(short) < len(data) else ""
    )


def _is_yaml(text: str) -> bool:
    lines = [line for line in text.split("\n")[:_SHOWN] if line.strip()]
    return len(lines) > 1 and sum(bool(_YAML.match(line.lstrip("- "))) for line in lines) * 2 > len(
        lines
    )


def table_line(table: Table) -> str:
    """Return what a table is, in one line."""
    rows, count = table.values.shape
    if table.kind == "CSV" and (count == 1 or not np.isfinite(table.values).any()):
        lines = rows + table.has_header
        return f"text of {lines} line{'s' * (lines != 1)}"
    header = "" if table.has_header else " without a header"
    return f"{table.kind} with {count} columns{header} and {rows} rows: {shown(table.columns)}"


def shown(names: tuple[str, ...] | list[str]) -> str:
    """Return the first names as one line."""
    short = [name if len(name) <= 40 else f"{name[:37]}..." for name in names[:_SHOWN]]
    return ", ".join(short) + (", ..." if len(names) > _SHOWN else "")


def _json(name: str, data: bytes) -> str:
    document = json_document(name, data)
    if isinstance(document, dict) and "asset" in document and "nodes" in document:
        return "a glTF scene; save the positions of its joints as CSV or BVH"
    place, frames = longest_list(document)
    text = f"JSON, {_kind(document)}"
    if frames and place:
        text += f"; the longest list is {place}: {_kind(frames)}"
    return text


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object with the keys {shown(list(map(str, value)))}" if value else "an object"
    if not isinstance(value, list):
        return "a single value"
    inner = next((one for one in value if isinstance(one, dict | list)), None)
    inside = f", the first {_kind(inner)}" if inner is not None else ""
    return f"a list of {len(value)}{inside}"
