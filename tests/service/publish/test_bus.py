from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.errors import ClientError
from service.publish.bus import Bus
from service.publish.send_queue import SendQueue
from service.publish.subscription import SEND_S, Ending, Subscription, Wants, read_wants
from service.wire.encoding import Envelope, decode
from service.wire.messages import (
    ActionMessage,
    FrameMessage,
    Message,
    PredictionMessage,
    Relevance,
    RelevanceMessage,
    StatusMessage,
    StreamInfo,
    Timings,
)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Socket:
    """Takes frames, but when `room` is used up."""

    def __init__(self, room: int = 10**9) -> None:
        self.frames: list[bytes] = []
        self.room = room

    @property
    def full(self) -> bool:
        return len(self.frames) >= self.room

    def send_frame(self, frame: bytes) -> None:
        self.frames.append(frame)

    @property
    def messages(self) -> list[Message]:
        return [decode(frame[frame.index(b"{") :], "json") for frame in self.frames]


def frame(n: int, stream: str = "a") -> FrameMessage:
    return FrameMessage(bodies=[], captured_ns=n, sequence=n, stream=stream)


def prediction(n: int, body: int = 1, stream: str = "a") -> PredictionMessage:
    return PredictionMessage(stream, [body], n, n, "wave", 0.9, [0.1, 0.9], Timings())


def why(n: int, body: int = 1) -> RelevanceMessage:
    relevance = Relevance("wave", 1.0, 0.5, 0.0, 4, [0.5], [[0.5]])
    return RelevanceMessage("a", [body], n, n, relevance, Timings())


def action(n: int, stream: str = "a") -> ActionMessage:
    return ActionMessage(stream, [1], "wave", "start", n, n, 0.9, [])


def status(stream: str = "a") -> StatusMessage:
    return StatusMessage(StreamInfo(stream, "test", "live"), 1)


def drain(waiting: SendQueue) -> list[Message]:
    found = []
    while (envelope := waiting.take()[0]) is not None:
        found.append(envelope.message)
    return found


def offer(to: SendQueue | Subscription, *messages: Message) -> None:
    for message in messages:
        to.offer(Envelope(message))


def test_a_slow_subscriber_gets_the_newest_frame_and_every_action() -> None:
    waiting = SendQueue(Clock())
    for n in range(200):
        offer(waiting, frame(n), prediction(n), prediction(n, body=2), why(n), action(n))
    assert len(waiting) == 204
    got = drain(waiting)
    assert [m.at_ns for m in got if isinstance(m, ActionMessage)] == list(range(200))
    assert [m.sequence for m in got if isinstance(m, FrameMessage)] == [199]
    assert [m.sequence for m in got if isinstance(m, PredictionMessage)] == [199, 199]
    assert [m.sequence for m in got if isinstance(m, RelevanceMessage)] == [199]


def test_one_that_stopped_reading_overflows_and_does_not_grow() -> None:
    waiting = SendQueue(Clock(), ordered_limit=10)
    for n in range(1000):
        offer(waiting, frame(n), action(n))
    assert waiting.overflowed
    assert len(waiting) <= 11


def test_max_hz_spaces_frames_and_lets_actions_pass() -> None:
    clock = Clock()
    waiting = SendQueue(clock, max_hz=10)
    offer(waiting, frame(1))
    assert drain(waiting) == [frame(1)]
    offer(waiting, frame(2), action(3), prediction(4))
    assert drain(waiting) == [action(3), prediction(4)]
    assert waiting.take()[1] == pytest.approx(0.1)
    offer(waiting, frame(5))
    clock.now_s += 0.11
    assert drain(waiting) == [frame(5)]


def test_of_people_who_left_nothing_is_remembered() -> None:
    clock = Clock()
    waiting = SendQueue(clock, max_hz=10)
    for body in range(1000):
        offer(waiting, prediction(body, body=body))
        clock.now_s += 0.05
        assert len(drain(waiting)) == 1
    assert len(waiting._resting) == len(waiting._rests) < 5


def test_an_envelope_encodes_once_per_encoding() -> None:
    envelope = Envelope(action(1))
    assert envelope.encoded("json") is envelope.encoded("json")
    assert envelope.framed("json") is envelope.framed("json")
    assert decode(envelope.encoded("json"), "json") == action(1)
    assert decode(envelope.encoded("msgpack"), "msgpack") == action(1)


