from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed

from sensor.cameras.replay import ReplaySource
from service.wire.encoding import decode
from service.wire.messages import ActionMessage, Hello, PredictionMessage, RelevanceMessage
from tests.fakes.house import House, running, wire
from tests.fakes.message_list import phases, relevance_messages
from tests.fakes.people import frames, motion, recording


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running() as house:
        yield house


def pushed(captured_ns: int, joints_m: Any) -> str:
    body = {"id": 1, "joints_m": joints_m.tolist()}
    return json.dumps({"type": "frame", "captured_ns": captured_ns, "bodies": [body]})


def test_hello_comes_first(house: House) -> None:
    with house.connect("/ws") as socket:
        hello = decode(socket.recv(), "json")
    assert isinstance(hello, Hello)
    assert hello.model.labels == ["background", "raise_right", "raise_left"]
    assert hello.layout.name == "kinect-v2" and len(hello.layout.joints) == 25


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("messages=nonsense", "messages"),
        ("encoding=xml", "encoding"),
        ("max_hz=often", "max_hz"),
        ("stream=hall", "stream"),
        ("messages=" + "%E2%82%AC" * 100, "messages"),
        ("%E2%82%AC" * 100 + "=1", "\N{EURO SIGN}" * 100),
    ],
)
def test_a_bad_query_gets_an_error_and_is_closed(house: House, query: str, field: str) -> None:
    with house.connect(f"/ws?{query}") as socket:
        told = json.loads(socket.recv())
        assert (told["type"], told["field"]) == ("error", field)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv()
    close = closed.value.rcvd
    assert close is not None and close.code == 1008 and told["text"].startswith(close.reason)


def test_pushed_frames_come_back_as_labels(house: House) -> None:
    with (
        house.connect("/ws?messages=action,prediction,relevance&streams=desk") as reader,
        house.connect("/ws/push/desk") as writer,
    ):
        reader.recv()
        for frame in frames(motion()):
            writer.send(pushed(frame.captured_ns, frame.bodies[0].joints_m))
        got = []
        while len(phases(got)) < 4:
            got.append(decode(reader.recv(), "json"))
    assert phases(got) == [
        ("start", "raise_right"),
        ("end", "raise_right"),
        ("start", "raise_left"),
        ("end", "raise_left"),
    ]
    assert not any(m.joints for m in got if isinstance(m, ActionMessage) and m.phase == "start")
    assert any(isinstance(m, PredictionMessage) for m in got)


def test_relevance_and_joints_follow_the_label() -> None:
    with (
        running() as house,
        house.connect("/ws?messages=action,relevance&streams=why") as reader,
        house.connect("/ws/push/why") as writer,
    ):
        reader.recv()
        for frame in frames(motion((("rest", 0.5), ("right", 2.0)))):
            writer.send(pushed(frame.captured_ns, frame.bodies[0].joints_m))
        got = [decode(reader.recv(20), "json")]
        while not (isinstance(got[-1], ActionMessage) and got[-1].joints):
            got.append(decode(reader.recv(20), "json"))
        assert got[-1].phase == "update" and got[-1].joints[0].joint == "HandRight"
        while not isinstance(got[-1], RelevanceMessage):
            got.append(decode(reader.recv(20), "json"))
        text = house.http.get("/metrics").text
    explained = relevance_messages(got)
    assert all(abs(m.relevance.residual) < 1e-5 for m in explained)
    assert 'jointwise_stage_seconds_count{stage="relevance"}' in text
    assert "jointwise_relevance_total" in text and "jointwise_relevance_dropped_total" in text


def test_msgpack_both_ways(house: House) -> None:
    with (
        house.connect("/ws?encoding=msgpack&messages=status&streams=msgpack") as reader,
        house.connect("/ws/push/msgpack") as writer,
    ):
        assert isinstance(decode(reader.recv(), "msgpack"), Hello)
        body = {"id": 1, "joints_m": motion()[0].tolist()}
        writer.send(msgspec.msgpack.encode({"captured_ns": 1, "bodies": [body]}))
        assert msgspec.msgpack.decode(reader.recv())["stream"]["state"] == "live"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ("nonsense", ""),
        ('{"bodies": [], "captured_ns": true}', "captured_ns"),
        ('{"bodies": [{"id": 1, "joints_m": []}], "captured_ns": 1}', "bodies[0].joints_m"),
        ('{"bodies": [], "captured_ns": 1, "layout": "x"}', "layout"),
    ],
)
def test_a_bad_push_gets_an_error_and_is_closed(house: House, data: str, field: str) -> None:
    # Each case has its own name, since the service may still be closing the previous stream.
    with house.connect(f"/ws/push/bad-{len(data)}") as writer:
        writer.send(data)
        told = json.loads(writer.recv())
        assert (told["type"], told["field"]) == ("error", field)
        with pytest.raises(ConnectionClosed):
            writer.recv()


