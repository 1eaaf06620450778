from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sensor.errors import RecordingError
from sensor.formats import (
    jointwise_lines,
    read_recording,
)
from sensor.skeleton import KINECT_V1, Frame
from tests import builders
from tests.recording_checks import as_lines, assert_refused, assert_same_bodies


def test_a_written_recording_is_read_back_exactly(tmp_path: Path):
    made = builders.recording(people=3)
    read = read_recording(as_lines(made, tmp_path))
    assert (read.name, read.format, read.rate_hz) == ("test", "jointwise-recording", 30.0)
    assert_same_bodies(made, read)
    for one, other in zip(made.frames, read.frames, strict=True):
        assert (one.captured_ns, one.sequence) == (other.captured_ns, other.sequence)
        assert [b.id for b in one.bodies] == [b.id for b in other.bodies]


def test_a_file_cut_at_any_byte_is_read_up_to_the_cut(tmp_path: Path):
    data = as_lines(builders.recording(4), tmp_path)
    ends = [i + 1 for i, c in enumerate(data) if c == ord("\n")]
    for cut in [*range(ends[0], len(data), 97), *ends[1:], *(e - 1 for e in ends[1:])]:
        whole = sum(end - 1 <= cut for end in ends) - 1
        if whole:
            assert len(read_recording(data[:cut]).frames) == whole
        else:
            with pytest.raises(RecordingError, match="no frames"):
                read_recording(data[:cut])


def test_truth_is_kept_and_a_recording_is_never_overwritten(tmp_path: Path):
    made = builders.recording(2)
    path = tmp_path / "a.jsonl"
    with jointwise_lines.RecordingWriter(path, made.layout, "a") as writer:
        frame = made.frames[0]
        writer.write(Frame("x", 5, 10**18, frame.bodies, frame.layout, "wave"))
        with pytest.raises(ValueError, match="kinect-v1 frame"):
            writer.write(builders.frame(layout=KINECT_V1))
    read = read_recording(path)
    assert read.frames[0].truth == "wave"
    assert read.frames[0].captured_ns == 0
    with pytest.raises(FileExistsError):
        jointwise_lines.RecordingWriter(path, made.layout, "a")


def test_a_wrong_body_is_refused_with_its_line(tmp_path: Path):
    data = as_lines(builders.recording(3), tmp_path)
    lines = data.split(b"\n")
    lines[2] = b'{"t_ns":1,"sequence":1,"bodies":[{"id":1,"joints_m":[[1,2]],"confidence":[1]}]}'
    with pytest.raises(RecordingError, match="line 3: body 1 should have 25 joints"):
        read_recording(b"\n".join(lines))
    lines[2] = b'{"t_ns":"x"}'
    with pytest.raises(RecordingError, match=r"line 3: Expected `int`"):
        read_recording(b"\n".join(lines))


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "own: version": (
        lambda: '{"format":"jointwise-recording","version":9,"name":"a","layout":"kinect-v2",'
        '"joints":[],"rate_hz":30,"start_unix_ns":0}\n',
        "version 9",
    ),
    "own: layout": (
        lambda: '{"format":"jointwise-recording","version":1,"name":"a","layout":"vicon",'
        '"joints":[],"rate_hz":30,"start_unix_ns":0}\n',
        "layout 'vicon'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)
