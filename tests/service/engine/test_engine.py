"""The engine publishes the same labels as an offline run of the same frames."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.wire.messages import FrameMessage, PredictionMessage
from tests.fakes.message_list import MessageList, comparable, offline_messages, phases
from tests.fakes.named_engine import Clock, NamedEngine, engine_with_stream
from tests.fakes.people import block_of, frames, motion
from tests.fakes.recognizer import FakeRecognizer

TWO = frames(motion(), motion((("left", 2.0), ("rest", 1.0), ("right", 2.0))))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=12))
def test_labels_equal_those_of_a_recording_however_frames_are_batched(sizes: list[int]) -> None:
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    rest = list(TWO)
    while rest:
        for size in sizes:
            for frame in rest[:size]:
                engine.push("s", frame)
            rest = rest[size:]
            engine.tick()
    engine.change("s", "ended")
    engine.tick()
    clip = offline_messages(FakeRecognizer(), TWO, "s")
    assert comparable(sink.messages) == comparable(clip)


def test_blocks_give_the_labels_of_their_frames() -> None:
    one = frames(motion())
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    for start in range(0, len(one), 4):
        engine.push("s", block_of(one[start : start + 4]))
    engine.change("s", "ended")
    engine.tick()
    clip = offline_messages(FakeRecognizer(), one, "s", explain=True)
    assert comparable(sink.messages) == comparable(clip)


def test_streams_share_a_batch_and_do_not_mix() -> None:
    sink, model = MessageList(), FakeRecognizer()
    engine = NamedEngine(model, sink, clock_ns=Clock(), catch_up=None)
    right = frames(motion((("rest", 0.5), ("right", 1.5), ("rest", 0.5))))
    left = frames(motion((("rest", 0.5), ("left", 1.5), ("rest", 0.5))))
    for name, made in (("a", right), ("b", left)):
        engine.add(name, "test")
        for frame in made:
            engine.push(name, frame)
    engine.tick()
    assert model.calls == [2] * (len(right) // 4)
    assert {label for _, label in phases(comparable(sink.messages, "a"))} == {"raise_right"}
    assert {label for _, label in phases(comparable(sink.messages, "b"))} == {"raise_left"}


def test_only_the_newest_frame_becomes_a_message() -> None:
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    for frame in frames(motion((("rest", 1.0),))):
        engine.push("s", frame)
    engine.tick()
    shown = [m for m in sink.messages if isinstance(m, FrameMessage)]
    assert [m.sequence for m in shown] == [29]


def test_timings_add_up() -> None:
    sink, clock = MessageList(), Clock()
    engine = engine_with_stream(FakeRecognizer(), sink, clock)
    for frame in frames(motion((("rest", 1.0),)), start_ns=clock.now_ns - 10**9):
        engine.push("s", frame)
    engine.tick()
    newest = [m for m in sink.messages if isinstance(m, PredictionMessage)][-1].timings
    stages = newest.queue_ms + newest.features_ms + newest.model_ms
    assert np.isclose(stages, newest.total_ms) and newest.queue_ms > 0
