"""Labels are explained after they are published, and never wait for an explanation."""

from __future__ import annotations

import logging
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sensor.skeleton import Frame
from service.engine.explainer import RETRY_NS, Answer
from service.wire.messages import ActionMessage, Message, PredictionMessage, RelevanceMessage
from tests.fakes.message_list import (
    MessageList,
    comparable,
    offline_messages,
    phases,
    relevance_messages,
)
from tests.fakes.named_engine import Clock, NamedEngine, engine_with_stream
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import FakeRecognizer
from tests.service.engine.test_starts_and_ends import check

RIGHT = frames(motion((("rest", 0.5), ("right", 3.0), ("rest", 2.0))))


def feed(engine: NamedEngine, made: list[Frame], explain: bool = True) -> None:
    """Run one tick a frame. With `explain`, requests are explained before the next one."""
    for frame in made:
        engine.push("s", frame)
        engine.tick()
        if explain:
            engine.explainer.step()


def actions_with_joints(messages: list[Message]) -> list[ActionMessage]:
    return [m for m in messages if isinstance(m, ActionMessage) and m.joints]


def test_a_start_is_published_at_once_and_its_joints_follow() -> None:
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    feed(engine, RIGHT)
    actions = [m for m in sink.messages if isinstance(m, ActionMessage)]
    start, first, *_, end = actions
    assert (start.phase, start.joints) == ("start", [])
    assert (first.phase, first.at_ns, first.started_ns) == ("update", start.at_ns, start.started_ns)
    assert first.joints[0].joint == "HandRight" and first.timings.relevance_ms == 0
    assert end.phase == "end" and end.joints == first.joints
    at = sink.messages.index(first)
    explanation = sink.messages[at - 1]
    assert isinstance(explanation, RelevanceMessage)
    assert explanation.relevance.label == first.label
    assert explanation.captured_ns == start.at_ns


def test_with_enough_time_every_prediction_is_explained_as_offline() -> None:
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    feed(engine, RIGHT)
    engine.tick()
    predicted = [m.captured_ns for m in sink.messages if isinstance(m, PredictionMessage)]
    found = {m.captured_ns: m.relevance for m in relevance_messages(sink.messages)}
    assert list(found) == predicted[1:]  # the first was held back until the body was certain
    messages = offline_messages(FakeRecognizer(), RIGHT, "s", explain=True)
    clip = {m.captured_ns: m.relevance for m in relevance_messages(messages)}
    assert list(clip) == predicted and found == {at_ns: clip[at_ns] for at_ns in found}


def test_offline_relevance_follows_its_prediction_and_starts_have_joints() -> None:
    messages = offline_messages(FakeRecognizer(), RIGHT, explain=True)
    for at, message in enumerate(messages):
        if isinstance(message, PredictionMessage):
            explanation = messages[at + 1]
            assert isinstance(explanation, RelevanceMessage)
            assert explanation.captured_ns == message.captured_ns
    assert all(m.joints for m in messages if isinstance(m, ActionMessage))


def test_unwanted_predictions_are_not_explained() -> None:
    model = FakeRecognizer()
    engine = engine_with_stream(model, MessageList(wanted=False))
    for frame in frames(motion((("rest", 2.0),))):
        engine.push("s", frame)
    engine.tick()
    assert model.calls and not model.explained


def test_without_a_reader_of_relevance_actions_have_no_joints() -> None:
    sink, model = MessageList(wanted=False), FakeRecognizer()
    engine = engine_with_stream(model, sink)
    feed(engine, RIGHT)
    assert model.explained == [] and not engine.explainer.busy
    assert phases(sink.messages) == [("start", "raise_right"), ("end", "raise_right")]
    assert actions_with_joints(sink.messages) == []


def test_the_rate_is_limited_except_for_starts() -> None:
    sink, model = MessageList(), FakeRecognizer()
    engine = engine_with_stream(model, sink, relevance_hz=1.0)
    feed(engine, RIGHT)
    engine.tick()
    explained = relevance_messages(sink.messages)
    start = next(m for m in sink.messages if isinstance(m, ActionMessage))
    assert len(explained) <= 5.5 * 1.0 + 2
    assert start.at_ns in {m.captured_ns for m in explained}
    assert engine.explainer.dropped == 0


