"""Every reader on generated files, and files that are damaged in every way we know of."""

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
    jointwise_lines,
    kinect_v2_csv,
    ntu_skeleton,
    read_recording,
)
from sensor.formats.recording import Limits, Recording, Span
from sensor.skeleton import AZURE_KINECT, KINECT_V1, KINECT_V2, Body, Frame
from tests import builders


def as_lines(made: Recording, folder: Path) -> bytes:
    path = folder / "made.jsonl"
    path.unlink(missing_ok=True)
    with jointwise_lines.RecordingWriter(path, made.layout, made.name, made.rate_hz) as writer:
        for frame in made.frames:
            writer.write(frame)
    return path.read_bytes()


def assert_same_bodies(a: Recording, b: Recording, tolerance: float = 0.0) -> None:
    assert len(a.frames) == len(b.frames)
    for one, other in zip(a.frames, b.frames, strict=True):
        assert len(one.bodies) == len(other.bodies)
        for p, q in zip(one.bodies, other.bodies, strict=True):
            np.testing.assert_allclose(p.joints_m, q.joints_m, rtol=0, atol=tolerance)
            np.testing.assert_array_equal(p.confidence, q.confidence)


def test_ntu_skeleton_comes_back_exactly():
    made = builders.recording(people=2)
    read = read_recording(ntu_skeleton.write(made).encode())
    assert (read.format, read.layout, read.rate_hz) == ("ntu-skeleton", KINECT_V2, 30.0)
    assert_same_bodies(made, read)
    assert [f.captured_ns for f in read.frames] == [f.captured_ns for f in made.frames]


def test_ntu_keeps_64_bit_ids_and_frames_without_bodies():
    text = ntu_skeleton.write(builders.recording(2)).replace("\n1 0 1", "\n72057594037931101 0 1")
    read = read_recording(f"3\n0\n{text.split(chr(10), 1)[1]}".encode())
    assert [len(f.bodies) for f in read.frames] == [0, 1, 1]
    assert read.frames[1].bodies[0].id == 72057594037931101


def test_ntu_tracking_states_are_confidence():
    text = ntu_skeleton.write(builders.recording(1)).split("\n")
    text[4] = text[4][:-1] + "1"
    text[5] = text[5][:-1] + "0"
    sure = read_recording("\n".join(text).encode()).frames[0].bodies[0].confidence
    assert sure[:3].tolist() == [0.5, 0.0, 1.0]


def test_ntu_name():
    name = ntu_skeleton.parse_name("S001C002P003R004A060.skeleton")
    assert name == ntu_skeleton.NtuName(1, 2, 3, 4, 60)
    assert ntu_skeleton.parse_name("walk") is None


def test_kinect_v2_csv_comes_back():
    made = builders.recording()
    read = read_recording(kinect_v2_csv.write(made).encode())
    assert (read.format, read.layout) == ("kinect-v2-csv", KINECT_V2)
    assert_same_bodies(made, read)
    assert [f.captured_ns for f in read.frames] == [
        round(f.captured_ns / 100) * 100 for f in made.frames
    ]


def test_azure_kinect_csv_is_turned_upright_without_mirroring():
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


def test_azure_kinect_csv_columns_may_stand_in_any_order():
    text = azure_kinect_csv.write(builders.recording(layout=AZURE_KINECT))
    turned = "\n".join(",".join(line.split(",")[::-1]) for line in text.strip("\ufeff").split("\n"))
    assert_same_bodies(read_recording(text.encode()), read_recording(turned.encode()))


def test_offline_processor_json():
    made = builders.recording(layout=AZURE_KINECT, people=2)
    read = read_recording(builders.offline_processor_json(made))
    assert (read.format, read.layout) == ("azure-kinect-offline-json", AZURE_KINECT)
    assert read.frames[0].captured_ns == 0
    assert abs(read.frames[-1].captured_ns - made.frames[-1].captured_ns) <= 1000
    for one, other in zip(made.frames, read.frames, strict=True):
        for p, q in zip(one.bodies, other.bodies, strict=True):
            seen = p.confidence > 0
            np.testing.assert_allclose(p.joints_m[seen], q.joints_m[seen], atol=1e-6)


def test_offline_processor_json_may_have_the_body_id_minus_one():
    data = builders.offline_processor_json(builders.recording(3, AZURE_KINECT))
    read = read_recording(data.replace(b'"body_id": 1', b'"body_id": -1'))
    assert {b.id for f in read.frames for b in f.bodies} == {-1}


