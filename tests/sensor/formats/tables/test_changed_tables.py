"""Tables and maps with bytes changed, cut, inserted and swapped, by a seed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.recording import Limits
from sensor.formats.tables.table import read_table
from sensor.formats.unknown.description import describe
from sensor.inspection.first_map import first_map
from sensor.inspection.picture import picture
from sensor.inspection.recording_facts import facts
from tests.sensor.formats.tables.test_mapped_reader import FILES

INSERTED = [b"nan", b"1e999", b"-", b'"', b",", b"\n", b"[", b"{}", b"null", b"\xff\xfe", b"1e308"]


def changed(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 3, 30))):
        at = rng.randrange(len(out) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            out[at : at + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            del out[at : at + rng.randrange(1, 200)]
        elif kind == 2:
            out[at:at] = rng.choice(INSERTED)
        else:
            out += out[at : at + 50]
            del out[at : at + 50]
    return bytes(out)


@pytest.mark.parametrize("case", FILES)
def test_a_changed_file_is_read_or_refused_in_one_line(case: str, tmp_path: Path) -> None:
    rng = random.Random(case)
    whole = FILES[case].encode()
    made = first_map(read_table("x", whole, Limits()), "x").text.encode()
    path = tmp_path / "x.toml"
    for number in range(40):
        data = whole if number % 4 == 0 else changed(whole, rng)
        path.write_bytes(changed(made, rng) if number % 4 == 0 else made)
        try:
            read = read_recording(data, "x", columns=path)
            assert facts(read) and len(picture(read.frames[0])) <= 20
        except RecordingError as error:
            assert "\n" not in str(error)
        try:
            first_map(read_table("x", data, Limits()), "x")
        except RecordingError as error:
            assert "\n" not in str(error)
        assert "\n" not in describe("x", data, Limits())
