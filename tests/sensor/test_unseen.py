"""A joint at exactly 0, 0, 0 was not seen, wherever it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models.live.person import DuePrediction, Item
from models.live.pipeline import Pipeline
from models.live.solo_lane import LaneFrames, SoloLanes
from models.live.windows import Windows
from sensor.block import Block
from sensor.formats import azure_kinect_csv, kinect_v2_csv, ntu_skeleton, read_recording
from sensor.formats.recording import Recording
from sensor.skeleton import AZURE_KINECT, KINECT_V2, Body, FloatArray, Frame, Layout
from sensor.tracking.outlier_rows import OUTLIER_LIMITS
from tests import builders
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import CARD

Write = Callable[[Recording], str | bytes]
NECK = KINECT_V2.index["SpineShoulder"]
SCRIPT = (("rest", 1.0), ("right", 1.5))


def claimed(body_id: int, joints_m: FloatArray) -> Body:
    """Return a body that claims to have seen every joint, as a careless tracker writes it."""
    body = Body(body_id, joints_m, np.ones(len(joints_m), np.float32))
    object.__setattr__(body, "joints_m", joints_m)
    object.__setattr__(body, "confidence", np.ones(len(joints_m), np.float32))
    return body


def careless(layout: Layout) -> Recording:
    """Return somebody who waves: the head is lost in frame 0, everything in frames 3 and 4."""
    made = builders.recording(12, layout)
    kept = []
    for i, frame in enumerate(made.frames):
        joints = builders.wave(12, layout)[i]
        joints[layout.index["Head"]] *= i != 0
        joints *= i not in (3, 4)
        kept.append(replace(frame, bodies=(claimed(1, joints),)))
    return replace(made, frames=tuple(kept))


@pytest.mark.parametrize(
    ("layout", "write"),
    [
        (KINECT_V2, ntu_skeleton.write),
        (KINECT_V2, kinect_v2_csv.write),
        (AZURE_KINECT, azure_kinect_csv.write),
        (AZURE_KINECT, builders.offline_processor_json),
        (AZURE_KINECT, builders.pykinect_json),
    ],
    ids=["ntu", "kinect-v2-csv", "azure-csv", "offline-processor", "pykinect"],
)
def test_every_reader_takes_zeros_for_a_lost_joint(layout: Layout, write: Write) -> None:
    text = write(careless(layout))
    read = read_recording(text if isinstance(text, bytes) else text.encode())
    first = read.frames[0].bodies[0].confidence
    assert first[layout.index["Head"]] == 0
    assert first.astype(bool).sum() == len(layout.joints) - 1
    for frame in read.frames[3:5]:
        assert not any(body.confidence.any() for body in frame.bodies)
    assert all(body.confidence.all() for frame in read.frames[5:] for body in frame.bodies)


def test_a_joint_on_an_axis_or_in_a_plane_was_seen() -> None:
    joints = builders.pose()
    joints[0], joints[1], joints[2] = (0, 0, 2), (0, 1, 0), (-0.0, 0, 0)
    made = Body(1, joints, np.ones(25, np.float32))
    assert made.confidence[:3].tolist() == [1, 1, 0]
    both = Block("s", KINECT_V2, 1, [0, 1], [0, 9], np.stack([joints] * 2), np.ones((2, 25)))
    np.testing.assert_array_equal(both.confidence, np.stack([made.confidence] * 2))
    assert both.always_seen()


def test_a_block_with_a_frame_of_zeros_is_not_always_seen() -> None:
    joints = builders.wave(3)
    joints[1] = 0
    assert not Block("s", KINECT_V2, 1, range(3), range(3), joints, np.ones((3, 25))).always_seen()


def test_frames_leave_out_bodies_without_a_seen_joint() -> None:
    nobody = Body(2, np.zeros((25, 3)), np.ones(25))
    somebody = builders.body(1)
    made = builders.frame([nobody, somebody])
    assert made.of_seen_bodies().bodies == (somebody,)
    whole = builders.frame([somebody])
    assert whole.of_seen_bodies() is whole


def said(made: list[Frame]) -> list[tuple[int, bytes]]:
    pipeline = Pipeline("s", CARD)
    return [told(item) for frame in made for item in pipeline.push(frame)[1]]


def told(item: Item) -> tuple[int, bytes]:
    if isinstance(item, DuePrediction):
        return item.captured_ns, item.features.tobytes()
    return item.at_ns, b""


def test_a_joint_of_zeros_in_the_first_frame_is_a_missing_joint() -> None:
    sound = frames(motion(SCRIPT))
    joints, sure = sound[0].bodies[0].joints_m.copy(), np.ones(25, np.float32)
    joints[NECK] = 0
    zeros = replace(sound[0], bodies=(Body(1, joints, sure),))
    sure = np.where(np.arange(25) == NECK, 0, sure)
    missing = replace(sound[0], bodies=(Body(1, sound[0].bodies[0].joints_m, sure),))
    assert said([zeros, *sound[1:]]) == said([missing, *sound[1:]])


def test_a_body_of_zeros_opens_no_person_and_shows_nothing() -> None:
    sound = frames(motion(SCRIPT))
    zeros = (Body(1, np.zeros((25, 3), np.float32), np.ones(25, np.float32)),)
    pipeline = Pipeline("s", CARD)
    for frame in sound[:20]:
        tracked, items = pipeline.push(replace(frame, bodies=zeros))
        assert not tracked.bodies and not items
    assert pipeline.bodies == 0 and not pipeline.finish()
    empty = [replace(frame, bodies=()) for frame in sound[:20]]
    leading = [replace(frame, bodies=zeros) for frame in sound[:20]]
    assert said(leading + sound[20:]) == said(empty + sound[20:])


def test_a_lane_ends_where_a_block_has_a_frame_of_zeros() -> None:
    sound = frames(motion(SCRIPT))
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes)
    pipeline.push(sound[0])
    part = [frame.bodies[0].joints_m.copy() for frame in sound[1:9]]
    part[5][:] = 0
    times_ns = [frame.captured_ns for frame in sound[1:9]]
    block = Block("s", KINECT_V2, 1, range(8), times_ns, np.stack(part), np.ones((8, 25)))
    assert pipeline.lane(block) is None
    whole = block.split(5)[0]
    lane = pipeline.lane(whole)
    assert lane is not None
    lanes.push([LaneFrames(lane, whole)])


def test_a_recording_that_is_centred_on_the_pelvis_loses_only_the_pelvis() -> None:
    read = read_recording(builders.gesture_json())
    sure = np.stack([frame.bodies[0].confidence for frame in read.frames])
    pelvis = AZURE_KINECT.index["Pelvis"]
    assert not sure[:, pelvis].any()
    assert np.delete(sure, pelvis, axis=1).all()
    centred = [
        replace(f, bodies=(Body(1, b.joints_m - b.joints_m[0], b.confidence),))
        for f in frames(motion(SCRIPT))
        for b in f.bodies
    ]
    shifted = [
        replace(f, bodies=(Body(1, b.joints_m - np.float32((0, 0, -3)), b.confidence),))
        for f in centred
        for b in f.bodies
    ]
    assert len(said(centred)) == len(said(shifted)) > 10
    assert not centred[0].bodies[0].confidence[KINECT_V2.root]
