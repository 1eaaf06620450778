from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sensor.formats import (
    azure_kinect_csv,
    read_recording,
)
from sensor.formats.recording import Recording
from sensor.skeleton import AZURE_KINECT
from tests import builders, csv_files
from tests.recording_checks import assert_refused, assert_same_bodies


def test_bodies_are_upright_and_not_mirrored():
    made = builders.recording(layout=AZURE_KINECT, people=1)
    text = azure_kinect_csv.write(made)
    raw_head = float(text.split("\n")[1].split(",")[26].split()[1])
    assert raw_head < 0
    read = read_recording(text.encode())
    assert (read.format, read.layout) == ("azure-kinect-csv", AZURE_KINECT)
    head = AZURE_KINECT.index["Head"]
    for one, other in zip(made.frames, read.frames, strict=True):
        seen = one.bodies[0].confidence > 0
        np.testing.assert_array_equal(one.bodies[0].joints_m[seen], other.bodies[0].joints_m[seen])
        assert other.bodies[0].joints_m[head, 1] > 0


def test_the_columns_may_have_any_order():
    text = azure_kinect_csv.write(builders.recording(layout=AZURE_KINECT))
    turned = "\n".join(",".join(line.split(",")[::-1]) for line in text.strip("\ufeff").split("\n"))
    assert_same_bodies(read_recording(text.encode()), read_recording(turned.encode()))


def made() -> Recording:
    return builders.recording(3, AZURE_KINECT)


def azure() -> str:
    return azure_kinect_csv.write(builders.recording(3, AZURE_KINECT))


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "azure: no rows": (lambda: azure().split("\n")[0], "followed by no frames"),
    "azure: a joint short": (lambda: azure().replace("Head,", ""), "missing: Head"),
    "azure: a cell short": (lambda: azure().replace(" 2.5,", ",", 1), "should be three numbers"),
    "azure: an axis short": (
        lambda: csv_files.azure_axis_per_column(made()).replace("HEAD_X", "x"), "missing: Head"
    ),
    "azure: a time that is none": (
        lambda: csv_files.azure_with_time(made(), True).replace("0.033333,", "soon,"),
        '"soon" is not a number',
    ),
    "azure: a word": (lambda: azure().replace(" 2.5,", " y,", 1), '"y" is not a number'),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)


def test_names_in_any_case():
    made = builders.recording(4, AZURE_KINECT)
    head, rest = azure_kinect_csv.write(made).split("\n", 1)
    for spelling in (head.upper(), head.lower(), ",".join(map(csv_files.spelled, head.split(",")))):
        assert_same_bodies(
            read_recording(azure_kinect_csv.write(made).encode()),
            read_recording(f"{spelling}\n{rest}".encode()),
        )


@pytest.mark.parametrize("in_lines", [True, False])
def test_a_leading_column_of_times(in_lines: bool):
    made = builders.recording(6, AZURE_KINECT, rate_hz=15 if in_lines else 30)
    read = read_recording(csv_files.azure_with_time(made, in_lines).encode())
    assert_same_bodies(read_recording(azure_kinect_csv.write(made).encode()), read)
    expected = [f.captured_ns for f in made.frames]
    assert [f.captured_ns for f in read.frames] == pytest.approx(expected, abs=1000)


@pytest.mark.parametrize("per_metre", [1, 100, 1000])
@pytest.mark.parametrize("time", [True, False])
def test_a_column_for_each_axis(time: bool, per_metre: float):
    made = builders.recording(12, AZURE_KINECT)
    read = read_recording(csv_files.azure_axis_per_column(made, per_metre, time).encode())
    assert_same_bodies(read_recording(azure_kinect_csv.write(made).encode()), read, 1e-5)
    expected = [f.captured_ns for f in made.frames]
    assert [f.captured_ns for f in read.frames] == pytest.approx(expected, abs=1000)
