from dataclasses import replace

import numpy as np
import pytest

from models.card import Thresholds
from models.labels import FALLS
from models.live.events import Action, Event, Prediction
from models.live.offline import run_frames
from models.scoring.live_scoring import (
    LiveScore,
    Start,
    decide,
    decide_starts,
    predict,
    score_starts,
)
from models.training.thresholds import (
    END,
    START,
    USUAL,
    choose_thresholds,
    combinations,
    neighbour_mean,
    stream_score,
    usual_best,
    usual_place,
)
from models.training.tuning import choose_temperature
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2, Frame
from tests.fakes.people import motion, recording
from tests.fakes.recognizer import FakeRecognizer

SECOND = 1_000_000_000


def labelled(*spans):
    """A recording without bodies, with the given (label, seconds) spans."""
    truth = [label for label, seconds in spans for _ in range(round(seconds * 30))]
    frames = tuple(
        Frame("s", n, round(n * SECOND / 30), (), KINECT_V2, label) for n, label in enumerate(truth)
    )
    return Recording("s", "test", KINECT_V2, frames, 30.0)


STREAM = labelled((None, 2), ("wave", 2), (None, 2), ("push (A)", 2), (None, 2))


def at(seconds, label):
    return Start(round(seconds * SECOND), label)


def counts(*starts):
    score = score_starts(STREAM, starts, "background")
    return score.found, score.disturbed, score.wrong_clips


def test_without_starts_nothing_is_found_and_nothing_disturbed():
    assert score_starts(STREAM, [], "background") == LiveScore(2, 0, 3, 0, 0)


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([at(3, "wave"), at(7, "push")], (2, 0, 0)),
        ([at(4.3, "wave")], (1, 0, 0)),  # just after the clip it still counts as found
        ([at(4.6, "wave")], (0, 1, 0)),  # later it disturbs the rest
        ([at(4.3, "push")], (0, 1, 0)),  # a start of another action has no grace
        ([at(1, "wave"), at(1.5, "push")], (0, 1, 0)),  # a rest is disturbed once
        ([at(3, "push"), at(3.5, "wave")], (1, 0, 1)),
    ],
)
def test_starts_are_counted_as_found_wrong_or_disturbing(starts, expected):
    assert counts(*starts) == expected


def test_the_delay_counts_from_the_beginning_of_the_clip():
    found = score_starts(STREAM, [at(3.25, "wave")], "background")
    assert found.delays_s == pytest.approx((1.25,))


def test_labelled_background_is_not_a_clip():
    stream = labelled(("background", 2), ("wave", 2), ("background", 2))
    assert score_starts(stream, [], "background").clips == 1


def test_starts_are_those_of_the_decision_stage():
    model = FakeRecognizer()
    predictions = predict(model, recording(motion()))
    starts = decide_starts(predictions, model.card, Thresholds(patience=1))
    assert {start.label for start in starts} <= set(model.card.labels)
    assert decide_starts(predictions, model.card, Thresholds(enter=1.1)) == []


def fields(event: Event) -> object:
    if isinstance(event, Prediction):
        return event.captured_ns, event.label, event.probabilities.tolist()
    return event


def test_leaving_out_joints_changes_nothing_else():
    model, frames = FakeRecognizer(), recording(motion()).frames
    whole, bare = (list(run_frames(model, frames, joints=joints)) for joints in (True, False))
    actions = [event for event in bare if isinstance(event, Action)]
    assert actions and not any(event.joints for event in actions)
    assert [fields(event) for event in bare] == [
        fields(replace(event, joints=()) if isinstance(event, Action) else event) for event in whole
    ]


def test_the_temperature_corrects_overconfidence():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 4000)
    logits = rng.normal(0, 1, (4000, 4)).astype(np.float32)
    logits[np.arange(4000), truth] += 1.5
    expected = choose_temperature(logits, truth)
    assert choose_temperature(5 * logits, truth) == pytest.approx(5 * expected, rel=0.1)


def test_without_a_wrong_answer_the_temperature_is_one():
    assert choose_temperature(10 * np.eye(4, dtype=np.float32), np.arange(4)) == 1


def test_chosen_thresholds_find_clips_and_end_actions():
    model = FakeRecognizer()
    stream = recording(motion())
    thresholds, found = choose_thresholds([(model, stream)])
    assert 0 < thresholds.leave < thresholds.enter <= 0.9
    assert found.rests >= found.disturbed
    ends = [
        decision
        for _, _, decisions in decide(predict(model, stream), model.card, thresholds)
        for decision in decisions
        if decision.phase == "end"
    ]
    assert ends and all(d.started_ns < d.ended_ns <= d.at_ns for d in ends)


@pytest.mark.parametrize("values", [START, END])
def test_among_equal_thresholds_the_usual_ones_are_chosen(values):
    shape = tuple(map(len, values.values()))
    usual = usual_place(values)
    best = combinations(USUAL, values)[usual_best(np.full(shape, 0.9), usual)]
    assert [getattr(best, name) for name in values] == [getattr(USUAL, name) for name in values]
    merits = np.zeros(shape)
    merits.flat[0] = merits.flat[-1] = 1
    assert usual_best(merits, [n - 1 for n in shape]) == merits.size - 1
    assert usual_best(merits, [0] * len(shape)) == 0


def test_false_starts_between_simulated_clips_do_not_count():
    model = FakeRecognizer()
    stream = recording(motion())
    unlabelled = replace(stream, frames=tuple(replace(f, truth=None) for f in stream.frames))
    made = predict(model, stream)
    for name, counted in (("utd_mhad", True), (FALLS, False)):
        score = stream_score(model.card, USUAL, (replace(unlabelled, name=name), made))
        assert (score.false_starts > 0) == counted


def test_a_single_peak_is_not_chosen():
    merits = np.array([[0.5, 0.1, 0.1, 0.4], [0.1, 0.1, 0.4, 0.4]])
    found = neighbour_mean(merits)
    assert found[0, 0] == pytest.approx((0.5 + 0.1 + 0.1) / 3)
    assert np.unravel_index(found.argmax(), merits.shape) == (1, 3)
