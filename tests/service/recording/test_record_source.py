"""Recordings of a source, which a replay turns into the same labels."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from sensor.cameras.replay import ReplaySource
from sensor.capture import State
from sensor.errors import SensorError
from sensor.formats import read_recording
from sensor.skeleton import AZURE_KINECT, Frame
from service.recording.record_source import record_source
from service.recording.recorder import Recorder
from service.wire.encoding import decode
from service.wire.messages import (
    ActionMessage,
    PredictionMessage,
)
from tests.fakes.message_list import comparable, offline_messages
from tests.fakes.people import frames, motion, recording
from tests.fakes.recognizer import FakeRecognizer
from tests.fakes.recordings import messages_by_topic, record

pytest.importorskip("mcap", reason="needs the record extra (mcap)")

MIB = 1024 * 1024


def test_a_replay_of_the_recording_gets_the_live_labels(tmp_path: Path) -> None:
    people = recording(
        motion(layout=AZURE_KINECT),
        motion((("left", 2.0), ("rest", 1.0), ("right", 2.0)), AZURE_KINECT),
        layout=AZURE_KINECT,
    )
    info = record(tmp_path / "a.mcap", ReplaySource(people, pace=None))
    assert (info.state, info.frames, info.stream) == ("finished", len(people.frames), "people")
    found = read_recording(tmp_path / "a.mcap")
    assert found.layout is AZURE_KINECT
    for before, after in zip(people.frames, found.frames, strict=True):
        assert before.captured_ns == after.captured_ns
        assert [b.id for b in before.bodies] == [b.id for b in after.bodies]
        for a, b in zip(before.bodies, after.bodies, strict=True):
            assert np.array_equal(a.joints_m, b.joints_m)
            assert np.array_equal(a.confidence, b.confidence)
    topics = messages_by_topic(tmp_path / "a.mcap")
    live = [
        shifted(decode(data, "json"), json.loads(topics["/frame"][0])["captured_ns"])
        for topic in ("/prediction", "/action")
        for data in topics[topic]
    ]
    again = offline_messages(FakeRecognizer(), found.frames, "people")
    replayed = [m for kind in (PredictionMessage, ActionMessage) for m in again if type(m) is kind]
    assert len(live) > 50
    # The reader sorts by time, so messages about two people at the same time may change places.
    by_body = [sorted(comparable(some), key=lambda m: m.body_ids) for some in (live, replayed)]
    assert by_body[0] == by_body[1]


def shifted(message: Any, by_ns: int) -> Any:
    """Return the message with all of its times earlier by `by_ns`."""
    times = {
        key: getattr(message, key) - by_ns
        for key in ("captured_ns", "at_ns", "started_ns", "ended_ns")
        if getattr(message, key, None) is not None
    }
    return msgspec.structs.replace(message, **times)


def test_relevance_and_joints_are_recorded(tmp_path: Path) -> None:
    people = recording(motion((("rest", 0.5), ("right", 3.0), ("rest", 2.0))))
    record(tmp_path / "a.mcap", ReplaySource(people, pace=None))
    topics = {
        topic: [decode(data, "json") for data in messages]
        for topic, messages in messages_by_topic(tmp_path / "a.mcap").items()
        if topic in ("/prediction", "/relevance", "/action")
    }
    predicted = {m.captured_ns for m in topics["/prediction"]}
    explained = {m.captured_ns for m in topics["/relevance"]}
    # The source runs faster than real time, so newer requests replace older ones.
    assert explained <= predicted and len(explained) > len(predicted) / 4
    start, *_, end = topics["/action"]
    assert start.joints == [] and end.joints[0].joint == "HandRight"


def test_the_size_is_bounded(tmp_path: Path) -> None:
    long = recording(motion((("right", 40.0),)))
    recorder = Recorder(tmp_path / "a.mcap", "people", MIB)
    source = ReplaySource(long, pace=None)
    info = record_source(source, FakeRecognizer(), recorder, threading.Event())
    size = (tmp_path / "a.mcap").stat().st_size
    assert info.state == "finished" and "1 MiB" in info.note
    assert 0.7 * MIB < size <= MIB
    assert len(read_recording(tmp_path / "a.mcap").frames) == info.frames < len(long.frames)


def test_the_length_is_bounded(tmp_path: Path) -> None:
    info = record(tmp_path / "a.mcap", ReplaySource(recording(), pace=None), seconds=1.0)
    assert (info.state, info.frames) == ("finished", 31)
    assert "asked for" in info.note or info.note == ""


class Faulty:
    """A source that is lost after a few frames."""

    name, kind, note = "cam", "test", ""

    def frames(self) -> Any:
        yield from frames(motion())[:20]
        raise SensorError("the cable is out")

    def close(self) -> None: ...


def test_a_recording_of_a_source_that_fails_is_failed_and_kept(tmp_path: Path) -> None:
    states: list[State | str] = []
    recorder = Recorder(tmp_path / "a.mcap", "cam", MIB)
    info = record_source(
        Faulty(), FakeRecognizer(), recorder, threading.Event(), lambda _, s: states.append(s)
    )
    assert (info.state, info.note, info.frames) == ("failed", "the cable is out", 20)
    assert len(read_recording(tmp_path / "a.mcap").frames) == 20


def test_a_stopped_recording_is_a_complete_file(tmp_path: Path) -> None:
    stopping = threading.Event()

    class Endless(ReplaySource):
        def frames(self) -> Any:
            for frame in super().frames():
                yield frame
                if frame.sequence == 60:
                    stopping.set()

    source = Endless(recording(), pace=None, loop=True)
    recorder = Recorder(tmp_path / "a.mcap", "people", 64 * MIB)
    info = record_source(source, FakeRecognizer(), recorder, stopping)
    assert info.state == "finished" and info.frames >= 61
    topics = messages_by_topic(tmp_path / "a.mcap")
    actions = [json.loads(a) for a in topics["/action"]]
    assert [a["phase"] for a in actions if a["phase"] != "update"][-1] == "end"
    assert json.loads(topics["/status"][-1])["stream"]["state"] == "ended"
    assert isinstance(read_recording(tmp_path / "a.mcap").frames[0], Frame)
