from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.recording import Limits
from sensor.formats.tables.column_map import axes_matrix
from sensor.formats.tables.table import read_table
from sensor.inspection.first_map import first_map
from sensor.skeleton import KINECT_V2
from tests import builders

MOTION = builders.wave(40)
TIMES_MS = [33 * i for i in range(40)]


def csv(axes: list[str], scale: float, separator: str = ",", comma: bool = False) -> str:
    """Return a CSV of another program: its own names, axes and unit, times in milliseconds."""
    places = MOTION @ axes_matrix(axes) * np.float32(scale)
    names = [f"{joint}_{axis}" for joint in KINECT_V2.joints for axis in "xyz"]
    lines = [separator.join(["timestamp_ms", "fps", *names])]
    for t, row in zip(TIMES_MS, places, strict=True):
        line = separator.join([str(t), "30", *(f"{value:.7g}" for value in row.ravel())])
        lines.append(line.replace(".", ",") if comma else line)
    return "\n".join(lines)


def documents() -> dict[str, object]:
    frames = [
        {
            "timestamp": t / 1000,
            "person": {joint: dict(zip("xyz", place, strict=True))
                       for joint, place in zip(KINECT_V2.joints, row, strict=True)},
        }
        for t, row in zip(TIMES_MS, MOTION.tolist(), strict=True)
    ]  # fmt: skip
    return {"version": 2, "take": {"name": "walk", "frames": frames}}


FILES = {
    "z up, millimetres": csv(["x", "z", "-y"], 1000),
    "y down, centimetres": csv(["-x", "-y", "z"], 100, "\t"),
    "semicolons and commas": csv(["x", "y", "z"], 1, ";", comma=True),
    "left-handed": csv(["x", "y", "-z"], 3.28),
    "JSON": json.dumps(documents()),
    "JSON lines": "\n".join(map(json.dumps, documents()["take"]["frames"])),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_is_read_by_its_first_map(case: str, tmp_path: Path) -> None:
    data = FILES[case].encode()
    found = first_map(read_table("walk", data, Limits()), "walk.csv")
    assert len(found.joints) == 25
    path = tmp_path / "walk.map.toml"
    path.write_text(found.text)
    read = read_recording(data, "walk", columns=path)
    assert read.layout is KINECT_V2 and len(read.frames) == 40
    assert [round(frame.captured_ns / 1e6) for frame in read.frames] == TIMES_MS
    for frame, joints in zip(read.frames, MOTION, strict=True):
        np.testing.assert_allclose(frame.bodies[0].joints_m, joints, atol=0.02)


def test_columns_may_be_numbers_and_have_confidence(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('rate_hz = 10\n[joints]\nHead = [1, 2, 3, 4]\nNeck = ["5", "6", "7"]\n')
    rows = ["0,1,2,0.5,0,2,2", "0,1,2,0,0,0,0", "nan,1,2,1,0,,2", ""]
    read = read_recording("\n".join(rows).encode(), "x", columns=path)
    sure = [[0.5, 1], [], []]
    for frame, wanted in zip(read.frames, sure, strict=True):
        index = [KINECT_V2.index[name] for name in ("Head", "Neck")]
        got = [body.confidence[index].tolist() for body in frame.bodies]
        assert got == ([wanted] if wanted else [])
    assert read.frames[1].captured_ns == 100_000_000


HEAD = '[joints]\nHead = ["a", "b", "c"]\n'
WRONG_MAPS = {
    "not TOML": ("unit = \n", "not valid TOML"),
    "not JSON": ("{]", "not valid JSON"),
    "no joints": ('unit = "m"', "joints"),
    "empty joints": ("[joints]", "joints: names no joint"),
    "unknown key": (f"units = 3\n{HEAD}", "`units`"),
    "unknown unit": (f'unit = "km"\n{HEAD}', r"'km' - at `\$.unit`"),
    "wrong axes": (f'axes = ["x", "x", "z"]\n{HEAD}', "axes: each of x, y and z should occur once"),
    "strange axes": (f'axes = ["x", "up", "z"]\n{HEAD}', "axes: 'up' should be x, y or z"),
    "two axes": (f'axes = ["x", "y"]\n{HEAD}', r"`\$.axes`"),
    "rate": (f"rate_hz = 0\n{HEAD}", r"`\$.rate_hz`"),
    "layout": (f'layout = "xsens"\n{HEAD}', "unknown layout 'xsens'; available: kinect"),
    "joint": ('[joints]\nKopf = ["a", "b", "c"]', "joints.Kopf: kinect-v2 has no such joint"),
    "two columns": ('[joints]\nHead = ["a", "b"]', r"`\$.joints\[...\]`"),
    "no such column": ('[joints]\nHead = ["a", "b", "d"]', "Head: the file has no column 'd'"),
    "no such number": ("[joints]\nHead = [1, 2, 4]", "joints.Head: column 4; the file has 1 to 3"),
    "no such time": (f'time = "t"\n{HEAD}', "time: the file has no column 't'; it has a, b, c"),
    "no time": (f'time = "a"\ntime_unit = "s"\n{HEAD}', "row 2 has no valid time in 'a'"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG_MAPS)
def test_a_mistake_in_a_map_is_one_line_with_its_key(case: str, tmp_path: Path) -> None:
    text, expected = WRONG_MAPS[case]
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(RecordingError, match=expected) as caught:
        read_recording(b"a,b,c\n1,2,3\nnan,1,2\n", "x", columns=path)
    assert "\n" not in str(caught.value)


def test_a_missing_map_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"missing.toml: cannot be read: No such file"):
        read_recording(b"a,b,c\n1,2,3\n", "x", columns=tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\x00\xfe\x01", "not a text"),
        (b"{}", "JSON without a list of frames"),
        (b"[1, 2]", "JSON without a list of frames"),
        (b"{", "invalid or incomplete JSON"),
        (b"[" * 10_000, "nested too deeply|invalid"),
        (b"a," * 20_000 + b"\n1\n", "40000 columns|20000 columns"),
        (b"1," * 9_000 + b"\n" + b"1\n" * 9_000, "lack most of"),
    ],
)
def test_a_file_that_is_no_table_is_refused(data: bytes, expected: str) -> None:
    with pytest.raises(RecordingError, match=expected) as caught:
        read_table("x", data, Limits())
    assert "\n" not in str(caught.value)
