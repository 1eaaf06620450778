from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sensor.formats import (
    azure_kinect_csv,
    read_recording,
)
from sensor.skeleton import AZURE_KINECT
from tests import builders
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


def azure() -> str:
    return azure_kinect_csv.write(builders.recording(3, AZURE_KINECT))


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "azure: no rows": (lambda: azure().split("\n")[0], "followed by no frames"),
    "azure: a joint short": (lambda: azure().replace("Head,", ""), "missing: Head"),
    "azure: a cell short": (lambda: azure().replace(" 2.5,", ",", 1), "should be three numbers"),
    "azure: a word": (lambda: azure().replace(" 2.5,", " y,", 1), "could not convert"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)
