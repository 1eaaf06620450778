from __future__ import annotations

import errno
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
from service.recording import foxglove_scene
from service.recording.mcap_topics import plain_schema
from service.recording.record_source import record_source
from service.recording.recorder import LINGER_S, Recorder
from service.wire.encoding import decode
from service.wire.messages import (
    ActionMessage,
    FrameMessage,
    PredictionMessage,
    RelevanceMessage,
    StatusMessage,
    StreamInfo,
)
from tests.fakes.full_disk import FullDisk
from tests.fakes.outlet import offline, said
from tests.fakes.people import frames, motion, recording
from tests.fakes.recognizer import FakeRecognizer

reader = pytest.importorskip("mcap.reader", reason="needs the record extra (mcap)")

MIB = 1024 * 1024


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def recorded(path: Path) -> dict[str, list[Any]]:
    """The messages of each topic, by the stock reader."""
    found: dict[str, list[Any]] = {}
    with path.open("rb") as file:
        for _, channel, message in reader.make_reader(file, validate_crcs=True).iter_messages():
            found.setdefault(channel.topic, []).append(message.data)
    return found


def run(path: Path, source: Any, model: Any = None, **options: Any) -> Any:
    recorder = Recorder(path, source.name, 64 * MIB, **options)
    return record_source(source, model or FakeRecognizer(), recorder, threading.Event())


def test_a_replay_says_what_live_said(tmp_path: Path) -> None:
    people = recording(
        motion(layout=AZURE_KINECT),
        motion((("left", 2.0), ("rest", 1.0), ("right", 2.0)), AZURE_KINECT),
        layout=AZURE_KINECT,
    )
    info = run(tmp_path / "a.mcap", ReplaySource(people, pace=None))
    assert (info.state, info.frames, info.stream) == ("finished", len(people.frames), "people")
    found = read_recording(tmp_path / "a.mcap")
    assert found.layout is AZURE_KINECT
    for before, after in zip(people.frames, found.frames, strict=True):
        assert before.captured_ns == after.captured_ns
        assert [b.id for b in before.bodies] == [b.id for b in after.bodies]
        for a, b in zip(before.bodies, after.bodies, strict=True):
            assert np.array_equal(a.joints_m, b.joints_m)
            assert np.array_equal(a.confidence, b.confidence)
    topics = recorded(tmp_path / "a.mcap")
    live = [
        shifted(decode(data, "json"), json.loads(topics["/frame"][0])["captured_ns"])
        for topic in ("/prediction", "/action")
        for data in topics[topic]
    ]
    again = offline(FakeRecognizer(), found.frames, "people")
    replayed = [m for kind in (PredictionMessage, ActionMessage) for m in again if type(m) is kind]
    assert len(live) > 50
    # The stock reader sorts by time, so what is said of two people at one moment may change places.
    by_body = [sorted(said(some), key=lambda m: m.body_ids) for some in (live, replayed)]
    assert by_body[0] == by_body[1]


def shifted(message: Any, by_ns: int) -> Any:
    times = {
        key: getattr(message, key) - by_ns
        for key in ("captured_ns", "at_ns", "started_ns", "ended_ns")
        if getattr(message, key, None) is not None
    }
    return msgspec.structs.replace(message, **times)


def test_a_recording_wants_relevance(tmp_path: Path) -> None:
    people = recording(motion((("rest", 0.5), ("right", 3.0), ("rest", 2.0))))
    run(tmp_path / "a.mcap", ReplaySource(people, pace=None))
    topics = {
        topic: [decode(data, "json") for data in messages]
        for topic, messages in recorded(tmp_path / "a.mcap").items()
        if topic in ("/prediction", "/relevance", "/action")
    }
    predicted = {m.captured_ns for m in topics["/prediction"]}
    explained = {m.captured_ns for m in topics["/relevance"]}
    # Read faster than real time, so that two come at once and the newer wins.
    assert explained <= predicted and len(explained) > len(predicted) / 4
    start, *_, end = topics["/action"]
    assert start.joints == [] and end.joints[0].joint == "HandRight"


def test_the_file_has_what_foxglove_needs(tmp_path: Path) -> None:
    run(tmp_path / "a.mcap", ReplaySource(recording(), pace=None))
    with (tmp_path / "a.mcap").open("rb") as file:
        summary = reader.make_reader(file).get_summary()
    names = {c.topic: summary.schemas[c.schema_id].name for c in summary.channels.values()}
    assert names == {
        "/frame": "jointwise.Frame",
        "/prediction": "jointwise.Prediction",
        "/relevance": "jointwise.Relevance",
        "/action": "jointwise.Action",
        "/status": "jointwise.Status",
        "/scene": "foxglove.SceneUpdate",
    }
    for schema in summary.schemas.values():
        assert schema.encoding == "jsonschema"
        foxglove_can_read(json.loads(schema.data))
    assert {c.message_encoding for c in summary.channels.values()} == {"json"}


def foxglove_can_read(schema: dict[str, Any]) -> None:
    """What its parser of JSON Schemas takes; anything else it refuses, the topic with it."""
    assert schema["type"] in ("object", "array", "string", "number", "integer", "boolean")
    for field in schema.get("properties", {}).values():
        foxglove_can_read(field)
    if schema["type"] == "array":
        assert schema["items"]["type"] != "array"
        foxglove_can_read(schema["items"])