@pytest.mark.parametrize("spelling", ["dict", "list", "xyz"])
def test_pykinect_json(spelling: str):
    made = builders.recording(5, AZURE_KINECT, people=2)
    entries = json.loads(builders.pykinect_json(made))
    for entry in entries:
        for joint in entry["skeleton"]["joints"]:
            place = joint["position"]
            if spelling == "list":
                joint["position"] = list(place.values())
            elif spelling == "xyz":
                joint["position"] = {"xyz": place}
    read = read_recording(json.dumps(entries).encode())
    assert read.format == "pykinect-azure-json"
    assert_same_bodies(made, read, 1e-6)


def test_gesture_json_faces_the_camera():
    read = read_recording(builders.gesture_json())
    assert (read.format, read.rate_hz, len(read.frames)) == ("azure-kinect-gesture-json", 15.0, 20)
    joints = read.frames[0].bodies[0].joints_m
    standing = builders.wave(1, AZURE_KINECT)[0]
    np.testing.assert_allclose(joints, standing - standing[0], atol=1e-6)


def test_own_recordings_come_back_exactly(tmp_path: Path):
    made = builders.recording(people=3)
    read = read_recording(as_lines(made, tmp_path))
    assert (read.name, read.format, read.rate_hz) == ("test", "jointwise-recording", 30.0)
    assert_same_bodies(made, read)
    for one, other in zip(made.frames, read.frames, strict=True):
        assert (one.captured_ns, one.sequence) == (other.captured_ns, other.sequence)
        assert [b.id for b in one.bodies] == [b.id for b in other.bodies]


def test_own_recordings_survive_a_cut_at_every_place(tmp_path: Path):
    data = as_lines(builders.recording(4), tmp_path)
    ends = [i + 1 for i, c in enumerate(data) if c == ord("\n")]
    for cut in [*range(ends[0], len(data), 97), *ends[1:], *(e - 1 for e in ends[1:])]:
        whole = sum(end - 1 <= cut for end in ends) - 1
        if whole:
            assert len(read_recording(data[:cut]).frames) == whole
        else:
            with pytest.raises(RecordingError, match="no frames"):
                read_recording(data[:cut])


def test_own_recordings_keep_truth_and_are_never_written_over(tmp_path: Path):
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


def test_spans_name_what_a_recording_shows():
    frames = [
        Frame("x", i, i * 100, (), KINECT_V2, truth)
        for i, truth in enumerate([None, "a", "a", "b", None, "b"])
    ]
    spans = Recording("x", "built", KINECT_V2, tuple(frames), 30).spans
    assert spans == (
        Span("a", 1, 2, 100, 200),
        Span("b", 3, 3, 300, 300),
        Span("b", 5, 5, 500, 500),
    )


def test_what_is_not_finite_is_missing(tmp_path: Path):
    lines = kinect_v2_csv.write(builders.recording(3)).split("\n")
    fields = lines[1].split(",")
    fields[1], fields[6] = "nan", "inf"
    lines[1] = ",".join(fields)
    confidence = read_recording("\n".join(lines).encode()).frames[1].bodies[0].confidence
    assert confidence[:3].tolist() == [0, 0, 1]

    text = builders.gesture_json(2).decode()
    first = text.index('"values": [') + len('"values": [')
    comma = text.index(",", first)
    for nothing in ("NaN", "-Infinity", "null", "1e300"):
        read = read_recording((text[:first] + nothing + text[comma:]).encode())
        assert read.frames[0].bodies[0].confidence[0] == 0


def test_names_come_from_the_file_or_the_caller(tmp_path: Path):
    path = tmp_path / "Some walk.dat"
    path.write_text(ntu_skeleton.write(builders.recording(2)))
    assert read_recording(path).name == "Some walk"
    assert read_recording(path, "mine").name == "mine"


def ntu() -> str:
    return ntu_skeleton.write(builders.recording(2))


def csv() -> str:
    return kinect_v2_csv.write(builders.recording(3))


def azure() -> str:
    return azure_kinect_csv.write(builders.recording(3, AZURE_KINECT))


def offline() -> str:
    return builders.offline_processor_json(builders.recording(3, AZURE_KINECT)).decode()


def all_nan() -> str:
    row = "0," + "nan,nan,nan,2," * 25
    return f"{row}\n{row}\n"


def backwards() -> str:
    lines = csv().split("\n")
    return "\n".join([lines[1], lines[0], lines[2]])


def every(ticks: int) -> str:
    """Twelve frames, one every so many ticks of 100 ns."""
    lines = kinect_v2_csv.write(builders.recording(12)).splitlines()
    return "\n".join(f"{ticks * i},{line.split(',', 1)[1]}" for i, line in enumerate(lines))