def test_an_explainer_that_never_answers_changes_no_label() -> None:
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    feed(engine, RIGHT, explain=False)
    engine.change("s", "ended")
    engine.tick()
    assert comparable(sink.messages) == comparable(offline_messages(FakeRecognizer(), RIGHT, "s"))
    explainer = engine.explainer
    assert explainer.dropped > 10 and explainer.busy
    explainer.step()  # everybody has left
    assert not explainer.busy and explainer.explained == 0


def test_with_many_streams_each_is_explained_less_often_but_equally() -> None:
    """There are thirty streams, and time for one batch in every fourth frame."""
    sink = MessageList()
    engine = NamedEngine(FakeRecognizer(), sink, clock_ns=Clock(), catch_up=None)
    names = [f"s{n}" for n in range(30)]
    for name in names:
        engine.add(name, "test")
    for frame in RIGHT:
        for name in names:
            engine.push(name, frame)
        engine.tick()
        if frame.sequence % 4 == 0:
            engine.explainer.step()
    clip = comparable(offline_messages(FakeRecognizer(), RIGHT, "x"))
    counts = Counter(message.stream for message in relevance_messages(sink.messages))
    for name in names:
        one = [replace(message, stream="x") for message in comparable(sink.messages, name)]
        assert one == clip[: len(one)] and len(one) > 40
        assert counts[name] < len(RIGHT) / 4 / 2
    assert min(counts.values()) > 0.75 * counts.total() / len(names)
    assert engine.explainer.dropped > engine.explainer.explained


def test_an_explanation_after_the_end_is_not_published() -> None:
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    feed(engine, RIGHT[:45], explain=False)
    engine.explainer.step()
    engine.remove("s")
    engine.tick()  # publishes the finished explanation before the end
    published = len(sink.messages)
    assert actions_with_joints(sink.messages)[-1].phase == "end"
    check(sink.messages)
    engine.add("s", "test")
    feed(engine, RIGHT[:45], explain=False)
    engine.remove("s")
    requests = engine.explainer._take()
    engine.tick()
    engine._explanations._take(engine.explainer._explain(requests))
    engine.tick()
    assert not relevance_messages(sink.messages[published:])
    check(sink.messages)


def test_a_model_that_fails_to_explain_is_logged_and_used_again_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink, model, clock = MessageList(), FakeRecognizer(), Clock()
    engine = engine_with_stream(model, sink, clock)
    model.mute = True
    with caplog.at_level(logging.ERROR):
        feed(engine, RIGHT[:60])
    assert len(caplog.records) == 1
    assert engine.streams()[0].state == "live"
    assert phases(sink.messages) == [("start", "raise_right")]
    assert engine.explainer.dropped == 60 // 4
    model.mute = False
    clock.now_ns += RETRY_NS
    feed(engine, RIGHT[60:])
    assert actions_with_joints(sink.messages)[0].phase == "update"
    assert phases(sink.messages)[-1] == ("end", "raise_right")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
def test_labels_do_not_depend_on_the_explainer(seed: int, often: float, late: float) -> None:
    """Answers come early, late or never, about people who are in view or have left."""
    rng = np.random.default_rng(seed)
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    answers: list[Answer] = []
    engine.explainer._on_answers = answers.extend
    made = frames(motion(), motion((("left", 2.0), ("rest", 1.0), ("right", 2.0))))
    for frame in made:
        engine.push("s", frame)
        engine.tick()
        if rng.random() < often:
            engine.explainer.step()
        if rng.random() < late:
            engine._explanations._take(answers[:])
            answers.clear()
    engine.remove("s")
    engine.tick()
    engine._explanations._take(answers)
    engine.tick()
    check(sink.messages)
    assert comparable(sink.messages) == comparable(offline_messages(FakeRecognizer(), made, "s"))
