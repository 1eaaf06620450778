from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.block import Block
from sensor.skeleton import Frame
from service.engine.stream import QUEUE_FRAMES, RETRY_NS, SILENCE_NS
from service.wire.encoding import Envelope
from service.wire.messages import ActionMessage, FrameMessage, PredictionMessage, StatusMessage
from tests.fakes.named_engine import NamedEngine
from tests.fakes.outlet import Outlet, offline, phases, said
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import FakeRecognizer

TWO = frames(motion(), motion((("left", 2.0), ("rest", 1.0), ("right", 2.0))))


class Clock:
    def __init__(self) -> None:
        self.now_ns = 10**12

    def __call__(self) -> int:
        return self.now_ns


def engine_of(
    model: FakeRecognizer, outlet: Outlet, clock: Clock, **options: int | None
) -> NamedEngine:
    return NamedEngine(model, outlet, clock_ns=clock, catch_up=options.get("catch_up"))


def states(outlet: Outlet) -> list[str]:
    return [m.stream.state for m in outlet.messages if isinstance(m, StatusMessage)]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=12))
def test_live_says_what_a_recording_says_however_frames_are_batched(sizes: list[int]) -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet, Clock())
    engine.add("s", "test")
    rest = list(TWO)
    while rest:
        for size in sizes:
            for frame in rest[:size]:
                engine.push("s", frame)
            rest = rest[size:]
            engine.tick()
    engine.change("s", "ended")
    engine.tick()
    clip = offline(FakeRecognizer(), TWO, "s")
    assert said(outlet.messages) == said(clip)


def test_a_block_says_what_its_frames_say() -> None:
    one = frames(motion())
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet, Clock())
    engine.add("s", "test")
    for start in range(0, len(one), 4):
        engine.push("s", block_of(one[start : start + 4]))
    engine.change("s", "ended")
    engine.tick()
    clip = offline(FakeRecognizer(), one, "s", explain=True)
    assert said(outlet.messages) == said(clip)


def block_of(part: Sequence[Frame]) -> Block:
    return Block(
        "s",
        part[0].layout,
        part[0].bodies[0].id,
        np.array([frame.sequence for frame in part]),
        np.array([frame.captured_ns for frame in part]),
        np.array([frame.bodies[0].joints_m for frame in part]),
        np.array([frame.bodies[0].confidence for frame in part]),
    )


def test_the_thread_says_the_same() -> None:
    outlet = Outlet()
    engine = NamedEngine(FakeRecognizer(), outlet, catch_up=None)
    engine.add("s", "test")
    engine.start()
    for frame in TWO:
        engine.push("s", frame)
    engine.remove("s")
    assert outlet.ended.wait(20)
    engine.stop()
    assert not engine.alive
    assert said(outlet.messages) == said(offline(FakeRecognizer(), TWO, "s"))


def test_a_few_frames_are_worked_on_by_whoever_brings_them() -> None:
    class Listening(Outlet):
        def carry(self, envelopes: Sequence[Envelope]) -> None:
            told = [envelope.message for envelope in envelopes]
            if any(isinstance(message, PredictionMessage) for message in told):
                by.add(threading.get_ident())

    by: set[int] = set()
    engine = engine_of(FakeRecognizer(), Listening(wanted=False), Clock())
    engine.add("s", "test")
    engine.start()
    for frame in frames(motion()):
        engine.push("s", frame)
    engine.stop()
    assert threading.get_ident() in by


def test_a_block_longer_than_the_queue_is_taken_whole() -> None:
    one = frames(motion())[:120]
    outlet = Outlet()
    engine = NamedEngine(FakeRecognizer(), outlet, queue_frames=90)
    engine.add("s", "test")
    engine.push("s", block_of(one))
    engine.tick()
    (info,) = engine.streams()
    assert info.frames == 120
    assert info.dropped == len(one) // 4 - 1  # predictions, of which the newest is made


