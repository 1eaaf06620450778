from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sensor.formats import read_recording
from sensor.formats.recording import Recording
from sensor.landmarks import LANDMARKS
from sensor.skeleton import KINECT_V2
from tests import builders, tool_files
from tests.recording_checks import assert_refused

AT = KINECT_V2.index
FINGERS = {"HandTipLeft", "HandTipRight"}


def assert_same_person(made: Recording, read: Recording) -> None:
    """Assert the same limbs about the hips, upright and not mirrored, 2.5 m away."""
    assert read.layout is KINECT_V2
    assert len(read.frames) == len(made.frames)
    for one, other in zip(made.frames, read.frames, strict=True):
        assert one.captured_ns == pytest.approx(other.captured_ns, abs=1000)
        (p,), (q,) = one.bodies, other.bodies
        hips = (p.joints_m[AT["HipLeft"]] + p.joints_m[AT["HipRight"]]) / 2
        for joint in ("ElbowLeft", "WristRight", "KneeLeft", "AnkleRight", "Head"):
            expected = p.joints_m[AT[joint]] - hips + np.float32((0, 0, 2.5))
            np.testing.assert_allclose(q.joints_m[AT[joint]], expected, atol=1e-5)
        assert {KINECT_V2.joints[i] for i in np.flatnonzero(q.confidence == 0)} == FINGERS
        assert q.confidence[AT["WristRight"]] == np.float32(0.9)


def forms() -> dict[str, Any]:
    frames = tool_files.mediapipe_frames(builders.recording(12))
    rows = [[list(mark.values()) for mark in frame] for frame in frames]
    return {
        "landmarks": frames,
        "people": [[frame] for frame in frames],
        "lists": rows,
        "flat": [np.ravel(frame).tolist() for frame in rows],
        "object": {
            "fps": 30,
            "frames": [{"frame": i, "landmarks": f} for i, f in enumerate(frames)],
        },
        "timed": [
            {"timestamp_ms": 50 + 1000 * i / 30, "poseWorldLandmarks": f}
            for i, f in enumerate(frames)
        ],
        "protobuf": [{"pose_world_landmarks": {"landmark": f}} for f in frames],
        "web": [
            {"landmarks": [[{"x": 0.5, "y": 0.5, "z": 0.0}] * 33], "worldLandmarks": [f]}
            for f in frames
        ],
    }


@pytest.mark.parametrize("form", forms())
def test_world_landmarks_in_every_form(form: str):
    made = builders.recording(12)
    read = read_recording(json.dumps(forms()[form]).encode())
    assert read.format == "mediapipe-json"
    assert_same_person(made, read)


def test_one_frame_per_line():
    made = builders.recording(12)
    data = tool_files.one_per_line(tool_files.mediapipe_frames(made))
    assert_same_person(made, read_recording(data))


def test_frames_without_landmarks_and_landmarks_outside_the_picture():
    frames: list[Any] = tool_files.mediapipe_frames(builders.recording(4))
    frames[1] = []
    frames[2][LANDMARKS.index("left_knee")] |= {"presence": 0.1}
    frames[3][LANDMARKS.index("left_knee")] |= {"x": 0, "y": 0, "z": 0}
    read = read_recording(json.dumps([None, *frames]).encode())
    assert [len(f.bodies) for f in read.frames] == [0, 1, 0, 1, 1]
    knee = [f.bodies[0].confidence[AT["KneeLeft"]] for f in read.frames if f.bodies]
    assert knee == [np.float32(0.9), 0, 0]


@pytest.mark.parametrize(
    "form", ["{name}_{axis}", "{axis}{number}", "landmark_{number}_{axis}", "{name}.{axis}"]
)
def test_csv(form: str):
    made = builders.recording(12)
    read = read_recording(tool_files.mediapipe_csv(made, form).encode())
    assert read.format == "mediapipe-csv"
    assert_same_person(made, read)
    assert_same_person(made, read_recording(tool_files.mediapipe_csv(made, form, False).encode()))


def picture(shape: str) -> str:
    marks = [[{"x": 0.5, "y": 0.5, "z": -0.1, "visibility": 0.99}] * 33] * 3
    if shape == "csv":
        text = tool_files.mediapipe_csv(builders.recording(1))
        return text.split("\n")[0] + "\n0" + ",0.5,0.6,0.1,0.9" * 33
    return json.dumps(marks)


def test_landmarks_in_the_picture_are_refused_with_the_reason():
    for shape in ("json", "csv"):
        assert_refused(picture(shape), r"places in the picture \(2D\).*save pose_world_landmarks")


def test_malformed_files_are_refused():
    frames: list[Any] = tool_files.mediapipe_frames(builders.recording(3))
    assert_refused(json.dumps([frame[:20] for frame in frames]), "frame 0 has 20 landmarks")
    frames[1][4]["y"] = "up"
    assert_refused(json.dumps(frames), "frame 1: 'up' should be a number")
    text = tool_files.mediapipe_csv(builders.recording(3))
    assert_refused(text[:-20], r"line 4 has \d+ values; the header has 133")
    assert_refused(text.split("\n")[0], "followed by no frames")
