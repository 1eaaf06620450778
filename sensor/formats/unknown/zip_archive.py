"""The names in a ZIP archive, and what it seems to be by them."""

from __future__ import annotations

import io
import zipfile

from sensor.errors import RecordingError
from sensor.formats.recording import MIB

MAGIC = b"PK\x03\x04"
MOST_LISTED_BYTES = 4 * MIB
"""The longest list of members that is read; each of its entries takes ten times as much memory."""
_END = b"PK\x05\x06"
_LONGEST_END = 65_557
_ZIP64 = b"PK\x06\x07"
_OFFICE = {"word/": "a Word document (.docx)", "xl/": "an Excel workbook (.xlsx); save it as CSV",
           "ppt/": "a PowerPoint document (.pptx)"}  # fmt: skip


def check_list(name: str, data: bytes) -> None:
    """Raise RecordingError if the archive's list of members is longer than the limit."""
    tail = data[-_LONGEST_END:]
    at = tail.rfind(_END)
    listed = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if _ZIP64 in tail or listed > MOST_LISTED_BYTES:
        raise RecordingError(f"{name}: the ZIP archive lists too many files; take fewer")


def names_in(name: str, data: bytes) -> list[str]:
    """Return the names of the members; none if the archive is damaged. Raises RecordingError."""
    check_list(name, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return []


def describe_names(names: list[str]) -> str:
    """Return what an archive with these members seems to be."""
    if not names:
        return "a damaged ZIP archive; use another copy of it"
    for folder, text in _OFFICE.items():
        if "[Content_Types].xml" in names and any(one.startswith(folder) for one in names):
            return text
    if all(one.endswith(".npy") for one in names):
        arrays = ", ".join(one.removesuffix(".npy") for one in names[:8])
        return (
            f"a NumPy archive (.npz) with the arrays {arrays}; a clip set has the arrays xyz and "
            "joints"
        )
    if any(one.endswith("data.pkl") for one in names):
        return "a PyTorch file with a Python pickle, which is never opened"
    files = f"{len(names)} files, such as {names[0]}" if len(names) > 1 else f"the file {names[0]}"
    return f"a ZIP archive with {files}; extract it first"
