from __future__ import annotations

import json
from typing import Any

import pytest

from sensor.formats import read_recording
from sensor.skeleton import KINECT_V2
from tests import builders, tool_files
from tests.recording_checks import assert_refused, assert_same_bodies


def forms(people: int = 2) -> dict[str, bytes]:
    made = builders.recording(8, people=people)
    frames = tool_files.kinect_bodies(made)
    bodies = [body for frame in frames for body in frame]
    named = [
        {
            "bodies": [
                {
                    "id": str(body["TrackingId"]),
                    "joints": [
                        {
                            "name": name.lower(),
                            **{k.lower(): v for k, v in joint["Position"].items()},
                        }
                        for name, joint in body["Joints"].items()
                        if joint["TrackingState"]
                    ],
                }
                for body in frame
            ]
        }
        for frame in frames
    ]
    located = [
        {
            "frame": i,
            "bodies": [
                {
                    "id": body["TrackingId"],
                    "joints": {
                        name: {
                            "state": ("NotTracked", "Inferred", "Tracked")[joint["TrackingState"]],
                            "location": {k.lower(): v for k, v in joint["Position"].items()},
                        }
                        for name, joint in body["Joints"].items()
                    },
                }
                for body in frame
            ],
        }
        for i, frame in enumerate(frames)
    ]
    return {
        "bodies": json.dumps(bodies).encode(),
        "frames": json.dumps(frames).encode(),
        "lines of bodies": tool_files.one_per_line(bodies),
        "lines of frames": tool_files.one_per_line(frames),
        "named joints": tool_files.one_per_line(named),
        "located joints": tool_files.one_per_line(located),
    }


@pytest.mark.parametrize("form", forms())
def test_bodies_in_every_form(form: str):
    read = read_recording(forms()[form])
    assert (read.format, read.layout, read.rate_hz) == ("kinect-v2-json", KINECT_V2, 30)
    assert_same_bodies(builders.recording(8, people=2), read)


def test_bodies_of_zeros_are_nobody():
    frames: list[Any] = tool_files.kinect_bodies(builders.recording(3))
    for joint in frames[0][0]["Joints"].values():
        joint["Position"] = {"X": 0, "Y": 0, "Z": 0}
    read = read_recording(json.dumps(frames).encode())
    assert [len(f.bodies) for f in read.frames] == [0, 1, 1]


def test_malformed_files_are_refused():
    frames: list[Any] = tool_files.kinect_bodies(builders.recording(3))
    frames[1][0]["Joints"]["Tail"] = frames[1][0]["Joints"]["Head"]
    assert_refused(json.dumps(frames), "frame 1: Kinect v2 has no joint 'tail'")
    frames = tool_files.kinect_bodies(builders.recording(3))
    frames[1][0]["Joints"]["Head"]["Position"] = {"X": 1}
    assert_refused(json.dumps(frames), "frame 1: a position should be x, y and z")
