"""A message with hostile content ends its own stream, and no neighbour loses a frame."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from service.wire.binary_frames import encode_frames
from tests.fakes.house import House, running
from tests.fakes.people import frames, motion


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running(push_fps=60, catch_up=1000) as house:
        yield house


def pushed(captured_ns: int, **more: Any) -> str:
    return json.dumps({"type": "frame", "captured_ns": captured_ns, "bodies": [], **more})


BODY = {"id": 2**53, "joints_m": [[0.0, 1.0, float("nan")]] * 25}
HOSTILE = {
    "surrogate": [pushed(1, truth="\ud800", x=float("nan"))],
    "surrogate-layout": [pushed(1, layout="\ud800", x=float("nan"))],
    "surrogate-type": [pushed(1, type="\ud800", x=float("nan"))],
    "huge": [pushed(10**30)],
    "far-apart": [pushed(-(2**62)), pushed(2**62)],
    "far-body": [pushed(-(2**62), bodies=[BODY]), pushed(2**62, bodies=[BODY])],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_refused_and_neighbours_lose_nothing(house: House, name: str) -> None:
    moves = frames(motion())[:60]
    with (
        house.connect(f"/ws?messages=frame,status&streams={name}", max_queue=None) as reader,
        house.connect("/ws/push/neighbour") as neighbour,
    ):
        reader.recv()
        for frame in moves[:30]:
            neighbour.send(encode_frames([frame]))
        with house.connect(f"/ws/push/{name}") as bad:
            for data in HOSTILE[name]:
                bad.send(data)
            assert json.loads(bad.recv(10))["type"] == "error"
            with pytest.raises(ConnectionClosed):
                bad.recv(10)
        for frame in moves[30:]:
            neighbour.send(encode_frames([frame]))
        end_s = time.monotonic() + 20
        info: dict[str, Any] = {}
        while info.get("frames") != 60 and time.monotonic() < end_s:
            streams = house.http.get("/streams").json()["streams"]
            info = next(s for s in streams if s["name"] == "neighbour")
        assert (info["frames"], info["dropped"], info["state"]) == (60, 0, "live")
    while any(s["name"] == "neighbour" for s in house.http.get("/streams").json()["streams"]):
        assert time.monotonic() < end_s


def test_a_pusher_above_the_limit_is_slowed_down_and_loses_nothing(house: House) -> None:
    moves = frames(motion())[:120]
    begun_s = time.monotonic()
    with house.connect("/ws/push/fast") as fast:
        for frame in moves:
            fast.send(encode_frames([frame]))
        info: dict[str, Any] = {}
        while info.get("frames") != 120 and time.monotonic() < begun_s + 20:
            streams = house.http.get("/streams").json()["streams"]
            info = next(s for s in streams if s["name"] == "fast")
        took_s = time.monotonic() - begun_s
        assert info["frames"] == 120 and took_s > 0.9  # a second's frames may come at once
