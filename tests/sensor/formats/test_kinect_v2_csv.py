from __future__ import annotations

from collections.abc import Callable

import pytest

from sensor.formats import (
    kinect_v2_csv,
    read_recording,
)
from sensor.skeleton import KINECT_V2
from tests import builders, csv_files
from tests.recording_checks import assert_refused, assert_same_bodies


def test_a_written_recording_is_read_back():
    made = builders.recording()
    read = read_recording(kinect_v2_csv.write(made).encode())
    assert (read.format, read.layout) == ("kinect-v2-csv", KINECT_V2)
    assert_same_bodies(made, read)
    assert [f.captured_ns for f in read.frames] == [
        round(f.captured_ns / 100) * 100 for f in made.frames
    ]


def test_numbers_that_are_not_finite_are_missing():
    lines = kinect_v2_csv.write(builders.recording(3)).split("\n")
    fields = lines[1].split(",")
    fields[1], fields[6] = "nan", "inf"
    lines[1] = ",".join(fields)
    confidence = read_recording("\n".join(lines).encode()).frames[1].bodies[0].confidence
    assert confidence[:3].tolist() == [0, 0, 1]


def csv() -> str:
    return kinect_v2_csv.write(builders.recording(3))


def all_nan() -> str:
    row = "0," + "nan,nan,nan,2," * 25
    return f"{row}\n{row}\n"


def backwards() -> str:
    lines = csv().split("\n")
    return "\n".join([lines[1], lines[0], lines[2]])


def every(ticks: int) -> str:
    """Return twelve frames with a step of `ticks` times 100 ns."""
    lines = kinect_v2_csv.write(builders.recording(12)).splitlines()
    return "\n".join(f"{ticks * i},{line.split(',', 1)[1]}" for i, line in enumerate(lines))


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "nothing finite": (all_nan, "no frame has a joint with finite coordinates"),
    "kinect: wrong joint count": (lambda: csv().replace(",2,\n", ",\n"), "line 1 has 100 values"),
    "kinect: a word": (lambda: csv().replace(",2,\n", ",x,\n"), 'line 1: "x" is not a number'),
    "kinect: backwards": (
        backwards, r"time runs backwards at line 2: -0.0333 s after 0.0000 s"
    ),
    "kinect: no time": (lambda: "nan" + csv()[1:], "line 1: the time nan is not valid"),
    "kinect: endless": (lambda: "9e15" + csv()[1:], "time runs backwards"),
    "kinect: years": (lambda: "-9e15" + csv()[1:], "more than a week"),
    "kinect: milliseconds": (lambda: every(33), r"a frame every 3.3e-06 s; are the units"),
    "kinect: nanoseconds": (lambda: every(33_000_000), r"a frame every 3.3 s; are the units"),
    "kinect: one time": (lambda: every(0), r"a frame every 0 s; are the units"),
    "kinect: cut": (lambda: csv()[:-300], "line 3 has"),
    "kinect: a joint short": (
        lambda: csv_files.kinect_with_header(builders.recording(3)).replace("Head_x", "x"),
        "missing: Head",
    ),
    "kinect: header alone": (
        lambda: csv_files.kinect_with_header(builders.recording(3)).split("\n")[0],
        "followed by no frames",
    ),
    "kinect: millimetres": (lambda: "0," + "1,2600,1,2," * 25, "must be in metres"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)


@pytest.mark.parametrize("unit_ns", [1, 100, 1e3, 1e6, 1e9])
@pytest.mark.parametrize("form", ["{joint}_{axis}", "{joint}.{axis}", "{joint} {axis}"])
def test_a_header_may_name_the_columns(form: str, unit_ns: float):
    made = builders.recording(12)
    read = read_recording(csv_files.kinect_with_header(made, unit_ns, form).encode())
    assert read.format == "kinect-v2-csv"
    assert_same_bodies(made, read)
    expected = [f.captured_ns for f in made.frames]
    assert [f.captured_ns for f in read.frames] == pytest.approx(expected, abs=2000)


def test_named_columns_may_have_any_order_and_no_states():
    made = builders.recording(4)
    lines = csv_files.kinect_with_header(made).splitlines()
    turned = "\n".join(",".join(line.split(",")[::-1]) for line in lines)
    assert_same_bodies(made, read_recording(turned.encode()))
    plain = "\n".join(
        ",".join(cell for i, cell in enumerate(line.split(",")) if i == 0 or i % 4)
        for line in lines
    )
    seen = read_recording(plain.encode()).frames[0].bodies[0].confidence
    assert seen[KINECT_V2.index["Head"]] == 1


def test_semicolons_decimal_commas_and_tabs():
    made = builders.recording(4)
    text = kinect_v2_csv.write(made)
    for mark, point in ((";", "."), (";", ","), ("\t", "."), ("\t", ",")):
        changed = text.replace(",", mark).replace(".", point)
        assert_same_bodies(made, read_recording(changed.encode()))


def test_utf_16():
    made = builders.recording(4)
    text = kinect_v2_csv.write(made).replace("\n", "\r\n")
    assert_same_bodies(made, read_recording(text.encode("utf-16")))
    assert_same_bodies(made, read_recording(b"\xfe\xff" + text.encode("utf-16-be")))
    assert_refused(b"\xff\xfe" + b"\x00\xd8\x00", "not a supported recording")


@pytest.mark.parametrize("spelling", ["-nan(ind)", "nan", "1.#QNAN", "-1.#IND", "", "NaN"])
def test_spellings_of_not_a_number(spelling: str):
    lines = kinect_v2_csv.write(builders.recording(3)).split("\n")
    fields = lines[1].split(",")
    fields[5:8] = [spelling] * 3
    lines[1] = ",".join(fields)
    read = read_recording("\n".join(lines).encode())
    assert read.frames[1].bodies[0].confidence[:3].tolist() == [1, 0, 1]
