from __future__ import annotations

import json

import pytest

from sensor.formats import read_recording
from sensor.formats.recording import Recording
from sensor.skeleton import AZURE_KINECT, KINECT_V1, KINECT_V2, Layout, convert_frame
from tests import builders, tool_files
from tests.recording_checks import assert_refused, assert_same_bodies


@pytest.mark.parametrize("layout", [KINECT_V2, KINECT_V1, AZURE_KINECT])
def test_saved_messages_are_read(layout: Layout):
    made = builders.recording(12, layout, people=2) if layout is not KINECT_V1 else small()
    text = tool_files.push_lines(made)
    for data in (text, f"[{text.replace(chr(10), ',')}]", text + '\n{"type": "fra'):
        read = read_recording(data.encode())
        assert (read.format, read.layout) == ("jointwise-push-frames", layout)
        assert_same_bodies(made, read)
        assert [f.captured_ns for f in read.frames] == [f.captured_ns for f in made.frames]
        assert [f.sequence for f in read.frames] == [f.sequence for f in made.frames]


def small() -> Recording:
    made = builders.recording(12)
    frames = tuple(convert_frame(frame, KINECT_V1) for frame in made.frames)
    return Recording("test", "built", KINECT_V1, frames, 30)


def test_joints_may_be_null_and_confidence_absent():
    frame = json.loads(tool_files.push_lines(builders.recording(1)))
    frame["bodies"][0]["joints_m"][3] = None
    del frame["bodies"][0]["confidence"], frame["sequence"], frame["layout"]
    later = frame | {"captured_ns": frame["captured_ns"] + 33_000_000, "bodies": []}
    read = read_recording(tool_files.one_per_line([frame, later]))
    assert read.frames[0].bodies[0].confidence[2:5].tolist() == [1, 0, 1]
    assert [f.sequence for f in read.frames] == [0, 1]


def test_malformed_files_are_refused():
    text = tool_files.push_lines(builders.recording(3))
    assert_refused(text.replace('"kinect-v2"', '"kinect-v9"'), "known: kinect-v2, kinect-v1")
    assert_refused(text.replace('"kinect-v2"', '"kinect-v1"'), "should have 20 joints")
    later = text.split("\n")
    assert_refused("\n".join([later[1], later[0]]), "time runs backwards at frame 1")
    huge = later[0].replace("5000000000", "5" * 400)
    assert_refused("\n".join([huge, later[1]]), "time runs backwards at frame 1")
    assert_refused("\n".join([later[1], huge]), "more than a week")
