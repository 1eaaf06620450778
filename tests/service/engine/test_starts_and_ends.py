"""Every start is followed by exactly one end, whatever cameras, clients and the model do."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sensor.skeleton import KINECT_V2, Body, FloatArray, Frame
from service.wire.messages import ActionMessage, Message
from tests.fakes.message_list import MessageList
from tests.fakes.named_engine import NamedEngine
from tests.fakes.people import motion
from tests.fakes.recognizer import FakeExplanation, FakeRecognizer

MOTION = motion((("rest", 0.5), ("right", 1.5), ("left", 1.5), ("rest", 1.0)))
STEP_NS = 33_333_333


class Flaky(FakeRecognizer):
    """Fails now and then, until `works` is set."""

    def __init__(self, rng: np.random.Generator) -> None:
        super().__init__()
        self.rng = rng
        self.works = False

    def _may_fail(self) -> None:
        if not self.works and self.rng.random() < 0.03:
            raise RuntimeError("flaky")

    def logits(self, windows: FloatArray) -> FloatArray:
        self._may_fail()
        return super().logits(windows)

    def explain(self, windows: FloatArray, labels: NDArray[np.int64]) -> FakeExplanation:
        self._may_fail()
        return super().explain(windows, labels)


def bodies(rng: np.random.Generator, pose: FloatArray) -> tuple[Body, ...]:
    """Return two people side by side; sometimes fewer, with strange ids, or hardly seen."""
    people = []
    for place in range(int(rng.integers(0, 3)) if rng.random() < 0.1 else 2):
        joints = pose + np.float32((1.2 * place, 0, 0))
        confidence = np.float32(rng.random(25) > 0.05)
        if rng.random() < 0.02:
            joints[rng.integers(25)] = np.nan
        if rng.random() < 0.02:
            confidence[:] = 0
        strange = (1, 2, 5, -1, 2**70)
        id_ = strange[rng.integers(5)] if rng.random() < 0.1 else place + 1
        people.append(Body(id_, joints, confidence))
    return tuple(people)


def check(messages: Iterable[Message]) -> None:
    """Fail unless each start is followed by one end of the same label before the next start."""
    in_progress: dict[tuple[str, int], str] = {}
    for message in messages:
        if isinstance(message, ActionMessage):
            body = (message.stream, message.body_ids[0])
            if message.phase == "start":
                assert body not in in_progress
                in_progress[body] = message.label
            assert in_progress[body] == message.label
            if message.phase == "end":
                del in_progress[body]
    assert not in_progress


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 300))
def test_every_start_has_exactly_one_end(seed: int, catch_up: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    sink, model, now = MessageList(), Flaky(rng), {"clock": 10**12, "a": 10**12, "b": 10**12}
    engine = NamedEngine(model, sink, clock_ns=lambda: now["clock"], catch_up=catch_up)
    logging.disable(logging.ERROR)
    try:
        for step in range(steps):
            name = "ab"[rng.integers(2)]
            if name not in {stream.name for stream in engine.streams()}:
                engine.add(name, "test")
            chance = rng.random()
            if chance < 0.01:
                engine.remove(name)
            elif chance < 0.02:
                engine.change(name, "lost", "unplugged")
            leap = int(rng.integers(-5e9, 5e9)) if rng.random() < 0.01 else STEP_NS
            now[name] += leap
            now["clock"] += max(leap, 0)
            pose = MOTION[step % len(MOTION)]
            engine.push(name, Frame(name, step, now[name], bodies(rng, pose), KINECT_V2))
            if rng.random() < 0.3:
                engine.tick()
        model.works = True
        engine.remove("a")
        engine.remove("b")
        engine.tick()
    finally:
        logging.disable(logging.NOTSET)
    check(sink.messages)


def test_the_check_finds_missing_starts_and_ends() -> None:
    start = ActionMessage("a", [1], "wave", "start", 1, 1, 0.9, [])
    end = ActionMessage("a", [1], "wave", "end", 2, 1, 0.9, [])
    check([start, end])
    for wrong in ([start], [start, start, end]):
        with pytest.raises(AssertionError):
            check(wrong)
    with pytest.raises(KeyError):
        check([end])
