from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sensor.errors import RecordingError
from sensor.formats import read_recording
from sensor.formats.recording import Limits, Recording
from sensor.skeleton import KINECT_V1
from tests import builders
from tests.fakes.files import g3d as g3d_files

MADE = builders.recording(20, KINECT_V1, people=2)


def assert_same(read: Recording) -> None:
    assert read.format == "g3d-xml" and read.layout is KINECT_V1
    assert [f.captured_ns for f in read.frames] == [f.captured_ns for f in MADE.frames]
    for frame, made in zip(read.frames, MADE.frames, strict=True):
        assert [body.id for body in frame.bodies] == [1, 2]
        for body, source in zip(frame.bodies, made.bodies, strict=True):
            np.testing.assert_array_equal(body.joints_m, source.joints_m)
            np.testing.assert_array_equal(body.confidence, source.confidence)


def test_a_folder_an_archive_and_a_document_are_read(tmp_path: Path) -> None:
    folder = g3d_files.folder(MADE, tmp_path / "KinectOutput22")
    assert_same(read_recording(folder))
    assert_same(read_recording(folder / "Skeleton"))
    assert read_recording(folder).name == "KinectOutput22"
    others = {"Colour/Colour 0.png": b"\x89PNG", "ActionPoints22.xml": b"<a/>"}
    packed = {f"Skeleton/{name}": text for name, text in g3d_files.frames(MADE).items()}
    assert_same(read_recording(g3d_files.archive({**others, **packed})))
    assert_same(read_recording(g3d_files.document(MADE)))
    assert_same(read_recording(g3d_files.document(MADE).decode().encode("utf-16")))


def test_numbers_are_times_and_frames_may_be_missing() -> None:
    files = g3d_files.frames(MADE, first=90)
    del files["Skeleton 95.xml"], files["Skeleton 96.xml"]
    times = [f.captured_ns for f in read_recording(g3d_files.archive(files)).frames]
    assert times[:2] == [0, 33_333_333] and times[5] == 7 * 33_333_333 + 2


def test_a_frame_without_joints_has_nobody() -> None:
    files = g3d_files.frames(MADE)
    alone = b"<ArrayOfSkeleton><Skeleton><Position><X>1</X></Position></Skeleton></ArrayOfSkeleton>"
    files["Skeleton 3.xml"] = alone
    assert read_recording(g3d_files.archive(files)).frames[3].bodies == ()


XXE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>
<ArrayOfSkeleton><Skeleton>&b;</Skeleton></ArrayOfSkeleton>"""
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a;" * 10) for i in range(20))
    + b"]><ArrayOfSkeleton>&a19;</ArrayOfSkeleton>"
)
JOINT = (
    b"<ArrayOfSkeleton><Skeleton><Joints><Joint>%s</Joint></Joints></Skeleton></ArrayOfSkeleton>"
)
REFUSED: dict[str, tuple[bytes, str]] = {
    "one frame": (g3d_files.frames(MADE)["Skeleton 0.xml"], "read the folder of its frames"),
    "foreign entity": (XXE, "document type or entities is not read"),
    "many entities": (LAUGHS, "document type or entities is not read"),
    "cut": (g3d_files.document(MADE)[:-200], "invalid or incomplete XML"),
    "deep": (b"<ArrayOfSkeleton>" + b"<a>" * 100_000, "nested too deeply"),
    "joint": (JOINT % b"<JointType>Tail</JointType>", "has no joint 'Tail'"),
    "no place": (JOINT % b"<JointType>Head</JointType>", "Head should have a Position"),
    "no number": (
        JOINT % b"<JointType>Head</JointType><Position><X>a</X><Y>0</Y><Z>0</Z></Position>",
        "'a' should be a number",
    ),
    "two folders": (
        g3d_files.archive({f"{a}/Skeleton 1.xml": b"<a/>" for a in "ab"}), "in 2 folders"
    ),
    "large frame": (
        g3d_files.archive({"Skeleton 1.xml": b" " * 3_000_000}), "too large for one frame"
    ),
    "other xml": (b"<?xml version='1.0'?><Scene/>", "seems to be an XML document"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_other_files_are_refused_in_one_line(case: str) -> None:
    data, expected = REFUSED[case]
    with pytest.raises(RecordingError, match=expected) as caught:
        read_recording(data, "x")
    assert "\n" not in str(caught.value)


def test_limits(tmp_path: Path) -> None:
    packed = g3d_files.archive(g3d_files.frames(MADE))
    for limits in (Limits(max_frames=19), Limits(max_bodies=1), Limits(max_unpacked_bytes=9999)):
        with pytest.raises(RecordingError, match=r"at most|shorten the recording"):
            read_recording(packed, limits=limits)
        with pytest.raises(RecordingError, match=r"at most|shorten the recording"):
            read_recording(g3d_files.folder(MADE, tmp_path / str(limits)), limits=limits)
    with pytest.raises(RecordingError, match="not a file; a folder is only read if"):
        read_recording(tmp_path)
