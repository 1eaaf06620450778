"""The inference process is watched, and started again for ever."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.card import CARD_FILE, DEFAULT_MODEL
from models.inference.recognizer import Recognizer
from service.engine.overflow import Engines
from service.engine.remote import child, heartbeat
from service.engine.remote.child import InferenceChild
from service.engine.remote.engine import RemoteEngine
from service.engine.remote.heartbeat import Heartbeat
from service.engine.remote.ledger import LATE_NOTE, Ledger
from service.engine.remote.orders import Ready
from service.engine.remote.packets import Packet, unpack_report
from service.wire.binary_frames import encode_frames
from service.wire.encoding import Envelope
from service.wire.messages import StatusMessage, StreamInfo
from tests.fakes.house import House, running
from tests.fakes.message_list import MessageList
from tests.fakes.people import frames, motion
from tests.service.engine.test_overflow import engine

STARTS = """
import pathlib, sys, time
from service.engine.remote.orders import Beat, Ready
from service.engine.remote.packets import pack_report
count = pathlib.Path(sys.argv[1])
number = int(count.read_text() or 0) + 1
count.write_text(str(number))
if number in FAILING:
    sys.exit(3)
sys.stdout.buffer.write(pack_report(Ready()))
sys.stdout.buffer.flush()
if number in DYING:
    sys.exit(4)
