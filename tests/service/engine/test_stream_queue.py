"""The queues of the streams are bounded, and a removed stream frees its name."""

from __future__ import annotations

import pytest

from service.engine.stream import QUEUE_FRAMES
from tests.fakes.message_list import MessageList, states
from tests.fakes.named_engine import Clock, NamedEngine, engine_with_stream
from tests.fakes.people import block_of, frames, motion
from tests.fakes.recognizer import FakeRecognizer


def test_the_queue_is_bounded() -> None:
    engine = engine_with_stream(FakeRecognizer(), MessageList())
    made = frames(motion((("rest", 30.0),)))
    for frame in made:
        engine.push("s", frame)
    engine.tick()
    assert engine.streams()[0].dropped == len(made) - QUEUE_FRAMES


def test_a_block_longer_than_the_queue_is_taken_whole() -> None:
    one = frames(motion())[:120]
    sink = MessageList()
    engine = NamedEngine(FakeRecognizer(), sink, queue_frames=90)
    engine.add("s", "test")
    engine.push("s", block_of(one))
    engine.tick()
    (info,) = engine.streams()
    assert info.frames == 120
    assert info.dropped == len(one) // 4 - 1  # skipped predictions: only the newest is made


def test_entries_behind_the_end_do_not_reach_the_next_stream_of_that_name() -> None:
    engine = engine_with_stream(FakeRecognizer(), MessageList())
    engine.remove("s")
    engine.push("s", frames(motion())[0])
    engine.tick()
    engine.add("s", "test")
    engine.tick()
    assert [stream.frames for stream in engine.streams()] == [0]


def test_a_removed_stream_frees_its_name() -> None:
    sink = MessageList()
    engine = engine_with_stream(FakeRecognizer(), sink)
    with pytest.raises(ValueError, match="open already"):
        engine.add("s", "test")
    engine.remove("s")
    engine.tick()
    assert engine.streams() == []
    assert states(sink.messages) == ["ended"]
    engine.push("s", frames(motion())[0])
    engine.add("s", "test")


def test_the_handle_of_a_removed_stream_does_not_reach_the_next_of_that_name() -> None:
    engine = engine_with_stream(FakeRecognizer(), MessageList())
    old = engine.handles["s"]
    old.remove()
    engine.tick()
    engine.add("s", "test")
    made = frames(motion((("rest", 1.0),)), start_ns=2 * 10**12)
    for frame in made:
        old.push(frame)
    old.change("lost")
    old.count_dropped(3)
    old.remove()
    engine.tick()
    (info,) = engine.streams()
    assert (info.state, info.frames, info.dropped) == ("waiting", 0, 0)
    assert not old.is_behind(made[-1].captured_ns)


def test_a_source_ahead_of_real_time_is_asked_to_pause() -> None:
    clock = Clock()
    engine = engine_with_stream(FakeRecognizer(), MessageList(), clock)
    ahead = frames(motion((("rest", 1.0),)), start_ns=clock.now_ns + 10**10)
    live = frames(motion((("rest", 1.0),)), start_ns=clock.now_ns - 10**9)
    for frame in ahead:
        engine.push("s", frame)
    assert engine.is_behind("s", ahead[-1].captured_ns)
    assert not engine.is_behind("s", live[-1].captured_ns)
    engine.tick()
    assert not engine.is_behind("s", ahead[-1].captured_ns)
    assert not engine.is_behind("nobody", ahead[-1].captured_ns)
