from __future__ import annotations

from collections.abc import Callable

import pytest

from sensor.formats import (
    kinect_v2_csv,
    read_recording,
)
from sensor.skeleton import KINECT_V2
from tests import builders
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
    "kinect: a word": (lambda: csv().replace(",2,\n", ",x,\n"), "line 1: could not convert"),
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
    "kinect: millimetres": (lambda: "0," + "1,2600,1,2," * 25, "must be in metres"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)
