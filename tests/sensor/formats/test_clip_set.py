"""Clip sets: the arrays in the file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import clip_set, read_recording
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
    "open brackets": (zipped(xyz=npy("(" * 90)), "damaged"),
    "no header": (zipped(xyz=b"hello"), "damaged"),
    "pickle": (with_array(names=np.array(["a", {}], dtype=object)), "dtype object"),
    "structured": (zipped(xyz=npy("(1, 20, 3)", "|V8")), "dtype"),
    "other zip": (zipped(evil=b"1"), "a NumPy archive .* with the arrays evil; a clip set has"),
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
