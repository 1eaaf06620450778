"""Actions stay with the right person, whatever the tracker confuses."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.card import DEFAULT_MODEL, MODEL_FILE, Thresholds
from models.gallery.exemplars import load_exemplars
from models.inference.recognizer import Recognizer
from models.live.outcomes import Predictor
from models.live.person import DuePrediction
from models.live.pipeline import Pipeline
from sensor.skeleton import KINECT_V2, Body, FloatArray, Frame
from sensor.tracking.outlier_rows import OutlierLimits
from service.wire.messages import ActionMessage
from tests import builders
from tests.fakes.crossing import FRAMES, MEET, TRACKERS, Scene, crossing, slid, with_ids
from tests.fakes.message_list import MessageList, comparable, offline_messages
from tests.fakes.named_engine import NamedEngine
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import CARD, FakeRecognizer

RIGHT = "raise_right"
BEFORE_S = (MEET - 45) / 30
TRACKED_ALWAYS = ("kept", "swapped", "new ids at once", "no ids at all", "one id for both")


def centred(script: tuple[tuple[str, float], ...]) -> FloatArray:
    return motion(script) - np.float32(builders.PLACE_M)


def in_progress(model: Predictor, made: list[Frame]) -> dict[int, list[str | None]]:
    """Return for each lasting id the label of the action in progress at each frame, or None."""
    spans = defaultdict(list)
    for message in offline_messages(model, made):
        if isinstance(message, ActionMessage) and message.phase == "start":
            spans[message.body_ids[0]].append([message.label, message.at_ns, None])
        elif isinstance(message, ActionMessage) and message.phase == "end":
            spans[message.body_ids[0]][-1][2] = message.at_ns
    return {
        id_: [
            next((label for label, start, end in mine if start <= f.captured_ns < end), None)
            for f in made
        ]
        for id_, mine in spans.items()
    }


def agreement(model: Predictor, scene: Scene, alone: list[list[str | None]]) -> float:
    """Return the share of frames in which people have the labels that they have alone."""
    found = in_progress(model, scene.frames)
    same = [
        [a == b for a, b in zip(found.get(n + 1, [None] * FRAMES), line, strict=True)]
        for n, line in enumerate(alone)
    ]
    assert set(found) <= {1, 2}
    return float(np.mean(same))


def alone(model: Predictor, scene: Scene) -> list[list[str | None]]:
    """Return the labels of each person as in `in_progress`, if the other is not in the scene."""
    lines = []
    for person in (0, 1):
        ids = {person: 1}
        found = in_progress(model, with_ids(scene, lambda i, ids=ids: ids).frames)
        lines.append(found.get(1, [None] * FRAMES))
    return lines


# Each person raises a hand before they meet and lowers it afterwards.
HANDS = crossing(
    *(
        centred((("rest", BEFORE_S), (hand, 3.0), ("rest", FRAMES / 30 - 3 - BEFORE_S)))
        for hand in ("right", "left")
    )
)


@pytest.mark.parametrize("tracker", TRACKED_ALWAYS)
def test_actions_stay_with_the_right_person_when_two_cross(tracker: str) -> None:
    model = FakeRecognizer()
    lines = alone(model, HANDS)
    assert RIGHT in lines[0] and RIGHT not in lines[1]
    assert agreement(model, with_ids(HANDS, TRACKERS[tracker]), lines) >= 0.99


@pytest.mark.parametrize("tracker", sorted(set(TRACKERS) - set(TRACKED_ALWAYS)))
def test_a_person_lost_at_the_crossing_never_gets_the_actions_of_the_other(tracker: str) -> None:
    found = in_progress(FakeRecognizer(), with_ids(HANDS, TRACKERS[tracker]).frames)
    assert set(filter(None, found[1])) == {RIGHT}
    assert set(filter(None, found[2])) == {"raise_left"}


def test_actions_stay_with_the_right_person_after_skeletons_slid_into_each_other() -> None:
    found = in_progress(FakeRecognizer(Thresholds(patience=1)), slid(HANDS).frames)
    parted = MEET + 12
    assert RIGHT in found[1][parted:] and RIGHT not in found[2][parted:]
    assert "raise_left" in found[2][parted:] and "raise_left" not in found[1][parted:]


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(1, 70), min_size=1, max_size=6), st.sampled_from(["slid", *TRACKERS]))
def test_identities_do_not_depend_on_how_frames_are_batched(sizes: list[int], tracker: str) -> None:
    made = (slid(HANDS) if tracker == "slid" else with_ids(HANDS, TRACKERS[tracker])).frames
    sink = MessageList()
    engine = NamedEngine(FakeRecognizer(), sink, clock_ns=lambda: 0, catch_up=None)
    engine.add("s", "test")
    rest = list(made)
    for size in (*sizes, FRAMES):
        for frame in rest[:size]:
            engine.push("s", frame)
        rest = rest[size:]
        engine.tick()
    engine.change("s", "ended")
    engine.tick()
    assert comparable(sink.messages) == comparable(offline_messages(FakeRecognizer(), made, "s"))


@pytest.mark.skipif(not (DEFAULT_MODEL / MODEL_FILE).exists(), reason="no shipped model here")
@pytest.mark.parametrize("tracker", ["kept", "swapped", "new ids at once"])
def test_real_motions_stay_with_the_right_person(tracker: str) -> None:
    model = Recognizer(threads=1)
    exemplars = load_exemplars(DEFAULT_MODEL, model.card)
    assert exemplars is not None
    people = []
    for n, label in enumerate(exemplars.labels[:2]):
        clip = exemplars.clips[exemplars.labels.index(label)]
        start = 20 + 15 * n
        still = [np.repeat(clip[:1], start, axis=0), clip, np.repeat(clip[-1:], FRAMES, axis=0)]
        people.append(np.concatenate(still)[:FRAMES])
    scene = crossing(*people)
    seen = [
        replace(f, bodies=tuple(Body(b.id, b.joints_m, exemplars.confidence) for b in f.bodies))
        for f in scene.frames
    ]
    scene = Scene(seen, scene.who)
    lines = alone(model, scene)
    mine, other = (set(filter(None, line)) for line in lines)
    assert mine and other and not mine & other
    found = in_progress(model, with_ids(scene, TRACKERS[tracker]).frames)
    assert set(found) == {1, 2}
    # Arms are hidden at the crossing, so an action may end later, but it is never the other's.
    for own, line, now in ((mine, lines[0], found[1]), (other, lines[1], found[2])):
        assert np.mean([label is None or label in own for label in now]) >= 0.99
        assert np.mean([a == b for a, b in zip(now, line, strict=True)]) >= 0.95


def chair_frames(chair: FloatArray, count: int) -> list[Frame]:
    return [
        Frame(f.source, f.sequence, f.captured_ns,
              (*f.bodies, Body(9, chair, np.ones(25, np.float32))), KINECT_V2)
        for f in frames(motion())[:count]
    ]  # fmt: skip


def test_a_chair_gets_no_prediction_but_is_in_the_tracked_frames() -> None:
    heap = np.random.default_rng(1).normal(0, 0.12, (25, 3)) + np.array((-2, -0.5, 3))
    made = chair_frames(np.asarray(heap, np.float32), 195)
    messages = offline_messages(FakeRecognizer(), made)
    assert {m.body_ids[0] for m in messages} == {1}
    pipeline = Pipeline("s", CARD)
    shown = [len(pipeline.push(frame)[0].bodies) for frame in made]
    assert set(shown) == {2}
    assert pipeline.bodies == 1
    assert {item.person.body_id for item in pipeline.finish()} == {1, 9}


def test_a_chair_that_looks_like_a_person_for_a_moment_gets_no_prediction() -> None:
    raised = motion((("right", 1.0),))[0] + np.float32((-2, 0, 0))
    made = chair_frames(raised, 7)
    assert {m.body_ids[0] for m in offline_messages(FakeRecognizer(), made)} <= {1}


def test_a_chair_does_not_take_the_place_of_a_person() -> None:
    heap = np.random.default_rng(1).normal(0, 0.12, (25, 3)) + np.array((-2, -0.5, 3))
    chair = Body(9, heap, np.ones(25, np.float32))
    pipeline = Pipeline("s", CARD, max_bodies=1)
    shown = [
        pipeline.push(replace(f, bodies=(chair, *f.bodies)))[0].bodies[0].id
        for f in frames(motion())[:30]
    ]
    assert set(shown[10:]) == {1}


def test_the_first_predictions_of_a_person_are_late_but_complete() -> None:
    pipeline = Pipeline("s", CARD)
    counts = [
        len([i for i in pipeline.push(f)[1] if isinstance(i, DuePrediction)])
        for f in frames(motion())
    ]
    assert counts[:12] == [0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 1]


def test_joints_below_the_set_confidence_are_missing() -> None:
    strict = Pipeline("s", CARD, limits=OutlierLimits(confidence=0.5))
    sure = np.full(25, 0.4, np.float32)
    sure[0] = 0.6
    frame = builders.frame([Body(1, builders.pose(), sure)])
    (body,) = strict.push(frame)[0].bodies
    assert np.flatnonzero(body.confidence).tolist() == [0]
    (body,) = Pipeline("s", CARD).push(frame)[0].bodies
    assert (body.confidence > 0).all()


def test_people_who_were_mixed_up_start_again() -> None:
    messages = offline_messages(FakeRecognizer(), slid(HANDS).frames)
    ends = [m for m in messages if isinstance(m, ActionMessage) and m.phase == "end"]
    # Their actions end as soon as the two are apart.
    assert {m.body_ids[0] for m in ends if MEET <= m.at_ns * 30 / 1e9 < MEET + 12} == {1, 2}
