"""Changed files: bytes flipped, cut, inserted and repeated, columns swapped, numbers replaced."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

TOKENS = (
    b"0", b"-1", b"1e30", b"1e308", b"1e400", b"-1e999", b"9" * 400, b"nan", b"NaN", b"-nan(ind)",
    b"Infinity", b"null", b'""', b'"x"', b"[]", b"{}", b"[{}]", b"[" * 3000, b'{"a":' * 3000,
    b"true", b"<a>" * 3000, b"<!DOCTYPE a [", b"&a;", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3",
    b"\n", b"\r", b"\t", b",", b";", b" ", b"\x1b[2J", b"\x85", b"99999999999", b"2147483648",
    b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff" * 8, b"PK\x03\x04", b"1970-01-01",
)  # fmt: skip
_NUMBER = re.compile(rb"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_SEPARATOR = re.compile(rb"[,;\t ]")

Change = tuple[str, float, float, bytes]
_SHARES = st.floats(0, 1, exclude_max=True)
CHANGES: st.SearchStrategy[list[Change]] = st.lists(
    st.tuples(
        st.sampled_from(
            ("flip", "cut", "delete", "insert", "repeat", "number", "columns", "lines", "member")
        ),
        _SHARES,
        _SHARES,
        st.one_of(st.sampled_from(TOKENS), st.binary(min_size=1, max_size=8)),
    ),
    min_size=1,
    max_size=5,
)


def changed(data: bytes, changes: list[Change]) -> bytes:
    """Return the file after all changes."""
    for kind, place, other, new in changes:
        if data:
            data = _CHANGES[kind](data, place, other, new)
    return data


def _flip(data: bytes, place: float, other: float, new: bytes) -> bytes:
    at = int(place * len(data))
    return data[:at] + bytes([data[at] ^ (1 << int(other * 8))]) + data[at + 1 :]


def _cut(data: bytes, place: float, other: float, new: bytes) -> bytes:
    return data[: int(place * len(data))]


def _delete(data: bytes, place: float, other: float, new: bytes) -> bytes:
    at = int(place * len(data))
    return data[:at] + data[at + 1 + int(other * 400) :]


def _insert(data: bytes, place: float, other: float, new: bytes) -> bytes:
    at = int(place * len(data))
    return data[:at] + new + data[at + (len(new) if other > 0.5 else 0) :]


def _repeat(data: bytes, place: float, other: float, new: bytes) -> bytes:
    at = int(place * len(data))
    return data[:at] + data[at : at + 500] * (1 + int(other * 200)) + data[at:]


def _number(data: bytes, place: float, other: float, new: bytes) -> bytes:
    found = _NUMBER.search(data, int(place * len(data))) or _NUMBER.search(data)
    return data if found is None else data[: found.start()] + new + data[found.end() :]


def _columns(data: bytes, place: float, other: float, new: bytes) -> bytes:
    """Swap two columns of all lines from a place on."""
    lines = data.split(b"\n")
    for i in range(int(new[0] / 256 * len(lines)), len(lines)):
        mark = _SEPARATOR.search(lines[i])
        if mark is not None:
            cells = lines[i].split(mark.group())
            a, b = int(place * len(cells)), int(other * len(cells))
            cells[a], cells[b] = cells[b], cells[a]
            lines[i] = mark.group().join(cells)
    return b"\n".join(lines)


def _lines(data: bytes, place: float, other: float, new: bytes) -> bytes:
    lines = data.split(b"\n")
    a, b = int(place * len(lines)), int(other * len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _member(data: bytes, place: float, other: float, new: bytes) -> bytes:
    """Change the content of a file in a ZIP archive; insert into any other file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {one: archive.read(one) for one in archive.namelist()}
    except Exception:
        return _insert(data, place, other, new)
    if not files:
        return data
    name = list(files)[int(place * len(files))]
    change = (_flip, _cut, _insert, _number, _repeat)[new[0] % 5]
    if files[name]:
        # Most flips would only change a coordinate, so half of them are in the beginning.
        files[name] = change(files[name], other * (0.02 if new[-1] % 2 else 1), place, new)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for one, content in files.items():
            packed.writestr(one, content)
    return out.getvalue()


_CHANGES: dict[str, Callable[[bytes, float, float, bytes], bytes]] = {
    "flip": _flip, "cut": _cut, "delete": _delete, "insert": _insert, "repeat": _repeat,
    "number": _number, "columns": _columns, "lines": _lines, "member": _member,
}  # fmt: skip


def each_changed(data: bytes, count: int, number: int, use: Callable[[bytes], None]) -> None:
    """Call `use` with `count` changed files; the same `number` gives the same files."""

    @seed(number)
    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(CHANGES)
    def run(changes: list[Change]) -> None:
        use(changed(data, changes))

    run()
