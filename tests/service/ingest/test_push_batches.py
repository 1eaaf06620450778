"""Messages decoded together give the same frames as alone, and a wrong one ends only its socket."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.block import Block, frames_of
from sensor.skeleton import AZURE_KINECT, KINECT_V2, Body, Frame, Layout
from service.engine.ports import FrameSink
from service.engine.stream import State
from service.errors import ClientError
from service.ingest.push_batches import PushBatches
from service.ingest.push_decoder import PushDecoder
from service.ingest.push_socket import PushSocket
from service.wire.binary_frames import encode_frames
from tests.builders import pose, wave

STEP_NS = 33_333_333
MOST_BYTES = 3500


class Engine:
    """Keeps pushed frames. `behind` is how many times it reports that it is behind."""

    def __init__(self) -> None:
        self.frames: dict[str, list[Frame]] = defaultdict(list)
        self.behind = 0

    def push_blocks(self, blocks: Iterable[tuple[FrameSink, Block]]) -> None:
        for stream, block in blocks:
            stream.push(block)


class Stream:
    """One stream of the engine above."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.name = name
        self.engine = engine

    def push(self, entry: Frame | Block) -> None:
        self.engine.frames[self.name] += frames_of(entry)

    def is_behind(self, captured_ns: int) -> bool:
        self.engine.behind -= 1
        return self.engine.behind >= 0

    def change(self, state: State, note: str = "") -> None: ...

    def count_dropped(self, frames: int) -> None: ...

    def remove(self) -> None: ...


class Socket:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def hold(self) -> None:
        self.calls.append("hold")

    def go_on(self) -> None:
        self.calls.append("go on")


def push_socket(
    engine: Engine, batches: PushBatches, name: str, frames_hz: float = 1e6
) -> PushSocket:
    decoder = PushDecoder(name, max_bodies=2, clock_ns=lambda: 10**12)
    loop = asyncio.get_running_loop()
    made = PushSocket(batches, decoder, loop, MOST_BYTES, 30.0, frames_hz)
    made.open(Socket(), Stream(engine, name))
    return made


def message(kind: str, n: int, count: int = 2, layout: Layout = KINECT_V2) -> bytes | str:
    """Return the n-th message of a pusher: a usual one, or one that must be decoded alone."""
    ids = {"empty": (), "two": (1, 2)}.get(kind, (1,))
    frames = [
        Frame(
            "s",
            2 * n + i,
            (2 * n + i) * STEP_NS,
            tuple(Body(who, wave(9, layout)[i], np.full(len(layout.joints), 0.5)) for who in ids),
            layout,
        )
        for i in range(count)
    ]
    data = bytearray(encode_frames(frames))
    at = 8 + 16 + 4
    if kind == "text":
        body = {"id": 1, "joints_m": pose().tolist()}
        return json.dumps({"type": "frame", "captured_ns": 2 * n * STEP_NS, "bodies": [body]})
    if kind == "missing":
        data[at : at + 4] = np.float32(np.nan).tobytes()
    if kind == "zeros":
        data[at : at + 12] = bytes(12)
    if kind == "sure":
        data[at + 300 : at + 304] = np.float32(3).tobytes()
    if kind == "far":
        data[at : at + 4] = np.float32(-2500).tobytes()
    if kind == "sequence":
        data[16:24] = np.int64(-(2**63)).tobytes()
    if kind == "back":
        data[8:16] = np.int64(-1 if n else 10**9).tobytes()
    if kind == "cut":
        del data[-1:]
    return bytes(data)


GOOD = ["usual", "usual", "usual", "empty", "two", "text", "missing", "zeros", "sure"]
BAD = ["far", "sequence", "back", "cut"]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.sampled_from(GOOD + BAD), max_size=5), min_size=1, max_size=6))
def test_messages_give_the_same_frames_together_as_alone(
    plans: list[list[str]],
) -> None:
    async def scene() -> None:
        engine = Engine()
        batches = PushBatches(engine)
        batches.attach(asyncio.get_running_loop())
        sockets = [push_socket(engine, batches, f"s{i}") for i in range(len(plans))]
        for turn in range(5):
            for one, plan in zip(sockets, plans, strict=True):
                if turn < len(plan):
                    one.message(message(plan[turn], turn))
            if turn % 2:
                batches.read()
        batches.read()
        for one, plan in zip(sockets, plans, strict=True):
            wanted, problem = alone(plan)
            compare(engine.frames[one.stream.name], wanted)
            assert one.ended.done() == (problem is not None)
            if problem is not None:
                assert str(one.ended.result()) == str(problem)
            one.gone()

    asyncio.run(scene())


