from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from sensor.formats import read_recording
from sensor.formats.recording import Recording
from sensor.skeleton import AZURE_KINECT
from tests import builders, csv_files
from tests.recording_checks import assert_refused, assert_same_bodies


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


def test_pykinect_frames_with_nobody_in_view():
    made = builders.recording(4, AZURE_KINECT)
    entries = json.loads(builders.pykinect_json(made))
    for nobody in ("", None, []):
        nested = [nobody, [entries[0]], nobody, *([entry] for entry in entries[1:])]
        read = read_recording(json.dumps(nested).encode())
        assert [len(f.bodies) for f in read.frames] == [0, 1, 0, 1, 1, 1]
    flat = read_recording(json.dumps(["", *entries, ""]).encode())
    assert [len(f.bodies) for f in flat.frames] == [0, 1, 1, 1, 1, 0]
    assert flat.rate_hz == 30


def test_pykinect_one_document_per_line():
    made = builders.recording(5, AZURE_KINECT, people=2)
    data = csv_files.pykinect_lines(made)
    assert_same_bodies(made, read_recording(data), 1e-6)
    assert_same_bodies(made, read_recording(data + data[:400]), 1e-6)
    later = read_recording(b'""\n' + data)
    assert [len(f.bodies) for f in later.frames] == [0, 2, 2, 2, 2, 2]


def offline() -> str:
    return builders.offline_processor_json(builders.recording(3, AZURE_KINECT)).decode()


def wrong_order_json() -> str:
    return offline().replace('"timestamp_usec": 833555', '"timestamp_usec": 1')


def a_text_for_a_frame() -> str:
    return json.dumps(["", "nobody", [json.loads(builders.pykinect_json(small()))[0]]])


def small() -> Recording:
    return builders.recording(1, AZURE_KINECT)


MALFORMED: dict[str, tuple[Callable[[], str | bytes], str]] = {
    "offline: backwards": (wrong_order_json, r"backwards at frames\[1\]"),
    "pykinect: a text": (a_text_for_a_frame, "frame 1 is a text, not a list of bodies"),
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
}  # fmt: skip


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_file_is_refused_in_one_sentence(case: str):
    make, expected = MALFORMED[case]
    assert_refused(make(), expected)
