"""The timeline of a clip: its bodies, actions and frames."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.card import Thresholds
from models.live.events import Action
from service.clips.timeline import build_spans, classify
from tests.fakes.people import frames, motion, recording
from tests.fakes.recognizer import FakeRecognizer


def test_a_body_gets_the_same_timeline_beside_another_body() -> None:
    right, left = motion(), motion((("left", 2.0), ("rest", 1.0), ("right", 2.0)))
    model = FakeRecognizer()
    both = classify(model, recording(right, left))
    (other,) = both.others
    for merged, alone in ((both, right), (other, left + np.float32((1.2, 0, 0)))):
        single = classify(model, recording(alone))
        assert merged.probabilities == single.probabilities
        assert [a.label for a in merged.actions] == [a.label for a in single.actions]


def action(phase: Any, at_ns: int, started_ns: int, confidence: float = 0.5) -> Action:
    return Action("s", (1,), "wave", phase, at_ns, started_ns, confidence)


def test_spans_do_not_overlap_and_have_the_highest_confidence() -> None:
    second = 10**9
    actions = [
        action("start", 2 * second, second),
        action("update", 3 * second, second, 0.9),
        action("end", 5 * second, second, 0.2),
        action("start", 5 * second, 4 * second),
        action("end", 6 * second, 4 * second),
    ]
    found = build_spans(actions)
    assert [(s.start_s, s.end_s, s.confidence) for s in found] == [(1, 4, 0.9), (4, 6, 0.5)]


def test_a_clip_too_short_for_a_prediction_has_no_actions() -> None:
    made = recording(motion((("rest", 0.1),)))
    answer = classify(FakeRecognizer(), made, frames=True)
    assert answer.probabilities == [] and answer.actions == []
    assert answer.frames is not None and len(answer.frames.joints_m) == 3


def test_frames_in_which_a_body_is_not_seen_are_empty() -> None:
    made = frames(motion((("rest", 3.0),)))
    seen = [
        f if not 30 <= i < 60 else type(f)("s", i, f.captured_ns, (), f.layout)
        for i, f in enumerate(made)
    ]
    clip = type(recording())("hole", "built", made[0].layout, tuple(seen), 30.0)
    shown = classify(FakeRecognizer(), clip, frames=True).frames
    assert shown is not None and len(shown.joints_m) == 90
    assert max(shown.confidence[45]) == 0 < max(shown.confidence[70])


def test_the_person_with_an_action_comes_before_a_bystander() -> None:
    bystander, waver = motion((("rest", 3.0),)), motion((("rest", 1.0), ("right", 2.0)))
    answer = classify(FakeRecognizer(), recording(bystander, waver))
    assert answer.label == "raise_right" and answer.actions
    (other,) = answer.others
    assert other.label == FakeRecognizer().card.background and not other.actions


def test_the_label_is_an_action_of_the_list_or_the_background() -> None:
    patient = Thresholds(patience=4)
    for script in (
        (("rest", 1.0), ("right", 0.4)),
        (("rest", 1.0), ("right", 0.4), ("rest", 1.0)),
        (("rest", 1.0), ("right", 0.5), ("left", 1.0)),
        (("rest", 1.0),),
    ):
        made = recording(motion(script))
        answer = classify(FakeRecognizer(patient), made)
        found = {action.label for action in answer.actions}
        assert answer.label in found if found else answer.label == "background"
        assert max([a.end_s for a in answer.actions] + answer.times_s) <= answer.duration_s


def test_a_clip_that_ends_with_its_action_is_named_after_it() -> None:
    made = recording(motion((("rest", 1.0), ("right", 0.4))))
    answer = classify(FakeRecognizer(Thresholds(patience=4)), made, frames=True)
    assert [action.label for action in answer.actions] == [answer.label] == ["raise_right"]
    assert answer.actions[0].joints and len(answer.relevance) == len(answer.times_s) == 10
    assert answer.frames is not None and len(answer.frames.joints_m) == 42
