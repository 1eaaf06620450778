"""A bad first frame, with a joint 1.5 m off, changes no action and leaves no trace in the state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from models.card import DEFAULT_MODEL
from models.gallery.demo_source import demo_recording
from models.gallery.exemplars import load_exemplars
from models.inference.recognizer import Recognizer
from models.live.events import Action, Prediction
from models.live.offline import run_frames
from models.live.pipeline import Pipeline
from models.live.solo_lane import LaneFrames, SoloLanes
from models.live.windows import Windows
from sensor.skeleton import KINECT_V2, Body, FloatArray, Frame
from sensor.tracking.outlier_rows import OUTLIER_LIMITS
from tests.fakes.people import block_of

JOINTS = (
    "HipLeft", "HipRight", "ShoulderLeft", "ShoulderRight", "SpineShoulder", "Head", "HandRight",
    "WristLeft", "ElbowRight", "KneeLeft", "FootRight",
)  # fmt: skip
LATER_NS = 300_000_000
STRIDE_NS = 133_400_000
OFF_M = tuple(np.float32(off) for off in ((0.9, 0, 1.2), (-0.5, -1.0, 1.0), (0.0, 1.5, 0.0)))


@cache
def model() -> Recognizer:
    return Recognizer(DEFAULT_MODEL, "cpu")


@cache
def wave() -> tuple[Frame, ...]:
    """Return the demo's first person, who rests, waves and rests."""
    exemplars = load_exemplars(DEFAULT_MODEL, model().card)
    assert exemplars is not None
    return demo_recording(exemplars, rest_s=1.6).frames[63:208]


def bad_first(made: Sequence[Frame], joint: str, off_m: FloatArray) -> list[Frame]:
    (body,) = made[0].bodies
    joints = body.joints_m.copy()
    joints[KINECT_V2.index[joint]] += off_m
    return [replace(made[0], bodies=(Body(body.id, joints, body.confidence),)), *made[1:]]


def said(made: Sequence[Frame]) -> tuple[list[tuple[str, str, int]], dict[int, FloatArray]]:
    """Return the starts and ends of actions, and the probabilities by time."""
    events = list(run_frames(model(), made, joints=False))
    actions = [
        (e.label, e.phase, e.at_ns) for e in events if isinstance(e, Action) and e.phase != "update"
    ]
    return actions, {e.captured_ns: e.probabilities for e in events if isinstance(e, Prediction)}


@cache
def usual(first: int) -> tuple[list[tuple[str, str, int]], dict[int, FloatArray]]:
    return said(wave()[first:])


@pytest.mark.slow
@pytest.mark.parametrize("joint", JOINTS)
def test_a_bad_first_frame_at_rest_changes_no_action(joint: str) -> None:
    actions, probabilities = usual(0)
    assert [(label, phase) for label, phase, _ in actions] == [("wave", "start"), ("wave", "end")]
    for off_m in OFF_M:
        found, changed = said(bad_first(wave(), joint, off_m))
        assert found == actions
        assert changed.keys() == probabilities.keys()
        for t_ns, row in changed.items():
            if t_ns > LATER_NS:
                assert row.argmax() == probabilities[t_ns].argmax()


@pytest.mark.slow
@pytest.mark.parametrize("joint", JOINTS)
def test_a_bad_first_frame_while_waving_moves_an_action_by_one_prediction_at_most(
    joint: str,
) -> None:
    actions, _ = usual(60)
    for off_m in OFF_M:
        found, _ = said(bad_first(wave()[60:], joint, off_m))
        for (label, phase, at_ns), expected in zip(found, actions, strict=True):
            assert (label, phase) == expected[:2]
            assert abs(at_ns - expected[2]) <= STRIDE_NS


def states(made: Sequence[Frame], lanes_too: bool) -> tuple[FloatArray, list[FloatArray]]:
    """Return origin, facing and size after the frames, and the features of each prediction."""
    windows = Windows(model().card)
    lanes = SoloLanes(windows, OUTLIER_LIMITS) if lanes_too else None
    pipeline = Pipeline("s", model().card, windows=windows, lanes=lanes)
    items = []
    for frame in made:
        lane = pipeline.lane(block_of([frame]))
        if lanes is not None and lane is not None:
            items += lanes.push([LaneFrames(lane, block_of([frame]))])[0]
        else:
            items += pipeline.push(frame)[1]
    (person,) = {item.person for item in items}
    values = windows._features.value[person.row]
    return values, [item.features for item in items]


@pytest.mark.parametrize("joint", JOINTS)
def test_the_state_after_the_beginning_is_that_of_sound_frames(joint: str) -> None:
    sound = wave()[:11]
    expected, _ = states(sound, False)
    for off_m in OFF_M:
        bad = bad_first(sound, joint, off_m)
        found, features = states(bad, False)
        np.testing.assert_allclose(found, expected, atol=0.02)
        on_lane, same = states(bad, True)
        np.testing.assert_array_equal(on_lane, found)
        assert [f.tobytes() for f in features] == [f.tobytes() for f in same]