def test_streams_share_a_batch_and_do_not_mix() -> None:
    outlet, model = Outlet(), FakeRecognizer()
    engine = engine_of(model, outlet, Clock())
    right = frames(motion((("rest", 0.5), ("right", 1.5), ("rest", 0.5))))
    left = frames(motion((("rest", 0.5), ("left", 1.5), ("rest", 0.5))))
    for name, made in (("a", right), ("b", left)):
        engine.add(name, "test")
        for frame in made:
            engine.push(name, frame)
    engine.tick()
    assert model.calls == [2] * (len(right) // 4)
    assert {label for _, label in phases(said(outlet.messages, "a"))} == {"raise_right"}
    assert {label for _, label in phases(said(outlet.messages, "b"))} == {"raise_left"}


def test_a_late_engine_infers_once_on_the_newest_and_counts_the_rest() -> None:
    made = frames(motion())
    outlet, model = Outlet(), FakeRecognizer()
    engine = engine_of(model, outlet, Clock(), catch_up=3)
    engine.add("s", "test")
    for frame in made:
        engine.push("s", frame)
    engine.tick()
    (info,) = engine.streams()
    due = len(made) // 4
    assert (info.predictions, info.dropped) == (1, due - 1)
    (prediction,) = [m for m in outlet.messages if isinstance(m, PredictionMessage)]
    clip = [m for m in offline(FakeRecognizer(), made) if isinstance(m, PredictionMessage)]
    assert prediction.probabilities == clip[-1].probabilities


def test_the_queue_is_bounded() -> None:
    engine = engine_of(FakeRecognizer(), Outlet(), Clock())
    engine.add("s", "test")
    made = frames(motion((("rest", 30.0),)))
    for frame in made:
        engine.push("s", frame)
    engine.tick()
    assert engine.streams()[0].dropped == len(made) - QUEUE_FRAMES


def test_nothing_is_explained_that_nobody_wants() -> None:
    model = FakeRecognizer()
    engine = engine_of(model, Outlet(wanted=False), Clock())
    engine.add("s", "test")
    for frame in frames(motion((("rest", 2.0),))):
        engine.push("s", frame)
    engine.tick()
    assert model.calls and not model.explained


def test_only_the_newest_frame_becomes_a_message() -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet, Clock())
    engine.add("s", "test")
    for frame in frames(motion((("rest", 1.0),))):
        engine.push("s", frame)
    engine.tick()
    shown = [m for m in outlet.messages if isinstance(m, FrameMessage)]
    assert [m.sequence for m in shown] == [29]


def test_state_changes_keep_their_place_and_end_what_goes_on() -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet, Clock())
    engine.add("s", "test", "a note")
    for frame in frames(motion((("right", 2.0),))):
        engine.push("s", frame)
    engine.change("s", "lost", "the cable is out")
    engine.tick()
    assert states(outlet) == ["live", "lost"]
    assert phases(outlet.messages) == [("start", "raise_right"), ("end", "raise_right")]
    assert engine.streams()[0].note == "the cable is out"
    engine.push("s", frames(motion())[0])
    engine.tick()
    assert states(outlet)[-1] == "live"
    assert engine.streams()[0].note == "a note"


def story(outlet: Outlet, stream: str) -> list[str]:
    """States of a stream, and starts and ends of its actions, in order."""
    told = []
    for m in outlet.messages:
        if isinstance(m, StatusMessage) and m.stream.name == stream:
            told.append(m.stream.state)
        elif isinstance(m, ActionMessage) and m.stream == stream and m.phase != "update":
            told.append(m.phase)
    return told


@pytest.mark.parametrize("streams", [1, 6])
def test_what_goes_on_ends_before_the_state_is_told(streams: int) -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet, Clock())
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
    assert [story(outlet, name) for name in names] == [expected] * streams
    assert engine.streams() == []


def test_what_is_queued_behind_the_end_is_not_of_the_next_stream_of_that_name() -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet, Clock())
    engine.add("s", "test")
    engine.remove("s")
    engine.push("s", frames(motion())[0])
    engine.tick()
    engine.add("s", "test")
    engine.tick()
    assert [stream.frames for stream in engine.streams()] == [0]


def test_a_silent_stream_ends_its_actions() -> None:
    outlet, clock = Outlet(), Clock()
    engine = engine_of(FakeRecognizer(), outlet, clock)
    engine.add("s", "test")
    for frame in frames(motion((("right", 2.0),))):
        engine.push("s", frame)
    engine.tick()
    clock.now_ns += SILENCE_NS + 1
    engine.tick()
    assert phases(outlet.messages)[-1] == ("end", "raise_right")


