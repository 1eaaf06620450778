"""The order of explanations, and the explainer's thread."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

from models.live.person import Person
from models.live.windows import Windows
from sensor.skeleton import FloatArray
from service.engine.explainer import BATCH, Answer, Explainer, Request
from tests.fakes.message_list import (
    MessageList,
    comparable,
    offline_messages,
    relevance_messages,
)
from tests.fakes.named_engine import Clock, NamedEngine
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import CARD, FakeExplanation, FakeRecognizer

RIGHT = frames(motion((("rest", 0.5), ("right", 3.0), ("rest", 2.0))))


def request(person: Person, n: int, starts: bool = False) -> Request:
    window = np.zeros((48, len(CARD.joints_used), 4), np.float32)
    return Request(person, n, n, 1, window, starts=starts)


def people(count: int) -> list[Person]:
    windows = Windows(CARD)
    made = [Person("s", n, windows, 0) for n in range(count)]
    for person in made:
        person.here = True
    return made


def test_the_newest_request_wins_and_a_start_is_kept_and_goes_first() -> None:
    got: list[Answer] = []
    explainer = Explainer(FakeRecognizer(), got.extend, Clock(), lambda windows, ns: None)
    crowd = people(BATCH + 1)
    for n, person in enumerate(crowd):
        explainer.submit(request(person, n))
    explainer.submit(request(crowd[0], 100))
    explainer.submit(request(crowd[-1], 200, starts=True))  # replaces the request of this person
    explainer.submit(request(crowd[-1], 300))
    assert explainer.dropped == 2
    explainer.step()
    explainer.step()
    order = [answer.request.sequence for answer in got]
    assert order == [200, 100, *range(1, BATCH), 300]
    assert explainer.explained == len(order) and not explainer.busy


def test_the_thread_answers_and_ends() -> None:
    got: list[Answer] = []
    done = threading.Event()

    def on_answers(answers: list[Answer]) -> None:
        got.extend(answers)
        done.set()

    explainer = Explainer(FakeRecognizer(), on_answers, Clock(), lambda windows, ns: None)
    explainer.start()
    explainer.submit(request(people(1)[0], 7))
    assert done.wait(20)
    explainer.stop()
    assert [answer.message.sequence for answer in got] == [7]
    assert explainer._thread is not None and not explainer._thread.is_alive()


class Slow(FakeRecognizer):
    """Explains only when the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on, self.asked = threading.Event(), threading.Event()

    def explain(self, windows: FloatArray, labels: NDArray[np.int64]) -> FakeExplanation:
        self.asked.set()
        assert self.go_on.wait(20)
        return super().explain(windows, labels)


def test_labels_do_not_wait_for_a_slow_explanation() -> None:
    sink, slow = MessageList(), Slow()
    engine = NamedEngine(FakeRecognizer(), sink, catch_up=None, explaining=slow)
    engine.add("s", "test")
    engine.start()
    assert slow.asked.wait(20)
    for frame in RIGHT:
        engine.push("s", frame)
    engine.remove("s")
    assert sink.ended.wait(20)
    assert not relevance_messages(sink.messages)
    slow.go_on.set()
    engine.stop()
    assert comparable(sink.messages) == comparable(offline_messages(FakeRecognizer(), RIGHT, "s"))