def test_a_push_too_large_is_refused() -> None:
    with running(push_kib=1) as house, house.connect("/ws/push/desk") as writer:
        writer.send("x" * 2000)
        assert "1 KiB" in json.loads(writer.recv())["text"]


def test_a_silent_pusher_is_disconnected() -> None:
    with (
        running(push_idle_s=0.01) as house,
        house.connect("/ws/push/desk") as writer,
    ):
        assert "nothing came" in json.loads(writer.recv())["text"]


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("desk", 1013, "choose another name"),
        ("No", 1008, "a-z"),
        ("", 1008, "a-z"),
        ("a/b", 1008, "a-z"),
        ("a" * 65, 1008, "1 to 64"),
        ("%C3%A9", 1008, "a-z"),
    ],
)
def test_a_taken_or_invalid_stream_name_is_refused(
    house: House, name: str, code: int, reason: str
) -> None:
    with house.connect("/ws/push/desk"), house.connect(f"/ws/push/{name}") as second:
        told = json.loads(second.recv())
        assert told["field"] == "stream" and reason in told["text"]
        with pytest.raises(ConnectionClosed) as closed:
            second.recv()
    close = closed.value.rcvd
    assert close is not None and close.code == code and reason in close.reason


def test_limits_of_streams_and_subscribers() -> None:
    with running(max_streams=1, max_subscribers=1) as house:
        with house.connect("/ws/push/a"), house.connect("/ws/push/b") as more:
            assert json.loads(more.recv())["type"] == "error"
        with house.connect("/ws") as one, house.connect("/ws") as two:
            assert json.loads(one.recv())["type"] == "hello"
            assert json.loads(two.recv())["type"] == "error"


def test_a_source_is_read_to_its_end() -> None:
    source = ReplaySource(recording(), pace=None)
    with running(source) as house, house.connect("/ws?messages=status") as socket:
        states = [s["state"] for s in json.loads(socket.recv())["streams"]]
        while "ended" not in states:
            states.append(json.loads(socket.recv())["stream"]["state"])
        actions = house.http.get("/actions").json()["actions"]
        (stream,) = house.http.get("/streams").json()["streams"]
    assert stream["state"] == "ended" and stream["frames"] == 195
    assert [a["phase"] for a in actions[:2]] == ["start", "end"]
    start, end = actions[:2]
    offset_ns = time.time_ns() - time.monotonic_ns()
    for action, names in ((start, ["at", "started"]), (end, ["at", "started", "ended"])):
        for name in names:
            apart_ns = action[f"{name}_unix_ns"] - action[f"{name}_ns"]
            assert abs(apart_ns - offset_ns) < 1_000_000_000
    assert start["ended_unix_ns"] is None


def test_sources_with_the_same_name_get_different_names() -> None:
    twice = [ReplaySource(recording()), ReplaySource(recording())]
    live, _, _ = wire(twice)
    assert [s.name for s in live.engine.streams()] == ["people", "people-2"]


def test_state_routes(house: House) -> None:
    assert house.http.get("/health").json()["ok"] is True
    assert house.http.get("/ready").status_code == 200
    model = house.http.get("/model").json()
    assert (model["card"]["id"], model["provider"], model["exemplars"]) == ("fake", "fake", False)
    assert house.http.get("/exemplars").json() == {"labels": []}
    missing = house.http.get("/exemplars/0")
    assert missing.status_code == 404 and "no exemplar" in missing.json()["error"]
    assert house.http.get("/exemplars/x").status_code == 422
    assert "jointwise_subscribers 0.0" in house.http.get("/metrics").text


def test_an_unknown_path_answers_json(house: House) -> None:
    answer = house.http.get("/nonsense/at/all")
    assert answer.status_code == 404 and "error" in answer.json()


def test_a_dead_inference_thread_is_unhealthy() -> None:
    with running() as house:
        house.live.engine.near.stop()
        assert house.http.get("/health").status_code == 503


def test_metrics_count_streams_and_stages(house: House) -> None:
    with (
        house.connect("/ws?messages=action") as reader,
        house.connect("/ws/push/desk") as writer,
    ):
        reader.recv()
        for frame in frames(motion()):
            writer.send(pushed(frame.captured_ns, frame.bodies[0].joints_m))
        reader.recv()
        text = house.http.get("/metrics").text
    assert 'jointwise_frames_total{stream="desk"}' in text
    assert 'jointwise_stage_seconds_count{stage="model"}' in text
    assert "jointwise_subscribers 1.0" in text
