"""A file's last pose is held until its last action is decided; nothing else changes."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from models.card import Thresholds
from models.live.events import Action, Explained, Prediction
from models.live.held_end import events_until_end, held_frames
from models.live.offline import run_frames
from models.live.person import Person
from models.live.windows import KEPT_FRAMES, Windows
from sensor.skeleton import Frame
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import CARD, FakeRecognizer

PATIENT = Thresholds(patience=4, release=1, lag_s=0.2)
CUT = (("rest", 1.0), ("right", 0.4))
"""The arm rises, and the file ends after two predictions that show it."""


def run(seen: list[Frame], hold: bool = True, explain: bool = False):
    return list(run_frames(FakeRecognizer(PATIENT), seen, explain=explain, hold=hold))


def actions(events):
    return [(event.label, event.phase) for event in events if isinstance(event, Action)]


def test_the_pose_is_held_as_long_as_a_decision_takes():
    assert held_frames(msgspec.structs.replace(CARD, thresholds=PATIENT)) == 30
    endless = Thresholds(patience=1000)
    assert held_frames(msgspec.structs.replace(CARD, thresholds=endless)) < KEPT_FRAMES


def test_an_action_cut_at_its_end_is_found():
    seen = frames(motion(CUT))
    assert actions(run(seen, hold=False)) == []
    events = run(seen)
    assert actions(events) == [("raise_right", "start"), ("raise_right", "end")]
    start, end = (event for event in events if isinstance(event, Action))
    last_ns = seen[-1].captured_ns
    assert 0.7e9 < start.started_ns < end.ended_ns <= last_ns
    assert max(start.at_ns, end.at_ns) <= last_ns
    assert start.joints[0].joint == "HandRight"


def test_predictions_and_explanations_are_those_of_real_frames():
    seen = frames(motion(CUT))
    held, plain = (
        [(type(e), e.captured_ns if isinstance(e, Prediction) else e.prediction.captured_ns)
         for e in run(seen, hold, explain=True) if isinstance(e, (Prediction, Explained))]
        for hold in (True, False)
    )  # fmt: skip
    assert held == plain and held[-1][1] <= seen[-1].captured_ns


def test_an_action_in_progress_ends_with_the_file():
    events = run(frames(motion((("rest", 1.0), ("right", 2.0)))))
    assert actions(events)[0] == ("raise_right", "start")
    assert actions(events)[-1] == ("raise_right", "end")
    assert [phase for _, phase in actions(events)].count("start") == 1
    assert events[-1].ended_ns <= 2_966_666_667


def test_a_still_person_does_nothing():
    assert actions(run(frames(motion((("rest", 0.5),))))) == []


@pytest.mark.parametrize("count", [1, 2, 6])
def test_a_body_seen_too_shortly_does_not_become_a_person(count):
    assert run(frames(motion((("right", 1.0),))[:count])) == []


def test_somebody_who_leaves_before_the_end_is_not_held():
    seen = frames(motion((*CUT, ("rest", 1.0))))
    gone = [Frame(f.source, f.sequence, f.captured_ns, f.bodies if i < 42 else (), f.layout)
            for i, f in enumerate(seen)]  # fmt: skip
    assert actions(run(gone[:70])) == []
    assert actions(run(gone[:45])) == [("raise_right", "start"), ("raise_right", "end")]


def test_a_second_action_does_not_start_after_the_end():
    person = Person("s", 1, Windows(CARD, 1), 0)
    person.seen_ns = 1000

    def made(label, phase, started_ns, at_ns):
        return Action("s", (1,), label, phase, at_ns, started_ns, 0.9, (), None)

    events = [made("a", "start", 900, 1100), made("a", "end", 900, 1300),
              made("b", "start", 950, 1300), made("b", "end", 950, 1400)]  # fmt: skip
    found = list(events_until_end(events, {person}))
    assert [(e.label, e.phase, e.at_ns) for e in found] == [
        ("a", "start", 1000),
        ("a", "end", 1000),
    ]
    late = [made("a", "start", 1001, 1100), made("a", "end", 1001, 1300)]
    assert list(events_until_end(late, {person})) == []
    person.action = made("c", "start", 500, 600)
    ended = [made("c", "end", 500, 1100), *events]
    assert [(e.label, e.phase) for e in events_until_end(ended, {person})] == [("c", "end")]


def test_held_frames_are_not_tracked():
    seen, tracked = frames(motion(CUT)), []
    list(run_frames(FakeRecognizer(), seen, on_frame=tracked.append, hold=True))
    assert len(tracked) == len(seen)
    assert np.array_equal([f.captured_ns for f in tracked], [f.captured_ns for f in seen])
