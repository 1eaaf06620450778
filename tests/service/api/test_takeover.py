"""A pusher with the same token has its stream back at once; one with another token never."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from service.engine.ports import FrameSink
from service.errors import ClientError
from service.ingest.pushers import Pushers
from service.wire.binary_frames import encode_frames
from tests.fakes.house import House, running
from tests.fakes.people import frames, motion


@pytest.fixture(scope="module", params=["thread", "process"])
def guarded(request: pytest.FixtureRequest) -> Iterator[House]:
    far = {} if request.param == "thread" else {"inference": "process", "device": "cpu"}
    with running(subscribe_token="read", push_token="push", max_streams=2, **far) as house:
        yield house


def push(house: House, name: str = "hall") -> Any:
    return house.connect(f"/ws/push/{name}", additional_headers={"Authorization": "Bearer push"})


def stream(house: House, name: str) -> dict[str, Any]:
    headers = {"Authorization": "Bearer read"}
    streams = house.http.get("/streams", headers=headers).json()["streams"]
    return next((s for s in streams if s["name"] == name), {})


def comes(house: House, name: str, count: int) -> bool:
    """Tell whether a stream is live with this number of frames, within some seconds."""
    end_s = time.monotonic() + 10
    found: dict[str, Any] = {}
    while time.monotonic() < end_s and (found.get("frames"), found.get("state")) != (count, "live"):
        found = stream(house, name)
    return found.get("frames") == count


def test_the_same_token_takes_over_its_stream_at_once(guarded: House) -> None:
    moves = frames(motion())
    with push(guarded) as lost, push(guarded, "other") as other:  # the limit of streams is reached
        other.send(encode_frames(moves[:1]))
        lost.send(encode_frames(moves[:3]))
        assert comes(guarded, "hall", 3)
        begun_s = time.monotonic()
        with push(guarded) as again:
            again.send(encode_frames(moves[:5]))
            assert comes(guarded, "hall", 5) and time.monotonic() - begun_s < 5
            told = json.loads(lost.recv(10))
            assert told["field"] == "stream" and "taken over" in told["text"]
            with pytest.raises(ConnectionClosed) as closed:
                lost.recv(10)
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008
            again.send(encode_frames(moves[5:7]))
            assert comes(guarded, "hall", 7)
        assert stream(guarded, "other")["frames"] == 1
    end_s = time.monotonic() + 10
    while stream(guarded, "hall") and time.monotonic() < end_s:
        pass
    assert not stream(guarded, "hall")


class Sink:
    """A stream whose name is free again some turns of the loop after `remove`."""

    def __init__(self, taken: set[str], name: str) -> None:
        self.name = name
        self._taken = taken
        taken.add(name)

    def remove(self) -> None:
        asyncio.get_running_loop().call_later(0.01, self._taken.discard, self.name)


def test_another_token_or_none_takes_nothing_over() -> None:
    async def scene() -> None:
        taken = {"camera"}

        def add(name: str) -> FrameSink:
            if name in taken:
                raise ValueError(f"a stream named {name} is open already")
            sink: Any = Sink(taken, name)
            return sink

        pushers = Pushers(add, lambda: len(taken), 3)
        dismissed: list[Exception] = []
        first = await pushers.open("hall", "a", dismissed.append)
        for owner in ("b", None):
            with pytest.raises(ClientError, match="choose another name"):
                await pushers.open("hall", owner, dismissed.append)
        with pytest.raises(ClientError, match="choose another name"):
            await pushers.open("camera", "a", dismissed.append)  # a source of the service
        open_one = await pushers.open("open", None, dismissed.append)
        with pytest.raises(ClientError):
            await pushers.open("open", None, dismissed.append)
        assert not dismissed
        second = await pushers.open("hall", "a", dismissed.append)
        assert second is not first and [str(reason) for reason in dismissed] == [
            "another pusher with the same token has taken over"
        ]
        pushers.close("hall", first)  # the lost one ends late
        await asyncio.sleep(0.02)
        assert taken == {"camera", "hall", "open"}
        pushers.close("hall", second)
        pushers.close("open", open_one)
        await asyncio.sleep(0.02)
        assert taken == {"camera"}

    asyncio.run(scene())
