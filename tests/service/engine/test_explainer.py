"""Relevance is found out after its label has gone out, and never stands in a label's way."""

from __future__ import annotations

import logging
import threading
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from numpy.typing import NDArray

from models.live.person import Person
from models.live.windows import Windows
from sensor.skeleton import FloatArray, Frame
from service.engine.explainer import BATCH, RETRY_NS, Answer, Explainer, Request
from service.wire.messages import ActionMessage, Message, PredictionMessage, RelevanceMessage
from tests.fakes.named_engine import NamedEngine
from tests.fakes.outlet import Outlet, offline, phases, reasons, said
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import CARD, FakeExplanation, FakeRecognizer
from tests.service.engine.test_engine_promise import check

RIGHT = frames(motion((("rest", 0.5), ("right", 3.0), ("rest", 2.0))))


class Clock:
    now_ns = 10**12

    def __call__(self) -> int:
        return self.now_ns


def engine_of(model: FakeRecognizer, outlet: Outlet, **options: float) -> NamedEngine:
    engine = NamedEngine(
        model,
        outlet,
        clock_ns=Clock(),
        catch_up=None,
        relevance_hz=options.get("relevance_hz", 10.0),
    )
    engine.add("s", "test")
    return engine


def feed(engine: NamedEngine, made: list[Frame], explain: bool = True) -> None:
    """One tick a frame; what is asked is explained before the next, or never."""
    for frame in made:
        engine.push("s", frame)
        engine.tick()
        if explain:
            engine.explainer.step()


def joint_updates(messages: list[Message]) -> list[ActionMessage]:
    return [m for m in messages if isinstance(m, ActionMessage) and m.joints]


def test_a_start_goes_out_at_once_and_its_joints_follow() -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet)
    feed(engine, RIGHT)
    actions = [m for m in outlet.messages if isinstance(m, ActionMessage)]
    start, first, *_, end = actions
    assert (start.phase, start.joints) == ("start", [])
    assert (first.phase, first.at_ns, first.started_ns) == ("update", start.at_ns, start.started_ns)
    assert first.joints[0].joint == "HandRight" and first.timings.relevance_ms == 0
    assert end.phase == "end" and end.joints == first.joints
    at = outlet.messages.index(first)
    why = outlet.messages[at - 1]
    assert isinstance(why, RelevanceMessage) and why.relevance.label == first.label
    assert why.captured_ns == start.at_ns


def test_every_prediction_is_explained_where_there_is_time_and_says_what_a_clip_says() -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet)
    feed(engine, RIGHT)
    engine.tick()
    predicted = [m.captured_ns for m in outlet.messages if isinstance(m, PredictionMessage)]
    found = {m.captured_ns: m.relevance for m in reasons(outlet.messages)}
    assert list(found) == predicted[1:]  # the first was held until it was certain
    told = offline(FakeRecognizer(), RIGHT, "s", explain=True)
    clip = {m.captured_ns: m.relevance for m in reasons(told)}
    assert list(clip) == predicted and found == {at_ns: clip[at_ns] for at_ns in found}


def test_offline_relevance_comes_with_its_prediction_and_a_start_has_joints() -> None:
    told = offline(FakeRecognizer(), RIGHT, explain=True)
    for at, message in enumerate(told):
        if isinstance(message, PredictionMessage):
            why = told[at + 1]
            assert isinstance(why, RelevanceMessage) and why.captured_ns == message.captured_ns
    assert all(m.joints for m in told if isinstance(m, ActionMessage))


def test_where_nobody_wants_relevance_nothing_is_explained() -> None:
    outlet, model = Outlet(wanted=False), FakeRecognizer()
    engine = engine_of(model, outlet)
    feed(engine, RIGHT)
    assert model.explained == [] and not engine.explainer.busy
    assert phases(outlet.messages) == [("start", "raise_right"), ("end", "raise_right")]
    assert joint_updates(outlet.messages) == []


def test_the_rate_is_bounded_but_for_starts() -> None:
    outlet, model = Outlet(), FakeRecognizer()
    engine = engine_of(model, outlet, relevance_hz=1.0)
    feed(engine, RIGHT)
    engine.tick()
    explained = reasons(outlet.messages)
    start = next(m for m in outlet.messages if isinstance(m, ActionMessage))
    assert len(explained) <= 5.5 * 1.0 + 2
    assert start.at_ns in {m.captured_ns for m in explained}
    assert engine.explainer.dropped == 0


def test_an_explainer_that_never_answers_harms_no_label() -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet)
    feed(engine, RIGHT, explain=False)
    engine.change("s", "ended")
    engine.tick()
    assert said(outlet.messages) == said(offline(FakeRecognizer(), RIGHT, "s"))
    explainer = engine.explainer
    assert explainer.dropped > 10 and explainer.busy
    explainer.step()  # everybody has left
    assert not explainer.busy and explainer.explained == 0


def test_where_many_are_watched_the_rate_falls_alike_for_all() -> None:
    """Thirty streams, and time for one batch between two frames in four."""
    outlet = Outlet()
    engine = NamedEngine(FakeRecognizer(), outlet, clock_ns=Clock(), catch_up=None)
    names = [f"s{n}" for n in range(30)]
    for name in names:
        engine.add(name, "test")
    for frame in RIGHT:
        for name in names:
            engine.push(name, frame)
        engine.tick()
        if frame.sequence % 4 == 0:
            engine.explainer.step()
    clip = said(offline(FakeRecognizer(), RIGHT, "x"))
    counts = Counter(message.stream for message in reasons(outlet.messages))
    for name in names:
        one = [replace(message, stream="x") for message in said(outlet.messages, name)]
        assert one == clip[: len(one)] and len(one) > 40
        assert counts[name] < len(RIGHT) / 4 / 2
    assert min(counts.values()) > 0.75 * counts.total() / len(names)
    assert engine.explainer.dropped > engine.explainer.explained