def wrong_order_json() -> str:
    return offline().replace('"timestamp_usec": 833555', '"timestamp_usec": 1')


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "empty": (lambda: "", "the file is empty"),
    "a byte order mark": (lambda: "\ufeff", "the file is empty"),
    "strange blanks": (lambda: "\x1c\x85\xa0\n", "not a recording"),
    "blank": (lambda: " \n\n", "the file is empty"),
    "random bytes": (
        lambda: np.random.default_rng(1).bytes(4096), "not a recording that Jointwise reads"
    ),
    "prose": (lambda: "hello, world\n", "not a recording"),
    "zeros": (lambda: b"\0" * 100, "not a recording"),
    "gzip": (lambda: b"\x1f\x8b\x08" + b"\0" * 50, "not a recording"),
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
    "ntu: cut": (lambda: ntu()[:-500], "line 47 should be a joint of twelve numbers"),
    "ntu: cut at a line's end": (
        lambda: "\n".join(ntu().split("\n")[:20]), "the file ends after line 20, where a joint"
    ),
    "json: no number": (
        lambda: builders.gesture_json(2).decode().replace("0.75", "1e999", 1), "out of range"
    ),
    "ntu: no frames": (lambda: "0\n", "holds no frames"),
    "ntu: frames claimed": (lambda: "99999999\n1\n", "at most 200000"),
    "ntu: bodies claimed": (lambda: "1\n17\n", "the number of bodies is 17, at most 16"),
    "ntu: wrong joint count": (lambda: ntu().replace("\n25\n", "\n20\n"), "20 joints, not 25"),
    "ntu: goes on": (lambda: ntu() + "1\n", "goes on after the 2 frames"),
    "ntu: tracking state": (lambda: ntu().replace(" 2\n", " 7\n"), "tracking state 0, 1 or 2|ten"),
    "azure: no rows": (lambda: azure().split("\n")[0], "followed by no frames"),
    "azure: a joint short": (lambda: azure().replace("Head,", ""), "missing: Head"),
    "azure: a cell short": (lambda: azure().replace(" 2.5,", ",", 1), "should be three numbers"),
    "azure: a word": (lambda: azure().replace(" 2.5,", " y,", 1), "could not convert"),
    "json: other": (lambda: '{"a": 1}', "not a recording"),
    "json: number list": (lambda: "[1, 2]", r"Expected `object`, got `int`"),
    "json: empty list": (lambda: "[]", "holds no frames"),
    "json: cut": (lambda: offline()[:-40], "invalid or incomplete JSON"),
    "json: nested": (lambda: '{"frames": ' + "[" * 100_000, "nested too deeply|incomplete JSON"),
    "json: nested list": (lambda: "[" * 100_000, "nested too deeply|incomplete|Expected"),
    "offline: backwards": (wrong_order_json, r"backwards at frames\[1\]"),
    "offline: no frames": (lambda: '{"frames": []}', "holds no frames"),
    "offline: wrong joint count": (
        lambda: '{"frames": [{"timestamp_usec": 1, "bodies": [{"body_id": 1, "joint_positions":'
        " [[1, 2, 3]]}]}]}",
        r"frames\[0\]: a body has 1 joints",
    ),
    "offline: pairs": (
        lambda: '{"frames": [{"timestamp_usec": 1, "bodies": [{"body_id": 1, "joint_positions":'
        " [[1, 2]]}]}]}",
        "length >= 3",
    ),
    "gesture: wrong joint count": (
        lambda: '{"samples": [{"frames": [{"values": [1, 2, 3]}]}]}', "3 values"
    ),
    "gesture: no frames": (lambda: '{"samples": []}', "hold no frames"),
    "gesture: rate": (
        lambda: '{"samples": [{"sampleRate": 0, "frames": [{"values": [1]}]}]}', "sampleRate"
    ),
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
def test_what_is_damaged_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    content = make()
    data = content if isinstance(content, bytes) else content.encode()
    with pytest.raises(RecordingError, match=expected) as caught:
        read_recording(data, "upload")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("upload")


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


def test_own_recordings_with_wrong_bodies_name_the_line(tmp_path: Path):
    data = as_lines(builders.recording(3), tmp_path)
    lines = data.split(b"\n")
    lines[2] = b'{"t_ns":1,"sequence":1,"bodies":[{"id":1,"joints_m":[[1,2]],"confidence":[1]}]}'
    with pytest.raises(RecordingError, match="line 3: body 1 should have 25 joints"):
        read_recording(b"\n".join(lines))
    lines[2] = b'{"t_ns":"x"}'
    with pytest.raises(RecordingError, match=r"line 3: Expected `int`"):
        read_recording(b"\n".join(lines))


def test_bodies_hold_nothing_for_a_missing_joint():
    made = builders.recording(1).frames[0].bodies[0]
    lost = KINECT_V2.index["FootLeft"]
    assert isinstance(made, Body)
    assert not made.joints_m[lost].any()


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
def test_whatever_is_changed_in_a_file_it_is_read_or_refused(
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