@pytest.mark.parametrize(
    "kind",
    [FrameMessage, PredictionMessage, RelevanceMessage, ActionMessage, StatusMessage],
    ids=str,
)
def test_schemas_are_plain(kind: type[msgspec.Struct]) -> None:
    schema = plain_schema(kind)
    foxglove_can_read(schema)
    assert set(schema["properties"]) <= {"type", *kind.__struct_fields__}
    assert len(schema["properties"]) >= 3


def test_the_scene_is_upright_and_leaves_out_what_is_not_seen() -> None:
    (frame,) = recording(motion((("rest", 0.04),))).frames
    message = json.loads(foxglove_scene.scene_json(frame, 5 * 10**9 + 7))
    (entity,) = message["entities"]
    assert entity["timestamp"] == {"sec": 5, "nsec": 7}
    body = frame.bodies[0]
    assert len(entity["spheres"]) == len(frame.layout.joints)
    x, y, z = body.joints_m[frame.layout.index["Head"]]
    points = entity["lines"][0]["points"]
    head = points[frame.layout.index["Head"]]
    assert head == pytest.approx({"x": z, "y": x, "z": y}, abs=6e-4)
    assert len(entity["lines"][0]["indices"]) == 2 * len(frame.layout.bones)
    assert set(message["entities"][0]) == set(
        foxglove_scene.SCHEMA["properties"]["entities"]["items"]["properties"]
    ) | {"metadata"}


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
    info = run(tmp_path / "a.mcap", ReplaySource(recording(), pace=None), seconds=1.0)
    assert (info.state, info.frames) == ("finished", 31)
    assert "asked for" in info.note or info.note == ""


def test_a_stream_that_ends_ends_its_recording_after_what_is_still_said(tmp_path: Path) -> None:
    clock = Clock()
    recorder = Recorder(tmp_path / "a.mcap", "people", MIB, clock_s=clock)
    made = frames(motion())
    recorder.put(made[0])
    recorder.put(StatusMessage(StreamInfo("people", "test", "ended"), 1))
    assert not recorder.step()
    last = ActionMessage("people", [1], "wave", "end", 5, 1, 0.5, [])
    recorder.put(last)
    recorder.put(made[1])
    clock.now_s += LINGER_S
    assert not recorder.step()
    recorder.run()
    info = recorder.info()
    assert (info.state, info.note, info.frames) == ("finished", "the stream has ended", 1)
    assert len(recorded(tmp_path / "a.mcap")["/action"]) == 1


def test_a_disk_too_slow_ends_the_recording_and_never_blocks(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mcap", "people", MIB, capacity=10)
    for frame in frames(motion()):
        recorder.put(frame)  # nobody writes
    assert recorder.backlog == 10
    recorder.run()
    info = recorder.info()
    assert info.state == "failed" and "slower" in info.note and "\n" not in info.note
    assert len(read_recording(tmp_path / "a.mcap").frames) == 10


@pytest.mark.parametrize(
    ("code", "text"), [(errno.ENOSPC, "the disk is full"), (errno.EIO, "refused")]
)
def test_a_full_disk_is_one_clear_status(
    tmp_path: Path, code: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    recorder = Recorder(tmp_path / "a.mcap", "people", 64 * MIB, clock_s=clock)
    disk = FullDisk(recorder._file._file, 80_000)
    disk.code = code
    recorder._file._sink._file = disk
    recorder.put(frames(motion())[0])
    with pytest.raises(OSError):
        for frame in frames(motion()):
            recorder.put(frame)
            clock.now_s += 1
            recorder.step()
    recorder.finish()
    recorder.put(frame)
    recorder.run()
    info = recorder.info()
    assert info.state == "failed"
    assert text in info.note and "kept" in info.note and len(caplog.records) == 1
    assert len(read_recording(tmp_path / "a.mcap").frames) > 5


class Faulty:
    """A source that is lost after a few frames."""

    name, kind, note = "cam", "test", ""

    def frames(self) -> Any:
        yield from frames(motion())[:20]
        raise SensorError("the cable is out")

    def close(self) -> None: ...


def test_a_source_that_fails_fails_the_recording_and_keeps_it(tmp_path: Path) -> None:
    states: list[State | str] = []
    recorder = Recorder(tmp_path / "a.mcap", "cam", MIB)
    info = record_source(
        Faulty(), FakeRecognizer(), recorder, threading.Event(), lambda _, s: states.append(s)
    )
    assert (info.state, info.note, info.frames) == ("failed", "the cable is out", 20)
    assert len(read_recording(tmp_path / "a.mcap").frames) == 20


def test_stopping_gives_the_file_its_end(tmp_path: Path) -> None:
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
    topics = recorded(tmp_path / "a.mcap")
    actions = [json.loads(a) for a in topics["/action"]]
    assert [a["phase"] for a in actions if a["phase"] != "update"][-1] == "end"
    assert json.loads(topics["/status"][-1])["stream"]["state"] == "ended"
    assert isinstance(read_recording(tmp_path / "a.mcap").frames[0], Frame)
