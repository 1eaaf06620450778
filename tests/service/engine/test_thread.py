"""The inference thread, and the ticks of other threads beside it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from service.engine.thread import InferenceThread
from service.wire.encoding import Envelope
from service.wire.messages import PredictionMessage
from tests.fakes.message_list import MessageList, comparable, offline_messages
from tests.fakes.named_engine import NamedEngine, engine_with_stream
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import FakeRecognizer

TWO = frames(motion(), motion((("left", 2.0), ("rest", 1.0), ("right", 2.0))))


def test_labels_of_the_thread_equal_those_of_a_recording() -> None:
    sink = MessageList()
    engine = NamedEngine(FakeRecognizer(), sink, catch_up=None)
    engine.add("s", "test")
    engine.start()
    for frame in TWO:
        engine.push("s", frame)
    engine.remove("s")
    assert sink.ended.wait(20)
    engine.stop()
    assert not engine.alive
    assert comparable(sink.messages) == comparable(offline_messages(FakeRecognizer(), TWO, "s"))


def test_a_few_frames_are_processed_by_the_thread_that_pushes_them() -> None:
    class ThreadNoting(MessageList):
        def carry(self, envelopes: Sequence[Envelope]) -> None:
            messages = [envelope.message for envelope in envelopes]
            if any(isinstance(message, PredictionMessage) for message in messages):
                threads.add(threading.get_ident())

    threads: set[int] = set()
    engine = engine_with_stream(FakeRecognizer(), ThreadNoting(wanted=False))
    engine.start()
    for frame in frames(motion()):
        engine.push("s", frame)
    engine.stop()
    assert threading.get_ident() in threads


class Ticking:
    """An `InferenceThread` whose tick waits until the test lets it go on."""

    def __init__(self) -> None:
        self.ticking, self.go_on = threading.Event(), threading.Event()
        self.woken = threading.Event()
        self.finished = 0
        self.thread = InferenceThread(self._work, self._wait, self._finish)

    def _work(self) -> int:
        self.ticking.set()
        assert self.go_on.wait(20)
        return 0

    def _wait(self, seconds: float) -> None:
        self.woken.wait(20)
        self.woken.clear()

    def _finish(self) -> None:
        self.finished += 1


def test_nobody_has_the_turn_before_the_start_and_after_the_stop() -> None:
    one = Ticking()
    assert not one.thread.try_turn() and not one.thread.alive
    one.go_on.set()
    one.thread.start()
    assert one.thread.alive
    one.thread.stop(one.woken.set)
    assert not one.thread.try_turn() and not one.thread.alive
    assert one.finished == 1


def test_only_one_thread_has_the_turn() -> None:
    one = Ticking()
    one.thread.start()
    assert one.thread.try_turn()  # the thread waits for work
    assert not one.thread.try_turn()
    one.woken.set()
    assert not one.ticking.wait(0.05)  # it must wait for the turn, too
    one.thread.give_turn()
    assert one.ticking.wait(20)
    assert not one.thread.try_turn()
    one.go_on.set()
    one.thread.stop(one.woken.set)
    assert one.finished == 1
