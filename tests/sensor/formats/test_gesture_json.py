from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sensor.formats import read_recording
from sensor.skeleton import AZURE_KINECT
from tests import builders
from tests.recording_checks import assert_refused


def test_the_person_faces_the_camera():
    read = read_recording(builders.gesture_json())
    assert (read.format, read.rate_hz, len(read.frames)) == ("azure-kinect-gesture-json", 15.0, 20)
    joints = read.frames[0].bodies[0].joints_m
    standing = builders.wave(1, AZURE_KINECT)[0]
    np.testing.assert_allclose(joints, standing - standing[0], atol=1e-6)


def test_numbers_that_are_not_finite_are_missing():
    text = builders.gesture_json(2).decode()
    first = text.index('"values": [') + len('"values": [')
    comma = text.index(",", first)
    for nothing in ("NaN", "-Infinity", "null", "1e300"):
        read = read_recording((text[:first] + nothing + text[comma:]).encode())
        assert read.frames[0].bodies[0].confidence[0] == 0


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "json: no number": (
        lambda: builders.gesture_json(2).decode().replace("0.75", "1e999", 1), "out of range"
    ),
    "gesture: wrong joint count": (
        lambda: '{"samples": [{"frames": [{"values": [1, 2, 3]}]}]}', "3 values"
    ),
    "gesture: no frames": (lambda: '{"samples": []}', "hold no frames"),
    "gesture: rate": (
        lambda: '{"samples": [{"sampleRate": 0, "frames": [{"values": [1]}]}]}', "sampleRate"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)
