"""One line that says what a file seems to be."""

from __future__ import annotations

from typing import Any

from sensor.errors import RecordingError
from sensor.formats import json_text
from sensor.formats.recording import Limits
from sensor.formats.tables.table import (
    Table,
    decode_text,
    json_document,
    longest_list,
    read_table,
)

_SHOWN = 8
_BEGINNINGS = {
    b"\x1aE\xdf\xa3": "a Matroska video (.mkv), which is played with --source mkv:FILE",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip file, which must be unpacked first",
    b"BZh": "a bzip2 file, which must be unpacked first",
    b"\xfd7zXZ": "an xz file, which must be unpacked first",
    b"7z\xbc\xaf": "a 7-Zip archive, which must be unpacked first",
    b"\x89HDF": "an HDF5 file",
    b"MATLAB 5.0": "a MATLAB file",
    b"\x93NUMPY": "a single numpy array (.npy)",
    b"Kaydara FBX": "an FBX scene",
    b"HIERARCHY": "a BVH motion",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"\x80\x02": "a Python pickle, which is never opened, since it can run programs",
    b"\x80\x03": "a Python pickle, which is never opened, since it can run programs",
    b"\x80\x04": "a Python pickle, which is never opened, since it can run programs",
    b"\x80\x05": "a Python pickle, which is never opened, since it can run programs",
    b"#ROSBAG": "a ROS bag",
    b"<?xml": "an XML document",
    b"<": "an XML or HTML document",
}


def describe(name: str, data: bytes, limits: Limits) -> str:
    """Return what a file seems to be, such as "CSV with 76 columns: time, head_x, ..."."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, text in _BEGINNINGS.items():
        if start.startswith(beginning):
            return text
    if data[4:8] == b"ftyp":
        return "a video (.mp4), which is played with --source video:FILE"
    if not start:
        return "an empty file"
    try:
        if start.startswith((b"{", b"[")):
            json_text.check_number_count(name, start, limits)
            return _json(name, start)
        text = decode_text(name, data)
        return table_line(read_table(name, text.encode(), limits))
    except RecordingError as error:
        kind = "JSON" if start.startswith((b"{", b"[")) else "binary data"
        return f"{kind} that cannot be read ({str(error).removeprefix(f'{name}: ')})"


def table_line(table: Table) -> str:
    """Return what a table is, in one line."""
    rows, count = table.values.shape
    if table.kind == "CSV" and count == 1:
        return f"text of {rows + table.has_header} lines"
    header = "" if table.has_header else " without a header"
    return f"{table.kind} with {count} columns{header} and {rows} rows: {shown(table.columns)}"


def shown(names: tuple[str, ...] | list[str]) -> str:
    """Return the first names as one line."""
    short = [name if len(name) <= 40 else f"{name[:37]}..." for name in names[:_SHOWN]]
    return ", ".join(short) + (", ..." if len(names) > _SHOWN else "")


def _json(name: str, data: bytes) -> str:
    document = json_document(name, data)
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
