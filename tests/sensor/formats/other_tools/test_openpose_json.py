from __future__ import annotations

import json

import numpy as np
import pytest

from sensor.formats import read_recording
from sensor.skeleton import KINECT_V2
from tests import builders, tool_files
from tests.recording_checks import assert_refused

AT = KINECT_V2.index


@pytest.mark.parametrize("coco", [False, True])
@pytest.mark.parametrize("per_metre", [1, 100, 1000])
def test_key_points_in_any_unit(per_metre: int, coco: bool):
    made = builders.recording(12, people=2)
    frames = tool_files.openpose_frames(made, per_metre, coco)
    for data in (json.dumps(frames).encode(), tool_files.one_per_line(frames)):
        read = read_recording(data)
        assert (read.format, read.layout, read.rate_hz) == ("openpose-json", KINECT_V2, 30)
        for one, other in zip(made.frames, read.frames, strict=True):
            assert [b.id for b in other.bodies] == [0, 1]
            for p, q in zip(one.bodies, other.bodies, strict=True):
                for joint in ("ElbowLeft", "WristRight", "KneeLeft", "AnkleRight", "Head"):
                    np.testing.assert_allclose(
                        q.joints_m[AT[joint]], p.joints_m[AT[joint]], atol=1e-4
                    )


def test_points_that_were_not_found_are_missing():
    frames = tool_files.openpose_frames(builders.recording(2))
    elbow = 4 * 3
    frames[1]["people"][0]["pose_keypoints_3d"][elbow : elbow + 4] = [0, 0, 0, 0]
    read = read_recording(json.dumps([{"version": 1.3, "people": []}, *frames]).encode())
    assert [len(f.bodies) for f in read.frames] == [0, 1, 1]
    seen = [f.bodies[0].confidence[AT["ElbowRight"]] for f in read.frames[1:]]
    assert seen == [1, 0]


def test_2d_key_points_are_refused_with_the_reason():
    frames = tool_files.openpose_frames(builders.recording(3))
    for frame in frames:
        frame["people"][0]["pose_keypoints_3d"] = []
    assert_refused(json.dumps(frames), r"places in the picture \(2D\) without depth; run .* --3d")


def test_malformed_files_are_refused():
    frames = tool_files.openpose_frames(builders.recording(3))
    frames[1]["people"][0]["pose_keypoints_3d"].pop()
    assert_refused(json.dumps(frames), "frame 1: pose_keypoints_3d has 99 numbers")
    assert_refused('{"version": 1.3, "people": {}}', "`people` should be a list")
