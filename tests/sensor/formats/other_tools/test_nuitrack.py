from __future__ import annotations

import json

import numpy as np
import pytest

from sensor.formats import read_recording
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, FloatArray
from tests import builders, tool_files
from tests.recording_checks import assert_refused

AT = KINECT_V2.index


def joint(made: Recording, name: str, body: int = 0) -> FloatArray:
    return np.array([f.bodies[body].joints_m[AT[name]] for f in made.frames])


def assert_same_people(made: Recording, read: Recording) -> None:
    assert read.layout is KINECT_V2
    assert [f.captured_ns for f in read.frames] == pytest.approx(
        [f.captured_ns for f in made.frames], abs=2000
    )
    for body in range(len(made.frames[0].bodies)):
        for name in ("Head", "Neck", "SpineBase", "ElbowLeft", "WristRight", "KneeLeft"):
            np.testing.assert_allclose(joint(read, name, body), joint(made, name, body), atol=1e-4)
        between = joint(read, "SpineMid", body)[:, 1]
        assert (between > joint(read, "SpineBase", body)[:, 1]).all()
        assert (between < joint(read, "SpineShoulder", body)[:, 1]).all()


@pytest.mark.parametrize("names", [False, True])
def test_json(names: bool):
    made = builders.recording(12, people=2)
    document = tool_files.nuitrack_document(made, names)
    for data in (json.dumps(document).encode(), tool_files.one_per_line(document["frames"])):
        read = read_recording(data)
        assert read.format == "nuitrack-json"
        assert [b.id for b in read.frames[0].bodies] == [1, 2]
        assert read.frames[0].bodies[0].confidence[AT["Head"]] == 0.75
        assert_same_people(made, read)


def test_csv():
    made = builders.recording(12, people=2)
    read = read_recording(tool_files.nuitrack_csv(made).encode())
    assert (read.format, [b.id for b in read.frames[0].bodies]) == ("nuitrack-csv", [1, 2])
    assert_same_people(made, read)


def test_files_that_number_joints_as_kinect_v2_have_kinects_axes():
    made = builders.recording(12)
    frames = [
        {
            "Timestamp": round(f.captured_ns / 1000),
            "Skeletons": [
                {
                    "id": b.id,
                    "joints": [
                        {
                            "type": i,
                            "real": dict(zip("xyz", (p * 1000).tolist(), strict=True)),
                            "confidence": 0.75,
                        }
                        for i, p in enumerate(b.joints_m)
                    ],
                }
                for b in f.bodies
            ],
        }
        for f in made.frames
    ]
    read = read_recording(json.dumps({"frames": frames}).encode())
    assert_same_people(made, read)


def test_frames_with_nobody_in_view():
    document = tool_files.nuitrack_document(builders.recording(3))
    document["frames"][1]["Skeletons"] = []
    read = read_recording(json.dumps(document).encode())
    assert [len(f.bodies) for f in read.frames] == [1, 0, 1]


def test_malformed_files_are_refused():
    document = tool_files.nuitrack_document(builders.recording(3))
    document["frames"][1]["Skeletons"][0]["joints"][3]["type"] = 40
    assert_refused(json.dumps(document), "frame 1: a joint has the type '40'; 0 to 24 are read")
    text = tool_files.nuitrack_csv(builders.recording(3))
    assert_refused(text[:-30], "values; the header has")
    assert_refused(text.replace("1700000000033333", "soon"), "the time soon is not valid")
    assert_refused(text.split("\n")[0], "lines of frames")
