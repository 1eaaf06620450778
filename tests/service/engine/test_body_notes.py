"""The note of a stream says why its bodies cannot be people; meanwhile no label comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from sensor.rotation import rotate_frame
from sensor.skeleton import Body, Frame
from service.wire.messages import StatusMessage
from tests.fakes.message_list import MessageList, comparable
from tests.fakes.named_engine import Clock, NamedEngine
from tests.fakes.people import block_of, frames, motion
from tests.fakes.recognizer import FakeRecognizer

ON_ITS_HEAD = "no labels: the body stands on its head: y must point up; negate y"
SOUND = frames(motion())
TURNED = [
    replace(f, bodies=(Body(1, b.joints_m * np.float32((1, -1, 1)), b.confidence),))
    for f in SOUND
    for b in f.bodies
]


def push(engine: NamedEngine, made: Sequence[Frame], frames_at_once: int) -> None:
    for start in range(0, len(made), frames_at_once):
        part = made[start : start + frames_at_once]
        engine.push("s", block_of(part) if frames_at_once > 1 else part[0])
        engine.tick()


@pytest.mark.parametrize("frames_at_once", [1, 4])
def test_the_note_names_the_problem_until_a_person_is_seen(frames_at_once: int) -> None:
    sink = MessageList()
    engine = NamedEngine(FakeRecognizer(), sink, clock_ns=Clock(), catch_up=None)
    engine.add("s", "test", "a note")
    push(engine, TURNED, frames_at_once)
    assert engine.streams()[0].note == ON_ITS_HEAD
    assert not comparable(sink.messages)
    sound = frames(motion(), start_ns=TURNED[-1].captured_ns + 33_333_333)
    push(engine, sound, frames_at_once)
    notes = [m.stream.note for m in sink.messages if isinstance(m, StatusMessage)]
    assert notes == ["a note", ON_ITS_HEAD, "a note"]
    assert comparable(sink.messages)


def test_the_note_returns_when_the_stream_was_lost_meanwhile() -> None:
    sink = MessageList()
    engine = NamedEngine(FakeRecognizer(), sink, clock_ns=Clock(), catch_up=None)
    engine.add("s", "test", "a note")
    push(engine, TURNED[:60], 1)
    engine.change("s", "lost", "the camera is gone")
    engine.tick()
    assert engine.streams()[0].note == "the camera is gone"
    push(engine, TURNED[60:], 1)
    assert engine.streams()[0].note == ON_ITS_HEAD


@pytest.mark.parametrize(
    ("kind", "mend"),
    [("webcam", "add rotate=270"), ("push", "turn the coordinates (x, y to y, -x)")],
)
def test_the_note_offers_an_option_only_to_a_source(kind: str, mend: str) -> None:
    engine = NamedEngine(FakeRecognizer(), MessageList(), clock_ns=Clock(), catch_up=None)
    engine.add("s", kind, "")
    push(engine, [rotate_frame(frame, 90) for frame in SOUND], 1)
    assert engine.streams()[0].note == (
        f"no labels: the body lies on its side: y must point up; is the camera turned? {mend}"
    )


def test_the_note_names_the_unit() -> None:
    engine = NamedEngine(FakeRecognizer(), MessageList(), clock_ns=Clock(), catch_up=None)
    engine.add("s", "push", "")
    small = [
        replace(f, bodies=tuple(Body(1, b.joints_m / 1000, b.confidence) for b in f.bodies))
        for f in SOUND
    ]
    push(engine, small, 1)
    assert "coordinates seem to be metres divided by 1000" in engine.streams()[0].note