def test_a_removed_stream_frees_its_name() -> None:
    outlet = Outlet()
    engine = engine_of(FakeRecognizer(), outlet, Clock())
    engine.add("s", "test")
    with pytest.raises(ValueError, match="open already"):
        engine.add("s", "test")
    engine.remove("s")
    engine.tick()
    assert engine.streams() == []
    assert states(outlet) == ["ended"]
    engine.push("s", frames(motion())[0])
    engine.add("s", "test")


def test_one_broken_stream_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    outlet, clock = Outlet(), Clock()
    engine = engine_of(FakeRecognizer(), outlet, clock)
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
    assert ("start", "raise_right") in phases(said(outlet.messages, "good"))
    engine.push("bad", made[0])
    engine.tick()
    assert engine.streams()[1].state == "failed"
    clock.now_ns += RETRY_NS
    engine.push("bad", made[1])
    engine.tick()
    assert engine.streams()[1].state == "live"


def test_a_stream_that_breaks_as_it_is_removed_is_removed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    engine = engine_of(FakeRecognizer(), Outlet(), Clock())
    engine.add("s", "test")
    bad = frames(motion())[0]
    object.__setattr__(bad, "bodies", (None,))
    engine.push("s", bad)
    engine.remove("s")
    with caplog.at_level(logging.ERROR):
        engine.tick()
    assert engine.streams() == []


def test_who_leaves_as_the_model_breaks_still_ends(caplog: pytest.LogCaptureFixture) -> None:
    outlet, model = Outlet(), FakeRecognizer()
    engine = engine_of(model, outlet, Clock())
    engine.add("s", "test")
    made = frames(motion((("right", 2.0),)), motion((("rest", 4.0),)))
    for frame in made[:60]:
        engine.push("s", frame)
    engine.tick()
    model.broken = True
    for frame in made[60:]:  # the first person is gone for two seconds
        engine.push("s", frame)
    with caplog.at_level(logging.ERROR):
        engine.tick()
    assert phases(outlet.messages) == [("start", "raise_right"), ("end", "raise_right")]


def test_a_broken_model_fails_its_streams_and_comes_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outlet, clock, model = Outlet(), Clock(), FakeRecognizer()
    engine = engine_of(model, outlet, clock)
    engine.add("s", "test")
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
    assert phases(outlet.messages) == [("start", "raise_right"), ("end", "raise_right")]
    assert story(outlet, "s") == ["live", "start", "end", "failed"]
    model.broken = False
    clock.now_ns += RETRY_NS
    for frame in made[70:]:
        engine.push("s", frame)
    engine.tick()
    assert engine.streams()[0].state == "live"
    assert phases(outlet.messages)[-1] == ("start", "raise_right")


def test_timings_add_up() -> None:
    outlet, clock = Outlet(), Clock()
    engine = engine_of(FakeRecognizer(), outlet, clock)
    engine.add("s", "test")
    for frame in frames(motion((("rest", 1.0),)), start_ns=clock.now_ns - 10**9):
        engine.push("s", frame)
    engine.tick()
    newest = [m for m in outlet.messages if isinstance(m, PredictionMessage)][-1].timings
    stages = newest.queue_ms + newest.features_ms + newest.model_ms
    assert np.isclose(stages, newest.total_ms) and newest.queue_ms > 0


def test_who_runs_ahead_of_real_time_is_asked_to_pause() -> None:
    clock = Clock()
    engine = engine_of(FakeRecognizer(), Outlet(), clock)
    engine.add("s", "test")
    ahead = frames(motion((("rest", 1.0),)), start_ns=clock.now_ns + 10**10)
    live = frames(motion((("rest", 1.0),)), start_ns=clock.now_ns - 10**9)
    for frame in ahead:
        engine.push("s", frame)
    assert engine.is_behind("s", ahead[-1].captured_ns)
    assert not engine.is_behind("s", live[-1].captured_ns)
    engine.tick()
    assert not engine.is_behind("s", ahead[-1].captured_ns)
    assert not engine.is_behind("nobody", ahead[-1].captured_ns)
