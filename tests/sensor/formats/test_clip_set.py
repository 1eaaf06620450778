"""Clip sets: the arrays in the file, selections, and the recording made of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import clip_set, clip_stream, read_recording
from sensor.formats.clip_stream import parse_selection
from sensor.formats.recording import UPLOAD_LIMITS, Limits
from sensor.skeleton import AZURE_KINECT, KINECT_V1, KINECT_V2
from tests import builders

Arrays = dict[str, np.ndarray[Any, Any]]


def read(arrays: Arrays) -> clip_set.ClipSet:
    return clip_set.read("made", builders.npz(arrays), UPLOAD_LIMITS)


def test_joints_are_in_the_layouts_order():
    for layout in (KINECT_V1, KINECT_V2, AZURE_KINECT):
        clips = read(builders.clip_set_arrays(layout))
        assert clips.layout is layout
        np.testing.assert_array_equal(clips.xyz_m[:20], builders.wave(20, layout))
        assert clips.seen.all()


def test_selection_by_name_number_subject_and_clip():
    clips = read(builders.clip_set_arrays())

    def chosen(**options: str) -> list[str]:
        return [c.name for c in clip_stream.select_clips(clips, parse_selection(options))]

    assert chosen() == ["a", "b", "c", "d"]
    assert chosen(subject="2") == ["c", "d"]
    assert chosen(label="Clap") == ["b", "d"]
    assert chosen(label="0, 1", subject="1") == ["a", "b"]
    assert chosen(clip="c,a") == ["a", "c"]
    assert chosen(view="0", rep="1") == ["a", "b", "c", "d"]
    assert sorted(chosen(order="shuffle:3")[:2]) == ["a", "b"]
    assert chosen(order="shuffle:3") == chosen(order="shuffle:3")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"subject": "9"}, "no subject '9'; there are 1, 2"),
        ({"label": "jump"}, "no label 'jump'; there are wave, clap"),
        ({"clip": "z"}, "no clip 'z'"),
        ({"subject": "1", "clip": "d"}, "no clip matches the whole selection"),
        ({"rest": "-1"}, "rest=-1 should be a number from 0 to 60"),
        ({"rest": "x"}, "rest=x should be a number"),
        ({"order": "random"}, "order=random should be file or shuffle:SEED"),
        ({"speed": "2"}, "no option 'speed'; it takes subject, label"),
    ],
)
def test_a_wrong_selection_names_the_known_values(options: dict[str, str], expected: str):
    with pytest.raises(RecordingError, match=expected):
        read_recording(builders.npz(builders.clip_set_arrays()), select=options)


def test_a_set_becomes_one_stream_with_rests_and_changes_of_person():
    made = read_recording(builders.npz(builders.clip_set_arrays()), select={"rest": "1"})
    spans = made.spans
    assert [s.label for s in spans] == ["wave", "clap", "wave", "clap"]
    assert [s.last - s.first + 1 for s in spans] == [20, 25, 30, 35]
    people = [f.bodies[0].id if f.bodies else None for f in made.frames]
    first = 30 + 20 + 30 + 25 + 30
    assert people == [1] * first + [None] * 45 + [2] * (30 + 30 + 30 + 35 + 30)
    assert spans[0].first == 30
    assert made.frames[first].truth is None
    step = np.diff([f.captured_ns for f in made.frames])
    assert set(step) <= {33_333_333, 33_333_334}


def test_a_single_clip_has_no_rests():
    made = read_recording(builders.npz(builders.clip_set_arrays()), select={"clip": "b"})
    assert [f.truth for f in made.frames] == ["clap"] * 25


def test_continuous_sets_have_a_label_on_every_frame():
    arrays = builders.clip_set_arrays()
    labels = np.zeros(len(arrays["xyz"]), np.int64)
    labels[5:12] = 1
    arrays |= {"frame_label": labels, "label": np.full(4, -1)}
    made = read_recording(builders.npz(arrays), select={"clip": "a"})
    assert [f.truth for f in made.frames] == ["wave"] * 5 + ["clap"] * 7 + ["wave"] * 8


def test_sets_with_times_or_another_rate_become_30_hz():
    arrays = builders.clip_set_arrays()
    half = read_recording(builders.npz(arrays), select={"clip": "a", "rate": "15"})
    assert len(half.frames) == 39
    np.testing.assert_allclose(
        half.frames[2].bodies[0].joints_m, builders.wave(20, KINECT_V1)[1], atol=1e-6
    )
    arrays["t"] = 100 + np.arange(len(arrays["xyz"])) / 60
    arrays["t"][7] = arrays["t"][6]
    fast = read_recording(builders.npz(arrays), select={"clip": "a"})
    assert len(fast.frames) == 10
    arrays["t"][7] -= 1
    with pytest.raises(RecordingError, match="time runs backwards in clip a at its frame 7"):
        read_recording(builders.npz(arrays))


def test_lost_joints_are_missing_and_lost_people_are_absent():
    arrays = builders.clip_set_arrays()
    xyz = arrays["xyz"]
    xyz[3] = 0
    xyz[4, 2] = 0
    xyz[5, 2] = np.nan
    made = read_recording(builders.npz(arrays), select={"clip": "a"})
    lost = KINECT_V1.index[str(arrays["joints"][2])]
    assert made.frames[3].bodies == ()
    assert made.frames[4].bodies[0].confidence[lost] == 0
    assert made.frames[5].bodies[0].confidence[lost] == 0
    assert made.frames[4].bodies[0].confidence.sum() == 19


def test_a_set_that_is_centred_on_a_joint_loses_only_that_joint():
    arrays = builders.clip_set_arrays()
    hips = list(arrays["joints"]).index("HipCenter")
    arrays["xyz"] = arrays["xyz"] - arrays["xyz"][:, hips : hips + 1]
    seen, hips = read(arrays).seen, KINECT_V1.index["HipCenter"]
    assert not seen[:, hips].any()
    assert np.delete(seen, hips, axis=1).all()
    made = read_recording(builders.npz(arrays), select={"clip": "a"})
    sure = np.stack([frame.bodies[0].confidence for frame in made.frames]) > 0
    assert not sure[:, hips].any()
    assert np.delete(sure, hips, axis=1).all()


def test_xyz_and_joints_are_enough():
    arrays = builders.clip_set_arrays()
    made = read_recording(builders.npz({k: arrays[k] for k in ("xyz", "joints")}), "own")
    assert (made.name, len(made.frames), made.spans) == ("own", 110, ())


def with_array(**changes: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        arrays = builders.clip_set_arrays()
        for key, value in changes.items():
            if value is None:
                del arrays[key]
            else:
                arrays[key] = np.asarray(value)
        return builders.npz(arrays)

    return make


def zipped(**members: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(f"{name}.npy", data)
        return file.getvalue()

    return make


def npy(shape: str, dtype: str = "<f4") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def locked() -> bytes:
    """Return a file whose member is marked as encrypted."""
    data = bytearray(builders.npz(builders.clip_set_arrays()))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying() -> bytes:
    """Return a file whose member unpacks to more than it states."""
    data = zipped(xyz=b"\0" * 100_000)()
    return data.replace((100_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))


MALFORMED: dict[str, tuple[Callable[[], bytes], str]] = {
    "cut": (lambda: builders.npz(builders.clip_set_arrays())[:-100], "damaged"),
    "garbled": (
        lambda: (lambda d: d[:300] + b"\xff" * 300 + d[600:])(
            builders.npz(builders.clip_set_arrays())
        ),
        "damaged",
    ),
    "bomb": (zipped(xyz=b"\0" * 60_000_000), "would unpack to 60000000 bytes"),
    "locked": (locked, "encrypted"),
    "lying bomb": (lying, "damaged|cut off"),
    "huge header": (zipped(xyz=npy("(1000000000, 20, 3)")), "cut off or longer"),
    "overflowing header": (zipped(xyz=npy("(9999999999999999999, 20, 3)")), "cut off|damaged"),
    "negative header": (zipped(xyz=npy("(-1, 20, 3)")), "cut off|damaged"),
    "no header": (zipped(xyz=b"hello"), "damaged"),
    "pickle": (with_array(names=np.array(["a", {}], dtype=object)), "dtype object"),
    "structured": (zipped(xyz=npy("(1, 20, 3)", "|V8")), "dtype"),
    "other zip": (zipped(evil=b"1"), "not a clip set: it holds 'evil.npy'"),
    "no xyz": (with_array(xyz=None), "no array 'xyz'"),
    "no joints": (with_array(joints=None), "no array 'joints'"),
    "wrong joints": (with_array(joints=["A_Head"] * 20), "no known layout"),
    "joint count": (with_array(xyz=np.ones((110, 19, 3), np.float32)), r"\(frames, 20, 3\)"),
    "no frames": (with_array(xyz=np.ones((0, 20, 3), np.float32)), "xyz has shape"),
    "start": (with_array(start=[0, 50, 40, 80, 110]), "start should rise"),
    "label": (with_array(label=[0, 1, 2, 0]), "label should be an index into names"),
    "label shape": (with_array(label=[0, 1]), r"label has shape \(2,\) for 4 clips"),
    "times": (with_array(t=[1.0, 2.0]), "t has shape"),
    "endless times": (with_array(t=np.full(110, np.nan)), "not finite"),
    "clip": (with_array(clip=["a"]), "clip has shape"),
    "frame_label": (with_array(frame_label=np.full(110, 7)), "frame_label should be an index"),
    "nan": (with_array(xyz=np.full((110, 20, 3), np.nan, np.float32)), "finite coordinates"),
    "float xyz": (with_array(xyz=np.full((110, 20, 3), "a")), "dtype"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    with pytest.raises(RecordingError, match=expected) as caught:
        read_recording(make(), "upload")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("upload")


def test_frames_are_counted_with_the_rests():
    data = builders.npz(builders.clip_set_arrays())
    with pytest.raises(RecordingError, match="at most 200 are read"):
        read_recording(data, limits=Limits(max_frames=200))
