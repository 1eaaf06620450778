"""States of streams, and the ends of actions that come before them."""

from __future__ import annotations

import logging

import pytest

from sensor.skeleton import Frame
from service.engine.stream import RETRY_NS, SILENCE_NS
from tests.fakes.message_list import MessageList, comparable, phases, states, states_and_phases
from tests.fakes.named_engine import Clock, NamedEngine, engine_with_stream
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import FakeRecognizer


def test_state_changes_keep_their_place_and_end_the_actions_in_progress() -> None:
    sink = MessageList()
    engine = NamedEngine(FakeRecognizer(), sink, clock_ns=Clock(), catch_up=None)
    engine.add("s", "test", "a note")
    for frame in frames(motion((("right", 2.0),))):
        engine.push("s", frame)
    engine.change("s", "lost", "the cable is out")
    engine.tick()
    assert states(sink.messages) == ["live", "lost"]
    assert phases(sink.messages) == [("start", "raise_right"), ("end", "raise_right")]
    assert engine.streams()[0].note == "the cable is out"
    engine.push("s", frames(motion())[0])
    engine.tick()
    assert states(sink.messages)[-1] == "live"
    assert engine.streams()[0].note == "a note"


@pytest.mark.parametrize("streams", [1, 6])
def test_actions_in_progress_end_before_the_state_is_published(streams: int) -> None:
    sink = MessageList()
    engine = NamedEngine(FakeRecognizer(), sink, clock_ns=Clock(), catch_up=None)
    made = frames(motion((("right", 2.0), ("left", 2.0))))
    names = [f"s{i}" for i in range(streams)]
    for name in names:
        engine.add(name, "test")
        for frame in made[:60]:
            engine.push(name, frame)
        engine.change(name, "lost")
        for frame in made[60:]:
            engine.push(name, frame)
        engine.remove(name)
    for _ in range(2):
        engine.tick(wait=False)
    expected = ["live", "start", "end", "lost", "live", "start", "end", "ended"]
    assert [states_and_phases(sink.messages, name) for name in names] == [expected] * streams
    assert engine.streams() == []


def test_a_silent_stream_ends_its_actions() -> None:
    sink, clock = MessageList(), Clock()
    engine = engine_with_stream(FakeRecognizer(), sink, clock)
    for frame in frames(motion((("right", 2.0),))):
        engine.push("s", frame)
    engine.tick()
    clock.now_ns += SILENCE_NS + 1
    engine.tick()
    assert phases(sink.messages)[-1] == ("end", "raise_right")


def test_a_failing_stream_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    sink, clock = MessageList(), Clock()
    engine = NamedEngine(FakeRecognizer(), sink, clock_ns=clock, catch_up=None)
    made = frames(motion((("right", 2.0),)))
    bad = Frame("x", 0, 0, made[0].bodies, made[0].layout)
    object.__setattr__(bad, "bodies", (None,))
    for name in ("good", "bad"):
        engine.add(name, "test")
        for frame in made:
            engine.push(name, frame)
    engine.push("bad", bad)
    with caplog.at_level(logging.ERROR):
        engine.tick()
    assert {s.name: s.state for s in engine.streams()} == {"good": "live", "bad": "failed"}
    assert ("start", "raise_right") in phases(comparable(sink.messages, "good"))
    engine.push("bad", made[0])
    engine.tick()
    assert engine.streams()[1].state == "failed"
    clock.now_ns += RETRY_NS
    engine.push("bad", made[1])
    engine.tick()
    assert engine.streams()[1].state == "live"


def test_a_stream_that_fails_as_it_is_removed_is_removed(caplog: pytest.LogCaptureFixture) -> None:
    engine = engine_with_stream(FakeRecognizer(), MessageList())
    bad = frames(motion())[0]
    object.__setattr__(bad, "bodies", (None,))
    engine.push("s", bad)
    engine.remove("s")
    with caplog.at_level(logging.ERROR):
        engine.tick()
    assert engine.streams() == []


def test_the_action_of_a_person_who_leaves_as_the_model_fails_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink, model = MessageList(), FakeRecognizer()
    engine = engine_with_stream(model, sink)
    made = frames(motion((("right", 2.0),)), motion((("rest", 4.0),)))
    for frame in made[:60]:
        engine.push("s", frame)
    engine.tick()
    model.broken = True
    for frame in made[60:]:  # the first person is gone for two seconds
        engine.push("s", frame)
    with caplog.at_level(logging.ERROR):
        engine.tick()
    assert phases(sink.messages) == [("start", "raise_right"), ("end", "raise_right")]


def test_a_failing_model_fails_its_streams_which_restart_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink, clock, model = MessageList(), Clock(), FakeRecognizer()
    engine = engine_with_stream(model, sink, clock)
    made = frames(motion((("right", 4.0),)))
    for frame in made[:60]:
        engine.push("s", frame)
    engine.tick()
    model.broken = True
    for frame in made[60:70]:
        engine.push("s", frame)
    with caplog.at_level(logging.ERROR):
        engine.tick()
    assert engine.streams()[0].state == "failed"
    assert phases(sink.messages) == [("start", "raise_right"), ("end", "raise_right")]
    assert states_and_phases(sink.messages, "s") == ["live", "start", "end", "failed"]
    model.broken = False
    clock.now_ns += RETRY_NS
    for frame in made[70:]:
        engine.push("s", frame)
    engine.tick()
    assert engine.streams()[0].state == "live"
    assert phases(sink.messages)[-1] == ("start", "raise_right")
