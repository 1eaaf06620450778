"""Recordings of a running service: started, stopped, listed and fetched over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest

from sensor.block import Block
from sensor.cameras.replay import ReplaySource
from sensor.formats import read_recording
from sensor.skeleton import Frame
from service.publish.bus import Bus
from service.recording.library import Recordings
from service.recording.recorder import Recorder
from service.wire.encoding import decode
from service.wire.messages import ActionMessage, Message, PredictionMessage
from tests.fakes.full_disk import FullDisk
from tests.fakes.house import House, running
from tests.fakes.message_list import comparable, offline_messages, phases
from tests.fakes.people import frames, motion, recording
from tests.fakes.recordings import start_recording, wait_for_state
from tests.service.api.test_app import pushed

pytest.importorskip("mcap", reason="needs the record extra (mcap)")


def test_a_stream_is_recorded_listed_and_fetched(house: House, folder: Path) -> None:
    assert house.http.get("/recordings").json() == {"enabled": True, "recordings": []}
    begun = start_recording(house)
    assert begun.status_code == 201
    name = begun.json()["name"]
    assert name.startswith("people-") and begun.json()["state"] == "recording"
    assert start_recording(house).status_code == 409
    early = house.http.get(f"/recordings/{name}")
    assert early.status_code == 409 and "stop it first" in early.json()["error"]
    while not house.http.get("/recordings").json()["recordings"][0]["frames"]:
        pass
    stopped = house.http.delete(f"/recordings/{name}")
    assert stopped.status_code == 200 and stopped.json()["state"] == "finished"
    assert house.http.delete(f"/recordings/{name}").status_code == 409
    fetched = house.http.get(f"/recordings/{name}")
    assert fetched.content == (folder / name).read_bytes()
    assert f'filename="{name}"' in fetched.headers["content-disposition"]
    assert len(read_recording(fetched.content).frames) == stopped.json()["frames"]
    upload = house.http.post("/clips", files={"file": (name, fetched.content)})
    assert upload.status_code == 200 and upload.json()["format"] == "mcap"


def test_a_replay_of_a_pushed_session_gets_the_live_labels(house: House, folder: Path) -> None:
    made = frames(motion())
    with (
        house.connect("/ws?messages=action,prediction&streams=desk") as reader,
        house.connect("/ws/push/desk") as writer,
    ):
        reader.recv()
        pause = threading.Event()
        while "desk" not in {s.name for s in house.live.engine.streams()}:
            pause.wait(0.01)
        name = start_recording(house, "desk").json()["name"]
        for frame in made:
            message = json.loads(pushed(frame.captured_ns, frame.bodies[0].joints_m))
            writer.send(json.dumps({**message, "sequence": frame.sequence}))
        live: list[Message] = []
        while phases(live).count(("end", "raise_left")) < 1:
            live.append(decode(reader.recv(20), "json"))
    ended = wait_for_state(house, name, "finished")
    assert (ended["note"], ended["frames"]) == ("the stream has ended", len(made))
    again = offline_messages(house.live.model, read_recording(folder / name).frames)
    assert bare_actions(live) == bare_actions(again)
    seen, rows = (
        {m.sequence: m.probabilities for m in some if isinstance(m, PredictionMessage)}
        for some in (live, again)
    )
    assert len(seen) > 5 and seen == {key: rows[key] for key in seen}


def bare_actions(messages: Iterable[Message]) -> list[tuple[str, str, float, int]]:
    return [
        (m.label, m.phase, m.confidence, m.at_ns - m.started_ns)
        for m in comparable(messages)
        if isinstance(m, ActionMessage)
    ]


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"nonsense", 422, "stream"),
        (b'{"stream": "people", "path": "/tmp/x"}', 422, "path"),
        (b'{"stream": "../../etc/passwd"}', 404, "no stream"),
        (b'{"stream": "people", "seconds": 0}', 422, "seconds"),
        (b'{"stream": "people", "seconds": 1e400}', 422, "seconds"),
        (b" " * 5000, 413, "nothing more"),
    ],
)
def test_a_bad_request_names_the_problem(
    house: House, folder: Path, body: bytes, status: int, named: str
) -> None:
    answer = house.http.post("/recordings", content=body)
    assert answer.status_code == status and named in answer.json()["error"]
    assert not list(folder.iterdir())


def test_the_number_of_recordings_at_once_is_limited(house: House) -> None:
    with (
        house.connect("/ws/push/a") as one,
        house.connect("/ws/push/b") as two,
    ):
        for socket in (one, two):
            socket.send(pushed(1, motion()[0]))
        assert start_recording(house).status_code == 201
        pause = threading.Event()
        while len(house.live.engine.streams()) < 3:
            pause.wait(0.01)
        assert start_recording(house, "a").status_code == 201
        answer = start_recording(house, "b")
    assert answer.status_code == 409 and "stop one first" in answer.json()["error"]


def test_a_recording_may_have_a_length(house: House) -> None:
    name = start_recording(house, seconds=0.3).json()["name"]
    ended = wait_for_state(house, name, "finished")
    assert ended["frames"] == 10 and "asked for" in ended["note"]


def test_only_the_push_token_starts_and_stops_recordings(folder: Path) -> None:
    tokens = {"subscribe_token": "read", "push_token": "write"}
    with running(ReplaySource(recording(), loop=True), recordings=folder, **tokens) as house:

        def ask(method: str, path: str, token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            body = b'{"stream": "people"}'
            return house.http.request(method, path, headers=headers, content=body).status_code

        assert ask("GET", "/recordings", "read") == 200
        assert ask("GET", "/recordings", "write") == 401
        assert ask("POST", "/recordings", "read") == 401
        assert ask("POST", "/recordings", "write") == 201
        (name,) = [path.name for path in folder.iterdir()]
        for method in ("GET", "DELETE"):
            assert ask(method, f"/recordings/{name}", "read") == 401
        assert ask("DELETE", f"/recordings/{name}", "write") == 200
        assert ask("GET", f"/recordings/{name}", "write") == 200


def test_another_site_cannot_start_a_recording(house: House, folder: Path) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = house.http.post("/recordings", json={"stream": "people"}, headers=headers)
    assert answer.status_code == 403 and not list(folder.iterdir())


def test_recording_is_off_without_a_folder() -> None:
    with running(ReplaySource(recording(), loop=True)) as house:
        assert house.http.get("/recordings").json() == {"enabled": False, "recordings": []}
        answer = start_recording(house)
        assert answer.status_code == 409 and "JOINTWISE_RECORDINGS" in answer.json()["error"]
        assert house.http.get("/recordings/x").status_code == 404


def test_a_full_disk_stops_the_recording_and_nothing_else(
    house: House, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = Recorder.start

    def on_a_full_disk(self: Recorder) -> None:
        self._file._sink._file = FullDisk(self._file._file, 120_000)
        started(self)

    monkeypatch.setattr(Recorder, "start", on_a_full_disk)
    name = start_recording(house).json()["name"]
    failed = wait_for_state(house, name, "failed")
    assert failed["note"] == "the disk is full; the recording until then is kept"
    assert read_recording(folder / name).frames
    with house.connect("/ws?messages=frame") as socket:
        socket.recv()
        assert json.loads(socket.recv(10))["type"] == "frame"
    assert house.http.get("/health").json()["unwell"] == []
    monkeypatch.setattr(Recorder, "start", started)
    assert start_recording(house).status_code == 201


def test_a_stuck_disk_does_not_delay_the_stream(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    monkeypatch.setattr(Recorder, "step", lambda self: free.wait(20) or True)
    start_recording(house)
    with house.connect("/ws?messages=action") as socket:
        socket.recv()
        got: list[Any] = []
        while len(phases(got)) < 2:
            got.append(decode(socket.recv(20), "json"))
    free.set()


def test_stopping_the_service_closes_the_files(folder: Path) -> None:
    with running(ReplaySource(recording(), loop=True), recordings=folder) as house:
        start_recording(house)
        while not house.http.get("/recordings").json()["recordings"][0]["frames"]:
            pass
    (path,) = folder.iterdir()
    from mcap.reader import make_reader

    with path.open("rb") as file:
        assert make_reader(file).get_summary() is not None


def test_frames_after_the_end_of_a_recording_cost_nothing(folder: Path) -> None:
    class Untouched:
        def frames(self) -> list[Frame]:
            raise AssertionError("the block was taken apart")

    recordings = Recordings(Bus(), folder, mib=64, most=3, at_once=2)
    recordings.stop(recordings.start("desk", {"desk"}).name)
    recordings.take_frames("desk", cast(Block, Untouched()))


def test_frames_are_recorded_as_they_were_captured(house: House, folder: Path) -> None:
    with house.connect("/ws/push/desk") as writer:
        writer.send(pushed(5, motion()[0]))
        pause = threading.Event()
        while not any(s.name == "desk" and s.frames for s in house.live.engine.streams()):
            pause.wait(0.01)
        name = start_recording(house, "desk").json()["name"]
        joints = motion()[0] / 3
        writer.send(pushed(5 + 33_333_333, joints))
        while house.http.get("/recordings").json()["recordings"][0]["frames"] != 1:
            pause.wait(0.01)
    wait_for_state(house, name, "finished")
    (frame,) = read_recording(folder / name).frames
    assert isinstance(frame, Frame) and (frame.bodies[0].joints_m == joints).all()