def test_what_is_found_out_after_the_end_is_not_told() -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet)
    feed(engine, RIGHT[:45], explain=False)
    engine.explainer.step()
    engine.remove("s")
    engine.tick()  # the answer waits, and is told before the end
    told = len(outlet.messages)
    assert joint_updates(outlet.messages)[-1].phase == "end"
    check(outlet.messages)
    engine.add("s", "test")
    feed(engine, RIGHT[:45], explain=False)
    engine.remove("s")
    waiting = engine.explainer._take()
    engine.tick()
    engine._explanations._take(engine.explainer._explain(waiting))
    engine.tick()
    assert not reasons(outlet.messages[told:])
    check(outlet.messages)


def test_a_model_that_cannot_explain_is_logged_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outlet, model = Outlet(), FakeRecognizer()
    engine = engine_of(model, outlet)
    clock = engine.clock_ns
    assert isinstance(clock, Clock)
    model.mute = True
    with caplog.at_level(logging.ERROR):
        feed(engine, RIGHT[:60])
    assert len(caplog.records) == 1
    assert engine.streams()[0].state == "live"
    assert phases(outlet.messages) == [("start", "raise_right")]
    assert engine.explainer.dropped == 60 // 4
    model.mute = False
    clock.now_ns += RETRY_NS
    feed(engine, RIGHT[60:])
    assert joint_updates(outlet.messages)[0].phase == "update"
    assert phases(outlet.messages)[-1] == ("end", "raise_right")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.floats(0, 1), st.floats(0, 1))
def test_whatever_the_explainer_does_labels_are_the_same(
    seed: int, often: float, late: float
) -> None:
    """Answers come early, late or never, of people who are there or gone."""
    rng = np.random.default_rng(seed)
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet)
    held: list[Answer] = []
    engine.explainer._on_answers = held.extend
    made = frames(motion(), motion((("left", 2.0), ("rest", 1.0), ("right", 2.0))))
    for frame in made:
        engine.push("s", frame)
        engine.tick()
        if rng.random() < often:
            engine.explainer.step()
        if rng.random() < late:
            engine._explanations._take(held[:])
            held.clear()
    engine.remove("s")
    engine.tick()
    engine._explanations._take(held)
    engine.tick()
    check(outlet.messages)
    assert said(outlet.messages) == said(offline(FakeRecognizer(), made, "s"))


def request(person: Person, n: int, starts: bool = False) -> Request:
    window = np.zeros((48, len(CARD.joints_used), 4), np.float32)
    return Request(person, n, n, 1, window, starts=starts)


def people(count: int) -> list[Person]:
    windows = Windows(CARD)
    made = [Person("s", n, windows, 0) for n in range(count)]
    for person in made:
        person.here = True
    return made


def test_the_newest_wins_and_a_start_is_kept_and_goes_first() -> None:
    got: list[Answer] = []
    explainer = Explainer(FakeRecognizer(), got.extend, Clock(), lambda windows, ns: None)
    crowd = people(BATCH + 1)
    for n, person in enumerate(crowd):
        explainer.submit(request(person, n))
    explainer.submit(request(crowd[0], 100))
    explainer.submit(request(crowd[-1], 200, starts=True))  # newer than what waits of this person
    explainer.submit(request(crowd[-1], 300))
    assert explainer.dropped == 2
    explainer.step()
    explainer.step()
    order = [answer.request.sequence for answer in got]
    assert order == [200, 100, *range(1, BATCH), 300]
    assert explainer.explained == len(order) and not explainer.busy


def test_its_thread_answers_and_ends() -> None:
    got: list[Answer] = []
    done = threading.Event()

    def answered(answers: list[Answer]) -> None:
        got.extend(answers)
        done.set()

    explainer = Explainer(FakeRecognizer(), answered, Clock(), lambda windows, ns: None)
    explainer.start()
    explainer.submit(request(people(1)[0], 7))
    assert done.wait(20)
    explainer.stop()
    assert [answer.message.sequence for answer in got] == [7]
    assert explainer._thread is not None and not explainer._thread.is_alive()


class Slow(FakeRecognizer):
    """Explains only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let, self.asked = threading.Event(), threading.Event()

    def explain(self, windows: FloatArray, labels: NDArray[np.int64]) -> FakeExplanation:
        self.asked.set()
        assert self.let.wait(20)
        return super().explain(windows, labels)


def test_labels_do_not_wait_for_a_slow_explanation() -> None:
    outlet, slow = Outlet(), Slow()
    engine = NamedEngine(FakeRecognizer(), outlet, catch_up=None, explaining=slow)
    engine.add("s", "test")
    engine.start()
    assert slow.asked.wait(20)
    for frame in RIGHT:
        engine.push("s", frame)
    engine.remove("s")
    assert outlet.ended.wait(20)
    assert not reasons(outlet.messages)
    slow.let.set()
    engine.stop()
    assert said(outlet.messages) == said(offline(FakeRecognizer(), RIGHT, "s"))
