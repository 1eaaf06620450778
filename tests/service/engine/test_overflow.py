"""The first few streams run near, the others far, with the same labels."""

from __future__ import annotations

import asyncio

import pytest

from service.engine.engine import Engine
from service.engine.overflow import Engines
from service.wire.messages import PredictionMessage
from tests.fakes.message_list import MessageList, comparable
from tests.fakes.people import frames, motion
from tests.fakes.recognizer import FakeRecognizer


class Far(Engine):
    """Takes the place of an engine in another process."""

    async def open(self) -> None:
        self.start()

    async def close(self) -> None:
        self.stop()


def engine(sink: MessageList) -> Far:
    return Far(FakeRecognizer(), sink, clock_ns=lambda: 10**12, catch_up=None)


def names(one: Engine | Engines) -> list[str]:
    return [info.name for info in one.streams()]


def test_the_first_streams_are_near_and_all_get_the_same_labels() -> None:
    sink = MessageList(wanted=False)
    near, far = engine(sink), engine(sink)
    engines = Engines(near, far, most_near=1)
    streams = {name: engines.add(name, "test") for name in ("a", "b", "c")}
    assert (names(near), names(far), len(engines)) == (["a"], ["b", "c"], 3)
    with pytest.raises(ValueError, match="a stream named b is open already"):
        engines.add("b", "test")
    for frame in frames(motion()):
        for stream in streams.values():
            stream.push(frame)
        near.tick()
        far.tick()
    messages = {name: comparable(sink.messages, name) for name in ("a", "b", "c")}
    labels = {
        name: [m.label for m in of if isinstance(m, PredictionMessage)]
        for name, of in messages.items()
    }
    assert len(labels["a"]) > 10 and labels["a"] == labels["b"] == labels["c"]


def test_a_removed_near_stream_makes_room_for_the_next() -> None:
    sink = MessageList(wanted=False)
    near, far = engine(sink), engine(sink)
    engines = Engines(near, far, most_near=1)
    first = engines.add("a", "test")
    second = engines.add("b", "test")
    first.remove()
    near.tick()
    engines.add("c", "test")
    assert (names(near), names(far)) == (["c"], ["b"])
    second.change("lost", "unplugged")
    second.count_dropped(3)
    far.tick()
    assert (far.streams()[0].state, far.streams()[0].dropped) == ("lost", 3)


def test_the_far_engine_is_opened_with_its_first_stream() -> None:
    async def go() -> None:
        near, far = engine(MessageList()), engine(MessageList())
        engines = Engines(near, far, most_near=1)
        await engines.open()
        engines.add("a", "test")
        await asyncio.sleep(0)
        assert near.alive and not far.alive and engines.alive
        engines.add("b", "test")
        while not far.alive:
            await asyncio.sleep(0)
        assert engines.alive
        await engines.close()
        assert not near.alive and not far.alive and not engines.alive

    asyncio.run(go())
