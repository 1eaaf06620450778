"""A pusher that is too fast, or whose messages fail, does not harm its neighbours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sensor.block import Block
from service.ingest import push_batches
from service.ingest.push_batches import MOST_WAITING, PACE_S, PushBatches
from service.ingest.push_socket import BURST_S, COST_BYTES, PushSocket
from tests.service.ingest.test_push_batches import Engine, Socket, message, push_socket


class Flood(Socket):
    """A socket whose client has sent everything at once; it is read until `hold`."""

    def __init__(self, messages: list[bytes | str]) -> None:
        super().__init__()
        self.unread = messages
        self.user: PushSocket | None = None
        self._reading = False

    def hold(self) -> None:
        super().hold()
        self._reading = False

    def go_on(self) -> None:
        super().go_on()
        self._reading = True
        while self._reading and self.unread and self.user is not None:
            self.user.message(self.unread.pop(0))


def flood(one: PushSocket, messages: list[bytes | str]) -> Flood:
    socket = Flood(messages)
    socket.user, one._socket = one, socket
    return socket


def scene_of(go: Callable[[asyncio.AbstractEventLoop, Engine, PushBatches], Any]) -> Any:
    async def scene() -> Any:
        engine, loop = Engine(), asyncio.get_running_loop()
        batches = PushBatches(engine)
        batches.attach(loop)
        return await go(loop, engine, batches)

    return asyncio.run(scene())


@pytest.mark.parametrize("kinds", [("usual",), ("text",), ("usual", "text")])
def test_a_turn_takes_few_messages_of_a_flood_and_all_of_the_neighbours(
    kinds: tuple[str, ...],
) -> None:
    async def go(loop: asyncio.AbstractEventLoop, engine: Engine, batches: PushBatches) -> None:
        fast, slow = (push_socket(engine, batches, name) for name in ("fast", "slow"))
        messages = [message(kinds[n % len(kinds)], n, 1) for n in range(40)]
        socket = flood(fast, messages)
        for turn in range(1, 6):
            if turn == 1:
                socket.go_on()
            slow.message(message("usual", turn, 1))
            while len(engine.frames["slow"]) < turn:
                await asyncio.sleep(0)
            taken = len(engine.frames["fast"])
            assert MOST_WAITING * turn <= taken <= MOST_WAITING * (turn + 1)
        begun_s = loop.time()
        while socket.unread:
            await asyncio.sleep(PACE_S / 4)
        assert loop.time() - begun_s < 5
        fast.gone()
        assert [f.sequence for f in engine.frames["fast"] if kinds == ("usual",)] == (
            [2 * n for n in range(40)] if kinds == ("usual",) else []
        )
        assert len(engine.frames["fast"]) == 40 and fast.ended.result() is None

    scene_of(go)


def test_a_pusher_is_slowed_down_to_its_rate_and_loses_nothing() -> None:
    async def go(loop: asyncio.AbstractEventLoop, engine: Engine, batches: PushBatches) -> None:
        hz, count = 200.0, 150
        one = push_socket(engine, batches, "a", hz)
        socket = flood(one, [message("usual", n, 2) for n in range(count)])
        begun_s = loop.time()
        socket.go_on()
        while len(engine.frames["a"]) < 2 * count:
            await asyncio.sleep(PACE_S)
        took_s = loop.time() - begun_s
        assert took_s >= 2 * count / hz - BURST_S - 2 * MOST_WAITING / hz
        assert not one.ended.done()

    scene_of(go)


def test_long_text_counts_as_several_frames() -> None:
    async def go(loop: asyncio.AbstractEventLoop, engine: Engine, batches: PushBatches) -> None:
        one = push_socket(engine, batches, "a", 10.0)
        socket = one._socket
        assert isinstance(socket, Socket)
        one.pushed(0, 1, 9 * COST_BYTES)
        assert socket.calls == ["go on"]
        one.pushed(0, 1, 9 * COST_BYTES)
        assert socket.calls == ["go on", "hold"]
        one.gone()

    scene_of(go)


@pytest.mark.parametrize("broken", ["decoding together", "decoding", "pushing together", "pushing"])
def test_a_message_that_fails_ends_only_its_own_pusher(
    broken: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise OverflowError("a fault of the service")

    checked = Block.checked

    def check(stream: str, *rest: Any) -> Block:
        return fail() if stream == "s1" else checked(stream, *rest)

    async def go(loop: asyncio.AbstractEventLoop, engine: Engine, batches: PushBatches) -> None:
        sockets = [push_socket(engine, batches, f"s{i}") for i in range(3)]
        if broken == "decoding together":
            monkeypatch.setattr(push_batches, "_OneBodyMessages", fail)
        elif broken == "decoding":
            monkeypatch.setattr(Block, "checked", check)
        else:
            monkeypatch.setattr(engine, "push_blocks", fail)
        if broken == "pushing":
            monkeypatch.setattr(sockets[1].stream, "push", fail)
        for one in sockets:
            one.message(message("usual", 0))
        batches.read()
        all_kept = broken.endswith("together")
        assert [len(engine.frames[f"s{i}"]) for i in range(3)] == [2, 2 * all_kept, 2]
        assert [one.ended.done() for one in sockets] == [False, not all_kept, False]
        if not all_kept:
            assert isinstance(sockets[1].ended.result(), OverflowError)

    scene_of(go)
