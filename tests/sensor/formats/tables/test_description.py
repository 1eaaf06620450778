from __future__ import annotations

import json

import pytest

from sensor.formats.recording import Limits
from sensor.formats.tables.description import describe

CASES = {
    b"time,a_x,a_y\n1,2,3\n": "CSV with 3 columns and 1 rows: time, a_x, a_y",
    b"1;2,5;3\n1;2;3\n": "CSV with 3 columns without a header and 2 rows: 1, 2, 3",
    json.dumps({"fps": 30, "frames": [{"t": 1, "joints": [[1, 2, 3]]}]}).encode(): (
        "JSON, an object with the keys fps, frames; the longest list is frames: a list of 1, the "
        "first an object with the keys t, joints"
    ),
    b'{"t": 1}\n{"t": 2}\n': "JSON, a list of 2, the first an object with the keys t",
    b"\x1aE\xdf\xa3xx": "a Matroska video (.mkv), which is played with --source mkv:FILE",
    b"\x80\x04\x95": "a Python pickle, which is never opened, since it can run programs",
    b"\x00\x00\x00\x18ftypmp42": "a video (.mp4), which is played with --source video:FILE",
    b"hello\nthere\n": "text of 2 lines",
    b"": "an empty file",
    b"{": "JSON that cannot be read (invalid or incomplete JSON: Input data was truncated)",
    b"\xff\xfe\xfd": "binary data that cannot be read (not a text)",
}


@pytest.mark.parametrize("data", CASES, ids=range(len(CASES)))
def test_a_file_is_described_in_one_line(data: bytes) -> None:
    assert describe("x", data, Limits()) == CASES[data]