sys.stdin.read()
"""
"""A process that is ready at once, except in those starts that fail, and dies in others."""


@pytest.fixture
def starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def prepare(failing: set[int], dying: set[int]) -> Path:
        count = tmp_path / "count"
        count.write_text("")
        lists = f"FAILING, DYING = {sorted(failing)}, {sorted(dying)}\n"
        command = (sys.executable, "-c", lists + STARTS, str(count))
        monkeypatch.setattr(child, "COMMAND", command)
        return count

    return prepare


def inference_child(lost: list[str]) -> InferenceChild:
    def take(packet: Packet) -> None:
        if isinstance(unpack_report(packet[1]), Ready):
            made.ready()

    made = InferenceChild(bytes, take, lost.append, lambda late: None, again_s=0.01)
    return made


def test_a_process_is_started_again_until_it_is_ready(starts: Callable[..., Path]) -> None:
    count = starts({2, 3, 4}, {1, 5})

    async def scene() -> list[str]:
        lost: list[str] = []
        made = inference_child(lost)
        await made.start()
        while count.read_text() != "6" or not made.alive:
            await asyncio.sleep(0.02)
        await made.stop()
        return lost

    assert len(asyncio.run(scene())) == 2  # those that had been ready


def test_a_process_that_cannot_be_created_is_tried_again(
    starts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    starts(set(), {1})

    async def scene() -> None:
        made = inference_child([])
        await made.start()
        good, loop = child.COMMAND, asyncio.get_running_loop()
        monkeypatch.setattr(child, "COMMAND", ("/nowhere/python",))
        loop.call_later(0.5, monkeypatch.setattr, child, "COMMAND", good)
        while made.alive:
            await asyncio.sleep(0.01)
        begun_s = loop.time()
        while not made.alive:
            await asyncio.sleep(0.01)
        assert loop.time() - begun_s > 0.2
        await made.stop()

    asyncio.run(scene())


def test_the_time_between_two_starts_grows_to_a_limit(
    starts: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    starts(set(range(2, 99)), {1})
    slept: list[float] = []

    async def scene() -> None:
        async def sleep(delay_s: float) -> None:
            slept.append(delay_s)
            await original(0)

        original = asyncio.sleep
        made = inference_child([])
        await made.start()
        monkeypatch.setattr(child.asyncio, "sleep", sleep)
        while len(slept) < 6:
            await original(0.01)
        monkeypatch.undo()
        await made.stop()

    monkeypatch.setattr(child, "MOST_AGAIN_S", 0.05)
    asyncio.run(scene())
    assert slept[:5] == [0.01, 0.02, 0.04, 0.05, 0.05]


def test_engines_try_again_until_the_far_one_starts() -> None:
    async def scene() -> None:
        near, far = engine(MessageList()), engine(MessageList())
        engines = Engines(near, far, most_near=0, again_s=0.01)
        opened, tries = far.open, 0

        async def fail_first() -> None:
            nonlocal tries
            tries += 1
            if tries < 4:
                raise OSError("no memory")
            await opened()

        far.open = fail_first  # type: ignore[method-assign]
        await engines.open()
        engines.add("a", "test")
        while tries < 2:
            await asyncio.sleep(0)
        assert not engines.alive
        while not engines.alive:
            await asyncio.sleep(0.001)
        assert tries == 4
        await engines.close()

    asyncio.run(scene())


def test_a_silent_process_is_late_then_beats_again_and_then_is_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("CHECK_S", 0.02), ("LATE_S", 0.2), ("DEAD_S", 0.6)):
        monkeypatch.setattr(heartbeat, name, value)

    async def scene() -> list[bool | str]:
        told: list[bool | str] = []
        beating = Heartbeat(told.append, lambda: told.append("dead"))
        beating.start()
        while not told:
            await asyncio.sleep(0.01)
        assert beating.is_late
        beating.beat()
        while len(told) < 4:
            await asyncio.sleep(0.01)
        beating.stop()
        return told

    assert asyncio.run(scene()) == [True, False, True, "dead"]


def test_a_blocked_loop_makes_no_process_late(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("CHECK_S", 0.02), ("LATE_S", 0.2)):
        monkeypatch.setattr(heartbeat, name, value)

    async def scene() -> list[bool]:
        told: list[bool] = []
        beating = Heartbeat(told.append, lambda: None)
        beating.start()
        await asyncio.sleep(0.03)
        time.sleep(0.5)
        await asyncio.sleep(0.03)
        beating.stop()
        return told

    assert asyncio.run(scene()) == []


def test_streams_are_told_that_the_process_is_late_and_answers_again() -> None:
    ledger = Ledger()
    for name in ("live", "new"):
        ledger.add(name, "push", "")
    info = StreamInfo("live", "push", "live", "no labels: upside down")
    ledger.note([Envelope(StatusMessage(info, 1))])

    def notes(late: bool) -> list[tuple[str, str]]:
        messages = ledger.delay(late, 2)
        return [(m.stream.name, m.stream.note) for m in messages if isinstance(m, StatusMessage)]

    assert notes(True) == [("live", LATE_NOTE)]
    assert notes(False) == [("live", "no labels: upside down")] and ledger.infos()[0] == info
    assert notes(False) == []


@pytest.fixture
def house() -> Iterator[House]:
    if not (DEFAULT_MODEL / CARD_FILE).exists():
        pytest.skip("the shipped model is not here")
    model = Recognizer(device="cpu", threads=1)
    with running(model=model, inference="process", threads=1, device="cpu") as made:
        yield made


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="stops the process with a POSIX signal")
@pytest.mark.parametrize("resumes", [True, False])
def test_a_process_that_hangs_is_noticed_within_2_s(
    house: House, resumes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "DEAD_S", 60.0 if resumes else 4.0)
    far = house.live.engine.far
    assert isinstance(far, RemoteEngine) and house.http.get("/ready").status_code == 200
    with (
        house.connect("/ws?messages=status&streams=hall", max_queue=None) as reader,
        house.connect("/ws/push/hall") as writer,
    ):
        reader.recv()
        writer.send(encode_frames(frames(motion())[:4]))
        assert status(reader)["state"] == "live"
        first = far.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        stopped_s = time.monotonic()
        assert status(reader)["note"] == LATE_NOTE
        assert time.monotonic() - stopped_s < 2.5  # 2 s, and what a busy machine adds
        assert house.http.get("/ready").status_code == 503
        if resumes:
            os.kill(first, signal.SIGCONT)
            assert status(reader)["note"] == ""
        else:
            assert status(reader)["state"] == "failed"
        end_s = time.monotonic() + 30
        while house.http.get("/ready").status_code != 200 and time.monotonic() < end_s:
            time.sleep(0.05)
        assert house.http.get("/ready").status_code == 200 and (far.pid == first) == resumes


def status(reader: Any) -> dict[str, Any]:
    stream: dict[str, Any] = json.loads(reader.recv(30))["stream"]
    return stream
