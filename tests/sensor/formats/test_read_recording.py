"""`read_recording` on files of every format, malformed files, and its limits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.errors import RecordingError
from sensor.formats import (
    azure_kinect_csv,
    kinect_v2_csv,
    ntu_skeleton,
    read_recording,
)
from sensor.formats.recording import Limits
from sensor.skeleton import AZURE_KINECT, KINECT_V2
from tests import builders
from tests.recording_checks import as_lines, assert_refused


def test_names_come_from_the_file_or_the_caller(tmp_path: Path):
    path = tmp_path / "Some walk.dat"
    path.write_text(ntu_skeleton.write(builders.recording(2)))
    assert read_recording(path).name == "Some walk"
    assert read_recording(path, "mine").name == "mine"


def offline() -> str:
    return builders.offline_processor_json(builders.recording(3, AZURE_KINECT)).decode()


def test_files_are_refused_by_size_before_they_are_read(tmp_path: Path):
    big = tmp_path / "big.npz"
    with big.open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(RecordingError, match="1024 MiB; at most 64 MiB"):
        read_recording(big)
    with pytest.raises(RecordingError, match="at most 0 MiB"):
        read_recording(b"1" * 200, limits=Limits(max_bytes=100))
    with pytest.raises(RecordingError, match="no such file"):
        read_recording(tmp_path / "none.npz")
    with pytest.raises(RecordingError, match="not a file"):
        read_recording(tmp_path)
    for strange in ("x" * 5000, "a\0b"):
        with pytest.raises(RecordingError):
            read_recording(tmp_path / strange)


def test_too_many_frames_or_bodies_are_refused(tmp_path: Path):
    made = builders.recording(5, people=3)
    few_frames, few_bodies = Limits(max_frames=4), Limits(max_bodies=2)
    azure = builders.recording(5, AZURE_KINECT, people=3)
    files = [as_lines(made, tmp_path), ntu_skeleton.write(made).encode()]
    files += [builders.offline_processor_json(azure), builders.pykinect_json(azure)]
    for data in files:
        with pytest.raises(RecordingError, match=r"at most 4\b"):
            read_recording(data, limits=few_frames)
        with pytest.raises(RecordingError, match=r"at most 2\b"):
            read_recording(data, limits=few_bodies)


def test_json_of_nothing_but_numbers_is_refused():
    data = b'{"samples": [{"frames": [{"values": [' + b"0," * 5000 + b"0]}]}]}"
    with pytest.raises(RecordingError, match="more than 1875 numbers"):
        read_recording(data, limits=Limits(max_bytes=15_000))


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "empty": (lambda: "", "the file is empty"),
    "a byte order mark": (lambda: "\ufeff", "the file is empty"),
    "strange blanks": (lambda: "\x1c\x85\xa0\n", "not a supported recording"),
    "blank": (lambda: " \n\n", "the file is empty"),
    "random bytes": (
        lambda: np.random.default_rng(1).bytes(4096), "not a supported recording"
    ),
    "prose": (lambda: "hello, world\n", "not a supported recording"),
    "zeros": (lambda: b"\0" * 100, "not a supported recording"),
    "gzip": (lambda: b"\x1f\x8b\x08" + b"\0" * 50, "not a supported recording"),
    "json: other": (lambda: '{"a": 1}', "not a supported recording"),
    "json: other frames": (lambda: '{"frames": [{"a": 1}, {"a": 2}]}', "not a supported recording"),
    "json: other lines": (lambda: '{"a": 1}\n{"a": 2}\n', "not a supported recording"),
    "json: empty objects": (lambda: "{}\n{}\n", "not a supported recording"),
    "json: number list": (lambda: "[1, 2]", "not a supported recording"),
    "json: empty list": (lambda: "[]", "holds no frames"),
    "json: cut": (lambda: offline()[:-40], "invalid or incomplete JSON"),
    "json: nested": (lambda: '{"frames": ' + "[" * 100_000, "nested too deeply|incomplete JSON"),
    "json: nested list": (lambda: "[" * 100_000, "nested too deeply|incomplete|Expected"),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)


def one_of_each() -> list[bytes]:
    made = builders.recording(2)
    azure_made = builders.recording(2, AZURE_KINECT, people=2)
    return [
        ntu_skeleton.write(made).encode(),
        kinect_v2_csv.write(made).encode(),
        azure_kinect_csv.write(azure_made).encode(),
        builders.offline_processor_json(azure_made),
        builders.pykinect_json(azure_made),
        builders.gesture_json(2),
        builders.npz(builders.clip_set_arrays()),
        b'{"format":"jointwise-recording","version":1,"name":"a","layout":"kinect-v2","joints":'
        + json.dumps(KINECT_V2.joints).encode()
        + b',"rate_hz":30,"start_unix_ns":0}\n{"t_ns":0,"sequence":0,"bodies":[{"id":1,"joints_m":'
        + json.dumps(builders.pose().tolist()).encode()
        + b',"confidence":'
        + json.dumps([1.0] * 25).encode()
        + b"}]}\n",
    ]


@settings(max_examples=400, deadline=None)
@given(
    which=st.integers(0, 7),
    places=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), min_size=1, max_size=4),
    cut=st.floats(0.05, 1),
)
def test_a_changed_file_is_read_or_refused(
    which: int, places: list[tuple[float, bytes]], cut: float
):
    data = bytearray(one_of_each()[which])
    for place, new in places:
        at = int(place * len(data))
        data[at : at + len(new)] = new
    try:
        read_recording(bytes(data[: int(cut * len(data))]), "upload")
    except RecordingError as error:
        assert "\n" not in str(error)