def test_what_can_be_sent_goes_at_once_and_what_cannot_waits() -> None:
    async def scene() -> tuple[list[Message], int]:
        subscription, socket = Subscription(Wants(), asyncio.get_running_loop()), Socket(room=2)
        subscription.open(socket)
        offer(subscription, frame(1), action(2), frame(3), frame(4), action(5))
        assert socket.messages == [frame(1), action(2)]
        socket.room = 10
        subscription.drained()
        offer(subscription, frame(6))
        return socket.messages, subscription.waiting

    sent = [frame(1), action(2), action(5), frame(4), frame(6)]
    assert asyncio.run(scene()) == (sent, 0)


def test_at_max_hz_what_has_to_wait_is_sent_in_time() -> None:
    async def scene() -> list[Message]:
        loop = asyncio.get_running_loop()
        subscription, socket = Subscription(Wants(max_hz=1000), loop), Socket()
        subscription.open(socket)
        offer(subscription, frame(1), frame(2), frame(3))
        assert socket.messages == [frame(1)]
        while len(socket.frames) < 2:
            await asyncio.sleep(0)
        return socket.messages

    assert asyncio.run(scene()) == [frame(1), frame(3)]


def test_who_takes_too_many_or_nothing_is_ended() -> None:
    async def scene() -> list[Ending]:
        loop = asyncio.get_running_loop()
        slow = Subscription(Wants(), loop, ordered_limit=10)
        slow.open(Socket(room=0))
        offer(slow, *[action(n) for n in range(1000)])
        assert slow.waiting == 10
        deaf, timers = Subscription(Wants(), loop), list[tuple[Any, ...]]()
        later = loop.call_later

        def call_later(*told: Any) -> asyncio.TimerHandle:
            timers.append(told)
            return later(1e6, lambda: None)

        loop.call_later = call_later  # type: ignore[assignment, method-assign]
        deaf.open(Socket(room=0))
        offer(deaf, action(1))
        ((after_s, call, why),) = timers
        assert after_s == SEND_S
        call(why)
        return [await slow.ended, await deaf.ended]

    assert asyncio.run(scene()) == [Ending.OVERFLOWED, Ending.DEAF]


def test_messages_cross_into_the_loop_in_order_to_those_who_want_them() -> None:
    async def scene() -> tuple[list[Message], list[Message]]:
        bus, loop = Bus(recent=2), asyncio.get_running_loop()
        everything, chosen = (
            Subscription(Wants(), loop),
            Subscription(Wants(frozenset("b"), frozenset({"action", "frame"})), loop),
        )
        bus.publish([action(0)])  # nobody is there yet
        bus.attach(loop)
        heard = []
        for subscription in (everything, chosen):
            bus.subscribe(subscription)
            heard.append(Socket())
            subscription.open(heard[-1])
        said = [action(1), action(2, "b"), frame(3, "b"), prediction(4, stream="b"), status("b")]
        await asyncio.to_thread(lambda: [bus.publish([message]) for message in said])
        while len(heard[0].frames) < len(said):
            await asyncio.sleep(0)
        assert [m.at_ns for m in bus.recent_actions()] == [1, 2]
        assert bus.wanted("prediction", "c") and bus.subscriptions == (everything, chosen)
        bus.unsubscribe(everything)
        bus.unsubscribe(everything)
        assert bus.wanted("frame", "b")
        assert not bus.wanted("frame", "a") and not bus.wanted("prediction", "b")
        bus.close()
        assert await chosen.ended is Ending.SHUTDOWN
        bus.unsubscribe(chosen)
        assert not bus.wanted("frame", "b") and bus.subscriptions == ()
        return heard[0].messages, heard[1].messages

    heard, chosen = asyncio.run(scene())
    assert heard == [
        action(1), action(2, "b"), frame(3, "b"), prediction(4, stream="b"), status("b")
    ]  # fmt: skip
    assert chosen == [action(2, "b"), frame(3, "b")]


def test_wants_are_read() -> None:
    wants = read_wants("a,b", "action", "msgpack", "5")
    assert wants == Wants(frozenset({"a", "b"}), frozenset({"action"}), "msgpack", 5.0)
    assert read_wants("", "", "", "") == Wants()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (("", "actions", "", ""), "messages"),
        (("", "", "xml", ""), "encoding"),
        (("", "", "", "fast"), "max_hz"),
        (("", "", "", "0"), "max_hz"),
        (("", "", "", "nan"), "max_hz"),
    ],
)
def test_wrong_wants_name_the_field(query: tuple[str, str, str, str], field: str) -> None:
    with pytest.raises(ClientError) as caught:
        read_wants(*query)
    assert caught.value.field == field
