from __future__ import annotations

import io
import json

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.recording import Limits
from sensor.formats.unknown.description import describe
from sensor.formats.unknown.signatures import SIGNATURES
from sensor.formats.unknown.zip_archive import MOST_LISTED_BYTES
from tests import builders
from tests.fakes.files.g3d import archive


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


TYPES = {"[Content_Types].xml": b"<a/>"}
CASES = {
    b"time,a_x,a_y\n1,2,3\n": "CSV with 3 columns and 1 rows: time, a_x, a_y",
    b"1;2,5;3\n1;2;3\n": "CSV with 3 columns without a header and 2 rows: 1, 2, 3",
    b"1 2 3 4\n5 6 7 8\n": "CSV with 4 columns without a header and 2 rows: 1, 2, 3, 4",
    "a,b\n1,2\n".encode("utf-16"): "CSV with 2 columns and 1 rows: a, b",
    json.dumps({"fps": 30, "frames": [{"t": 1, "joints": [[1, 2, 3]]}]}).encode(): (
        "JSON, an object with the keys fps, frames; the longest list is frames: a list of 1, the "
        "first an object with the keys t, joints"
    ),
    b'{"t": 1}\n{"t": 2}\n': "JSON, a list of 2, the first an object with the keys t",
    b'{"asset": {"version": "2.0"}, "nodes": []}': "a glTF scene; save the positions",
    b"\x1aE\xdf\xa3xx": "a Matroska video (.mkv); it is played with --source mkv:FILE",
    b"\x80\x04\x95": "a Python pickle, which is never opened, since it can run programs",
    b"\x00\x00\x00\x18ftypmp42": "a video (.mp4, .mov); it is played with --source video:FILE",
    b"RIFF\0\0\0\0AVI LIST": "a video (.avi); it is played with --source video:FILE",
    b"\x1f\x8b\x08": "a gzip archive; extract it first",
    b"\0" * 257 + b"ustar": "a tar archive; extract it first",
    b"%PDF-1.7\n": "a PDF document",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"MATLAB 5.0 MAT-file, Platform": "a MATLAB 5 file (.mat)",
    b"MATLAB 7.3 MAT-file, Platform": "a MATLAB 7.3 file (.mat)",
    b"\x7fELF\x02": "a program (ELF)",
    b"<?xml version='1.0'?><a/>": "an XML document",
    b"  <!doctype HTML><p>403": "a web page; was the download refused?",
    b"%YAML:1.0\n": "a YAML document; save it as JSON",
    b"name: walk\nfps: 30\nframes: 3\n": "a YAML document; save it as JSON",
    npy(): "a single NumPy array (.npy); a clip set is an .npz file",
    builders.npz({"poses": np.zeros(3), "trans": np.ones(2)}): (
        "a NumPy archive (.npz) with the arrays poses, trans; a clip set has the arrays xyz"
    ),
    archive({**TYPES, "xl/workbook.xml": b"<a/>"}): "an Excel workbook (.xlsx); save it as CSV",
    archive({**TYPES, "word/header1.xml": b"<a/>"}): "a Word document (.docx)",
    archive({"net/data.pkl": b"x"}): "a PyTorch file with a Python pickle, which is never opened",
    archive({"a.csv": b"1", "b.csv": b"2"}): (
        "a ZIP archive with 2 files, such as a.csv; extract it first"
    ),
    b"PK\x03\x04": "a damaged ZIP archive; use another copy of it",
    b"hello\nthere\n": "text of 2 lines",
    b"Once there was a man,\nwho could not walk.\n": "text of 2 lines",
    b"\0" * 5000: "a file of zero bytes only",
    b"": "an empty file",
    b"{": "JSON that cannot be read (invalid or incomplete JSON: Input data was truncated)",
    b"\xff\xfe\xfd": "binary data that cannot be read (not a text)",
}


@pytest.mark.parametrize("data", CASES, ids=range(len(CASES)))
def test_a_file_is_described_in_one_line(data: bytes) -> None:
    assert describe("x", data, Limits()).startswith(CASES[data])


@pytest.mark.parametrize("data", [one for one in CASES if one], ids=range(len(CASES) - 1))
def test_an_unknown_file_is_refused_in_one_standard_line(data: bytes) -> None:
    with pytest.raises(RecordingError) as caught:
        read_recording(data, "x")
    text = str(caught.value)
    if "not a supported recording" in text:  # damaged JSON and tables say more
        assert f"it seems to be {CASES[data]}" in text
        assert "Supported: a Jointwise recording (.mcap" in text
        assert text.endswith("`jointwise inspect FILE` says more") and "\n" not in text
    else:
        assert data in (b"{", b"1;2,5;3\n1;2;3\n", b"1 2 3 4\n5 6 7 8\n")


@pytest.mark.parametrize("number", range(len(SIGNATURES)))
def test_every_signature_is_told_and_refused(number: int) -> None:
    place, mark, text = SIGNATURES[number]
    data = b"\x01" * place + mark + b"\x01\x02"
    assert describe("x", data, Limits()) == text
    with pytest.raises(RecordingError):
        read_recording(data, "x")


def test_only_the_beginning_of_a_large_file_is_parsed() -> None:
    rows = b"a,b\n" + b"1,2\n" * 1_000_000
    assert describe("x", rows, Limits()).endswith("rows: a, b at its beginning")
    document = b'{"first": [' + b"{}," * 1_000_000 + b"{}]}"
    assert describe("x", document, Limits()).endswith("near its beginning with the keys first")


def test_a_column_with_control_characters_stays_on_one_line() -> None:
    assert describe(
        "x", b"a\x1b[2J,b\x85c\n1,2\n".decode("latin1").encode(), Limits()
    ).isprintable()


def test_a_list_of_very_many_files_is_not_read() -> None:
    end = b"PK\x05\x06" + b"\0" * 8 + (MOST_LISTED_BYTES + 1).to_bytes(4, "little") + b"\0" * 6
    with pytest.raises(RecordingError, match="lists too many files"):
        read_recording(b"PK\x03\x04" + end, "x")
