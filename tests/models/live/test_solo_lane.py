"""Lanes give the same numbers as the ordinary pipeline, frame by frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.live.person import DuePrediction, Item
from models.live.pipeline import Pipeline
from models.live.solo_lane import LaneFrames, SoloLanes
from models.live.windows import Windows
from sensor.block import Block
from sensor.skeleton import KINECT_V2, Body, Frame
from sensor.tracking.outlier_rows import OUTLIER_LIMITS
from sensor.tracking.plausibility import RunningCheck
from tests.fakes.people import block_of, frames, motion
from tests.fakes.recognizer import CARD


def imperfect(seed: int, jitter_ns: float = 3e6, rate_hz: float = 30.0) -> list[Frame]:
    """Return frames of one person at uneven times, with missing and outlying joints."""
    rng = np.random.default_rng(seed)
    t_ns, made = 10**9 + seed * 1_000_003, []
    for i, frame in enumerate(frames(motion((("rest", 1.0), ("right", 1.0), ("rest", 1.5))))):
        t_ns += int(max(1e9 / rate_hz + rng.normal(0, jitter_ns), 1))
        joints = frame.bodies[0].joints_m + rng.normal(0, 0.02, (25, 3)).astype(np.float32)
        confidence = np.where(rng.random(25) < 0.1, 0, 1).astype(np.float32)
        if rng.random() < 0.05:
            joints[rng.integers(25)] += 3
        block = Block("s", KINECT_V2, 1, [i], [t_ns], joints[None], confidence[None])
        made += block.frames()
    return made


def one_by_one(made: list[Frame]) -> list[Item]:
    pipeline = Pipeline("s", CARD)
    return [item for frame in made for item in pipeline.push(frame)[1]]


def comparable(items: list[Item]) -> list[object]:
    """Return the values of items that can be compared."""
    return [
        (i.captured_ns, i.sequence, i.count, i.fresh, i.features.tobytes())
        if isinstance(i, DuePrediction)
        else i.at_ns
        for i in items
    ]


@pytest.mark.parametrize("rate_hz", [15.0, 30.0, 60.0])
def test_lanes_give_the_items_of_the_pipeline(rate_hz: float) -> None:
    rng = np.random.default_rng(int(rate_hz))
    recordings = [imperfect(seed, 3e6 * (seed > 0), rate_hz) for seed in range(6)]
    windows = Windows(CARD, capacity=2)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    pipelines = [Pipeline(str(k), CARD, windows=windows, lanes=lanes) for k in range(6)]
    items_of: list[list[Item]] = [[] for _ in pipelines]
    queues, taken = [list(r) for r in recordings], 0
    while any(queues):
        new_frames = []
        for k, queue in enumerate(queues):
            part = [queue.pop(0) for _ in range(min(int(rng.integers(0, 24)), len(queue)))]
            lane = pipelines[k].lane(block_of(part)) if part and rng.random() < 0.9 else None
            if lane is not None:
                new_frames.append(LaneFrames(lane, block_of(part)))
            else:
                items_of[k] += [item for frame in part for item in pipelines[k].push(frame)[1]]
        due, seen = lanes.push(new_frames)
        taken += len(new_frames)
        assert len(seen) == len(new_frames)
        for item in due:
            items_of[int(item.person.stream)].append(item)
    assert taken > 10
    for made, items in zip(recordings, items_of, strict=True):
        assert comparable(items) == comparable(one_by_one(made))


def test_lanes_give_the_frames_of_the_pipeline() -> None:
    made = imperfect(3)
    plain, windows = Pipeline("s", CARD), Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    fast = Pipeline("s", CARD, windows=windows, lanes=lanes)
    for start in range(0, 96, 4):
        part = made[start : start + 4]
        shown = [plain.push(frame)[0] for frame in part][-1].bodies[0]
        lane = fast.lane(block_of(part))
        if lane is None:
            for frame in part:
                fast.push(frame)
            continue
        _, (seen,) = lanes.push([LaneFrames(lane, block_of(part))])
        np.testing.assert_array_equal(seen.joints_m, shown.joints_m)
        np.testing.assert_array_equal(seen.confidence, shown.confidence)


def test_a_gap_a_second_body_and_another_id_leave_the_lane() -> None:
    made = frames(motion((("rest", 3.0),)))
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)

    def on_a_lane() -> Pipeline:
        pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes)
        for frame in made[:30]:
            pipeline.push(frame)
        assert pipeline.lane(block_of(made[30:34])) is not None
        return pipeline

    assert on_a_lane().lane(block_of(made[45:49])) is None  # half a second later
    other = [Block("s", KINECT_V2, 7, [1], [f.captured_ns], *_arrays(f)) for f in made[30:31]]
    assert on_a_lane().lane(other[0]) is None
    pipeline = on_a_lane()
    both = frames(motion((("rest", 3.0),)), motion((("rest", 3.0),)))
    pipeline.push(both[34])
    assert pipeline.lane(block_of(made[35:36])) is None
    assert len(on_a_lane().finish()) == 1


def _arrays(frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    return frame.bodies[0].joints_m[None], frame.bodies[0].confidence[None]


def test_predictions_of_an_uncertain_body_are_held_back_on_a_lane_too() -> None:
    made = frames(motion())
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes)
    assert pipeline.lane(block_of(made[:1])) is None
    pipeline.push(made[0])
    released = []
    for start in range(1, 21, 4):
        part = block_of(made[start : start + 4])
        lane = pipeline.lane(part)
        assert lane is not None
        released.append(comparable(lanes.push([LaneFrames(lane, part)])[0]))
    assert released[0] == []
    assert [one for part in released for one in part] == comparable(one_by_one(made[:21]))


def test_rows_are_free_again_when_people_have_left() -> None:
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    for _ in range(3):
        pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes)
        for frame in frames(motion())[:30]:
            pipeline.push(frame)
        assert pipeline.lane(block_of(frames(motion())[30:34])) is not None
        assert len(windows) == 1
        pipeline.finish()
        del pipeline
        assert len(windows) == 0


def test_who_became_a_person_on_a_lane_stays_one_beside_others() -> None:
    made = frames(motion((("rest", 1.0),)))
    both = frames(motion((("rest", 1.0),)), motion((("rest", 1.0),)))
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes)
    pipeline.push(made[0])
    part = block_of(made[1:20])
    lane = pipeline.lane(part)
    assert lane is not None
    lanes.push([LaneFrames(lane, part)])
    assert lane.person.certain
    pipeline.push(both[20])
    assert lane.person.certain


@pytest.mark.parametrize("every", [2, 3, 8])
def test_flickering_bodies_say_the_same_on_lanes(every: int) -> None:
    made = frames(motion((("rest", 1.0), ("right", 1.0))))
    there = [replace(f, bodies=f.bodies * (i % every != 1)) for i, f in enumerate(made)]
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes)
    said: list[Item] = []
    for frame in there:
        part = block_of([frame]) if frame.bodies else None
        lane = None if part is None else pipeline.lane(part)
        if part is None or lane is None:
            said += pipeline.push(frame)[1]
        else:
            said += lanes.push([LaneFrames(lane, part)])[0]
    told = comparable(said)
    assert told == comparable(one_by_one(there))
    assert len(told) > 10


def test_a_stream_of_bodies_on_their_heads_says_nothing_and_names_the_problem() -> None:
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes, check=RunningCheck())
    sound = frames(motion((("rest", 2.0), ("right", 2.0))))
    turned = [
        replace(f, bodies=(Body(1, b.joints_m * np.float32((1, -1, 1)), b.confidence),))
        for f in sound
        for b in f.bodies
    ]
    for start in range(0, len(turned), 4):
        part = turned[start : start + 4]
        lane = pipeline.lane(block_of(part))
        if lane is not None:
            assert lanes.push([LaneFrames(lane, block_of(part))])[0] == []
        else:
            assert not [item for frame in part for item in pipeline.push(frame)[1]]
    assert pipeline.problem == "the body stands on its head: y must point up; negate y"
    assert pipeline.bodies == 0


def test_the_check_of_a_stream_changes_no_number() -> None:
    made = imperfect(4)
    windows = Windows(CARD)
    lanes = SoloLanes(windows, OUTLIER_LIMITS)
    pipeline = Pipeline("s", CARD, windows=windows, lanes=lanes, check=RunningCheck())
    said: list[Item] = []
    for start in range(0, len(made), 3):
        part = made[start : start + 3]
        lane = pipeline.lane(block_of(part))
        if lane is None:
            said += [item for frame in part for item in pipeline.push(frame)[1]]
        else:
            said += lanes.push([LaneFrames(lane, block_of(part))])[0]
    assert comparable(said) == comparable(one_by_one(made))
    assert pipeline.problem is None
