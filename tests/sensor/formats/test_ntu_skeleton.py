from __future__ import annotations

from collections.abc import Callable

import pytest

from sensor.formats import (
    ntu_skeleton,
    read_recording,
)
from sensor.skeleton import KINECT_V2
from tests import builders
from tests.recording_checks import assert_refused, assert_same_bodies


def test_a_written_recording_is_read_back_exactly():
    made = builders.recording(people=2)
    read = read_recording(ntu_skeleton.write(made).encode())
    assert (read.format, read.layout, read.rate_hz) == ("ntu-skeleton", KINECT_V2, 30.0)
    assert_same_bodies(made, read)
    assert [f.captured_ns for f in read.frames] == [f.captured_ns for f in made.frames]


def test_64_bit_ids_and_frames_without_bodies_are_kept():
    text = ntu_skeleton.write(builders.recording(2)).replace("\n1 0 1", "\n72057594037931101 0 1")
    read = read_recording(f"3\n0\n{text.split(chr(10), 1)[1]}".encode())
    assert [len(f.bodies) for f in read.frames] == [0, 1, 1]
    assert read.frames[1].bodies[0].id == 72057594037931101


def test_tracking_states_become_confidence():
    text = ntu_skeleton.write(builders.recording(1)).split("\n")
    text[4] = text[4][:-1] + "1"
    text[5] = text[5][:-1] + "0"
    sure = read_recording("\n".join(text).encode()).frames[0].bodies[0].confidence
    assert sure[:3].tolist() == [0.5, 0.0, 1.0]


def test_parse_name():
    name = ntu_skeleton.parse_name("S001C002P003R004A060.skeleton")
    assert name == ntu_skeleton.NtuName(1, 2, 3, 4, 60)
    assert ntu_skeleton.parse_name("walk") is None


def ntu() -> str:
    return ntu_skeleton.write(builders.recording(2))


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "ntu: cut": (lambda: ntu()[:-500], "line 47 should be a joint of twelve numbers"),
    "ntu: cut at a line's end": (
        lambda: "\n".join(ntu().split("\n")[:20]), "the file ends after line 20, where a joint"
    ),
    "ntu: no frames": (lambda: "0\n", "holds no frames"),
    "ntu: frames claimed": (lambda: "99999999\n1\n", "at most 200000"),
    "ntu: bodies claimed": (lambda: "1\n17\n", "the number of bodies is 17, at most 16"),
    "ntu: wrong joint count": (lambda: ntu().replace("\n25\n", "\n20\n"), "20 joints, not 25"),
    "ntu: goes on": (lambda: ntu() + "1\n", "goes on after the 2 frames"),
    "ntu: tracking state": (lambda: ntu().replace(" 2\n", " 7\n"), "tracking state 0, 1 or 2|ten"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)
