"""Streams in the inference process get the same labels, and survive the death of the process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from models.card import CARD_FILE, DEFAULT_MODEL
from models.gallery.demo_source import demo_recording
from models.gallery.exemplars import load_exemplars
from models.inference.recognizer import Recognizer
from sensor.skeleton import Frame
from service.engine.ports import Observer
from service.engine.remote.engine import RemoteEngine
from service.engine.remote.orders import setup_of
from service.publish.bus import Bus
from service.settings import load_settings
from service.wire.binary_frames import encode_frames
from service.wire.message_building import action_id
from tests.fakes.house import House, running

pytestmark = pytest.mark.skipif(
    not (DEFAULT_MODEL / CARD_FILE).exists(), reason="the shipped model is not here"
)
FPS30_NS = 33_333_333
READ = "/ws?messages=prediction,action,status,frame,relevance"


@pytest.fixture(scope="module")
def model() -> Recognizer:
    return Recognizer(device="cpu", threads=1)


@pytest.fixture(scope="module")
def house(model: Recognizer) -> Iterator[House]:
    with running(model=model, inference="process", threads=1, device="cpu", catch_up=1000) as made:
        yield made


@pytest.fixture(scope="module")
def moves(model: Recognizer) -> list[Frame]:
    exemplars = load_exemplars(DEFAULT_MODEL, model.card)
    assert exemplars is not None
    return [frame for frame in demo_recording(exemplars).frames if len(frame.bodies) == 1]


def engine(house: House) -> RemoteEngine:
    far = house.live.engine.far
    assert isinstance(far, RemoteEngine)
    return far


def push(socket: ClientConnection, frames: list[Frame], first: int = 0) -> None:
    """Send frames with even times, four in each message, as fast as they are read."""
    made = [
        Frame("s", first + i, 10**12 + (first + i) * FPS30_NS, frame.bodies, frame.layout)
        for i, frame in enumerate(frames)
    ]
    for at in range(0, len(made), 4):
        socket.send(encode_frames(made[at : at + 4]))


def read_until(reader: ClientConnection, until: Callable[[dict[str, Any]], bool]) -> list[Any]:
    """Return all messages up to the one for which `until` is true."""
    messages = []
    end_s = time.monotonic() + 30
    while time.monotonic() < end_s:
        messages.append(json.loads(reader.recv(30)))
        if until(messages[-1]):
            return messages
    raise AssertionError(f"the message did not come; the last was {messages[-1]}")


def ended(message: dict[str, Any]) -> bool:
    return bool(message["type"] == "status" and message["stream"]["state"] == "ended")


def after(sequence: int) -> Callable[[dict[str, Any]], bool]:
    """Return a function that finds predictions of later frames."""
    return lambda m: m["type"] == "prediction" and m["sequence"] > sequence


def messages_of(house: House, name: str, frames: list[Frame]) -> list[Any]:
    """Push frames to a stream; return the messages that a subscriber gets until its end."""
    with house.connect(f"{READ}&streams={name}", max_queue=None) as reader:
        reader.recv(10)
        with house.connect(f"/ws/push/{name}") as socket:
            push(socket, frames)
        return read_until(reader, ended)


def test_labels_equal_those_of_the_inference_thread(
    house: House, moves: list[Frame], model: Recognizer
) -> None:
    frames = moves[:600]
    there = messages_of(house, "there", frames)
    with running(model=model, inference="thread", catch_up=1000) as other:
        here = messages_of(other, "here", frames)

    def labels(messages: list[Any]) -> dict[int, Any]:
        return {
            m["sequence"]: (m["label"], m["probabilities"])
            for m in messages
            if m["type"] == "prediction"
        }

    # A subscriber gets only the newest prediction, so some are missing here or there.
    one, other_one = labels(there), labels(here)
    both = one.keys() & other_one.keys()
    assert len(both) > 100 and all(one[n] == other_one[n] for n in both)
    starts = [m["label"] for m in there if m["type"] == "action" and m["phase"] == "start"]
    assert len(starts) > 2 and starts == [
        m["label"] for m in here if m["type"] == "action" and m["phase"] == "start"
    ]
    assert {m["type"] for m in there} >= {"frame", "relevance"}


def test_an_action_ends_before_its_stream(house: House, moves: list[Frame]) -> None:
    messages: list[Any] = []
    with house.connect(f"{READ}&streams=cut", max_queue=None) as reader:
        reader.recv(10)
        with house.connect("/ws/push/cut") as socket:
            sent = 0
            while not [m for m in messages if m["type"] == "action" and m["phase"] == "start"]:
                push(socket, moves[sent : sent + 8], sent)
                sent += 8
                messages += read_until(reader, after(sent - 8)) if sent > 8 else []
        messages += read_until(reader, ended)
    phases = [m["phase"] for m in messages if m["type"] == "action" and m["phase"] != "update"]
    assert phases == ["start", "end"]


def test_an_action_in_the_process_is_explained(house: House, moves: list[Frame]) -> None:
    messages = messages_of(house, "told", moves[:240])
    end = next(m for m in messages if m["type"] == "action" and m["phase"] == "end")
    id = action_id("told", end["body_ids"][0], end["started_ns"])
    reply = house.http.get(f"/actions/{id}/why", timeout=60)
    assert reply.status_code == 200, reply.text
    assert reply.json()["label"] == end["label"] and not reply.json()["in_progress"]
    assert house.http.get("/actions/told:1:5/why").status_code == 404


def test_a_name_is_free_again_as_soon_as_its_pusher_has_left(
    house: House, moves: list[Frame]
) -> None:
    for turn in range(3):
        with house.connect("/ws/push/again") as socket:
            push(socket, moves[:40], 40 * turn)
    streams = {s["name"] for s in house.http.get("/streams").json()["streams"]}
    assert "again" not in streams


def test_counts_health_and_metrics_come_from_the_process(house: House, moves: list[Frame]) -> None:
    with house.connect("/ws/push/counted") as socket:
        push(socket, moves[:80])
        end_s = time.monotonic() + 10
        found: dict[str, Any] = {}
        while found.get("frames") != 80 and time.monotonic() < end_s:
            streams = house.http.get("/streams").json()["streams"]
            found = next(s for s in streams if s["name"] == "counted")
        assert found["frames"] == 80 and found["predictions"] >= 15 and found["state"] == "live"
    assert house.http.get("/health").json()["ok"] is True
    assert 'jointwise_stage_seconds_count{stage="model"}' in house.http.get("/metrics").text


@pytest.mark.skipif(sys.platform == "win32", reason="kills the process with a POSIX signal")
def test_a_process_that_dies_is_restarted_and_all_actions_end(
    house: House, moves: list[Frame]
) -> None:
    with house.connect(f"{READ}&streams=brave", max_queue=None) as reader, house.connect(
        "/ws/push/brave"
    ) as socket:  # fmt: skip
        reader.recv(10)
        sent = 0
        messages: list[Any] = []
        while not any(m["type"] == "action" and m["phase"] == "start" for m in messages):
            push(socket, moves[sent : sent + 60], sent)
            sent += 60
            messages += read_until(reader, after(sent - 5))
        first = engine(house).pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        messages += read_until(
            reader, lambda m: m["type"] == "status" and m["stream"]["state"] == "failed"
        )
        phases = [m["phase"] for m in messages if m["type"] == "action" and m["phase"] != "update"]
        assert phases.count("start") == phases.count("end")
        ends = [m for m in messages if m["type"] == "action" and m["phase"] == "end"]
        assert all(m["started_ns"] <= m["ended_ns"] <= m["at_ns"] for m in ends)
        assert house.http.get("/health").status_code == 503
        end_s = time.monotonic() + 20
        while not engine(house).alive and time.monotonic() < end_s:
            time.sleep(0.05)
        push(socket, moves[sent : sent + 60], sent)
        again = read_until(reader, after(sent))
        states = [m["stream"] for m in again if m["type"] == "status"]
        assert [(stream["state"], stream["note"]) for stream in states] == [("live", "")]
        assert engine(house).pid != first


def test_the_process_ends_with_the_service(model: Recognizer) -> None:
    with running(model=model, inference="process", threads=1) as made:
        pid = engine(made).pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_stop_during_the_start_of_the_process_does_not_wait_for_it(model: Recognizer) -> None:
    async def go() -> float:
        setup = setup_of(load_settings({"device": "cpu"}, {}), 90)
        bus = Bus()
        engine = RemoteEngine(setup, bus, Observer())
        opening = asyncio.ensure_future(engine.open())
        while engine.pid is None:
            await asyncio.sleep(0.01)
        begun_s = time.monotonic()
        await engine.close()
        with contextlib.suppress(RuntimeError):
            await opening
        return time.monotonic() - begun_s

    assert asyncio.run(go()) < 20