def alone(plan: list[str]) -> tuple[list[Frame], Exception | None]:
    """Decode messages one by one; return the frames until a wrong message, and its problem."""
    decoder = PushDecoder("s", max_bodies=2, clock_ns=lambda: 10**12)
    frames: list[Frame] = []
    for n, kind in enumerate(plan):
        try:
            read = decoder.read(message(kind, n))
        except ClientError as problem:
            return frames, problem
        frames += read.frames() if isinstance(read, Block) else read
    return frames, None


def compare(got: list[Frame], wanted: list[Frame]) -> None:
    assert [(f.sequence, f.captured_ns) for f in got] == [
        (f.sequence, f.captured_ns) for f in wanted
    ]
    for one, other in zip(got, wanted, strict=True):
        assert [b.id for b in one.bodies] == [b.id for b in other.bodies]
        for a, b in zip(one.bodies, other.bodies, strict=True):
            np.testing.assert_array_equal(a.joints_m, b.joints_m)
            np.testing.assert_array_equal(a.confidence, b.confidence)


def test_messages_of_other_layouts_and_sizes_are_decoded_in_one_turn() -> None:
    async def scene() -> dict[str, list[Frame]]:
        engine = Engine()
        batches = PushBatches(engine)
        batches.attach(asyncio.get_running_loop())
        for i, (count, layout) in enumerate(
            [(1, KINECT_V2), (3, KINECT_V2), (2, AZURE_KINECT)] * 2
        ):
            one = push_socket(engine, batches, f"s{i}")
            one.message(message("usual", 0, count, layout))
        batches.read()
        return engine.frames

    frames = asyncio.run(scene())
    assert [len(frames[f"s{i}"]) for i in range(6)] == [1, 3, 2] * 2
    assert frames["s5"][0].layout is AZURE_KINECT


def test_large_messages_are_refused_together_too() -> None:
    async def scene() -> list[str]:
        batches = PushBatches(Engine())
        batches.attach(asyncio.get_running_loop())
        pair = [push_socket(Engine(), batches, name) for name in "ab"]
        for one in pair:
            one.message(message("usual", 0, 9))
        batches.read()
        return [str(await one.ended) for one in pair]

    assert asyncio.run(scene()) == ["a message has at most 3 KiB"] * 2


def test_a_single_message_is_decoded_at_once_and_the_last_before_the_end() -> None:
    async def scene() -> list[int]:
        engine = Engine()
        batches = PushBatches(engine)
        batches.attach(asyncio.get_running_loop())
        one = push_socket(engine, batches, "a")
        counts = []
        one.message(message("usual", 0))
        while not engine.frames["a"]:
            await asyncio.sleep(0)
        one.message(message("usual", 1))
        counts.append(len(engine.frames["a"]))
        one.gone()
        counts.append(len(engine.frames["a"]))
        return counts

    assert asyncio.run(scene()) == [2, 4]


def test_a_pusher_that_runs_ahead_is_paused_until_the_engine_has_caught_up() -> None:
    async def scene() -> list[str]:
        engine = Engine()
        batches = PushBatches(engine)
        batches.attach(asyncio.get_running_loop())
        one = push_socket(engine, batches, "a")
        socket = one._socket
        assert isinstance(socket, Socket)
        engine.behind = 3
        one.message(message("usual", 0))
        one.message(message("usual", 1))
        batches.read()
        assert socket.calls == ["go on", "hold"]
        while socket.calls[-1] == "hold":
            await asyncio.sleep(0)
        one.gone()
        return socket.calls

    assert asyncio.run(scene()) == ["go on", "hold", "hold", "hold", "go on", "hold"]
