"""The first few streams stay near, the others go far, and nobody notices."""

from __future__ import annotations

import asyncio

import pytest

from service.engine.engine import Engine
from service.engine.overflow import Engines
from service.wire.messages import PredictionMessage
from tests.fakes.outlet import Outlet, said
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import FakeRecognizer


class Far(Engine):
    """Stands for an engine in another process."""

    async def open(self) -> None:
        self.start()

    async def close(self) -> None:
        self.stop()


def engine(outlet: Outlet) -> Far:
    return Far(FakeRecognizer(), outlet, clock_ns=lambda: 10**12, catch_up=None)


def names(one: Engine | Engines) -> list[str]:
    return [info.name for info in one.streams()]


def test_the_first_streams_are_near_and_all_say_the_same() -> None:
    outlet = Outlet(wanted=False)
    near, far = engine(outlet), engine(outlet)
    spread = Engines(near, far, most_near=1)
    streams = {name: spread.add(name, "test") for name in ("a", "b", "c")}
    assert (names(near), names(far), len(spread)) == (["a"], ["b", "c"], 3)
    with pytest.raises(ValueError, match="a stream named b is open already"):
        spread.add("b", "test")
    for frame in frames(motion()):
        for stream in streams.values():
            stream.push(frame)
        near.tick()
        far.tick()
    told = {name: said(outlet.messages, name) for name in ("a", "b", "c")}
    labels = {
        name: [m.label for m in of if isinstance(m, PredictionMessage)] for name, of in told.items()
    }
    assert len(labels["a"]) > 10 and labels["a"] == labels["b"] == labels["c"]


def test_there_is_room_near_again_when_a_stream_goes() -> None:
    outlet = Outlet(wanted=False)
    near, far = engine(outlet), engine(outlet)
    spread = Engines(near, far, most_near=1)
    first = spread.add("a", "test")
    second = spread.add("b", "test")
    first.remove()
    near.tick()
    spread.add("c", "test")
    assert (names(near), names(far)) == (["c"], ["b"])
    second.change("lost", "unplugged")
    second.count_dropped(3)
    far.tick()
    assert (far.streams()[0].state, far.streams()[0].dropped) == ("lost", 3)


def test_the_other_engine_is_opened_when_it_is_needed() -> None:
    async def go() -> None:
        near, far = engine(Outlet()), engine(Outlet())
        spread = Engines(near, far, most_near=1)
        await spread.open()
        spread.add("a", "test")
        await asyncio.sleep(0)
        assert near.alive and not far.alive and spread.alive
        spread.add("b", "test")
        while not far.alive:
            await asyncio.sleep(0)
        assert spread.alive
        await spread.close()
        assert not near.alive and not far.alive and not spread.alive

    asyncio.run(go())
