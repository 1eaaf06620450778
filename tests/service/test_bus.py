from __future__ import annotations

import asyncio

import pytest

from service.bus import Bus, Subscription, Wants, read_wants
from service.errors import ClientError
from service.messages import (
    ActionMessage,
    FrameMessage,
    Message,
    PredictionMessage,
    StatusMessage,
    StreamInfo,
    Timings,
)
from service.wire import Envelope, decode


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def frame(n: int, stream: str = "a") -> FrameMessage:
    return FrameMessage(bodies=[], captured_ns=n, sequence=n, stream=stream)


def prediction(n: int, body: int = 1, stream: str = "a") -> PredictionMessage:
    return PredictionMessage(stream, [body], n, n, "wave", 0.9, [0.1, 0.9], None, Timings())


def action(n: int, stream: str = "a") -> ActionMessage:
    return ActionMessage(stream, [1], "wave", "start", n, n, 0.9, [])


def status(stream: str = "a") -> StatusMessage:
    return StatusMessage(StreamInfo(stream, "test", "live"), 1)


def drain(subscription: Subscription) -> list[Message]:
    found = []
    while (envelope := subscription.take()[0]) is not None:
        found.append(envelope.message)
    return found


def offer(subscription: Subscription, *messages: Message) -> None:
    for message in messages:
        subscription.offer(Envelope(message))


def test_a_slow_subscriber_gets_the_newest_frame_and_every_action() -> None:
    subscription = Subscription(Wants(), Clock())
    for n in range(200):
        offer(subscription, frame(n), prediction(n), prediction(n, body=2), action(n))
    assert subscription.waiting == 203
    got = drain(subscription)
    assert [m.at_ns for m in got if isinstance(m, ActionMessage)] == list(range(200))
    assert [m.sequence for m in got if isinstance(m, FrameMessage)] == [199]
    assert [m.sequence for m in got if isinstance(m, PredictionMessage)] == [199, 199]


def test_one_that_stopped_reading_overflows_and_does_not_grow() -> None:
    subscription = Subscription(Wants(), Clock(), ordered_limit=10)
    for n in range(1000):
        offer(subscription, frame(n), action(n))
    assert subscription.overflowed.is_set()
    assert subscription.waiting <= 11


def test_only_what_is_wanted_comes() -> None:
    wants = Wants(streams=frozenset("b"), kinds=frozenset({"action", "frame"}))
    subscription = Subscription(wants, Clock())
    offer(subscription, frame(1), frame(2, "b"), prediction(3, stream="b"), action(4), status("b"))
    assert drain(subscription) == [frame(2, "b")]


def test_max_hz_spaces_frames_and_lets_actions_pass() -> None:
    clock = Clock()
    subscription = Subscription(Wants(max_hz=10), clock)
    offer(subscription, frame(1))
    assert drain(subscription) == [frame(1)]
    offer(subscription, frame(2), action(3), prediction(4))
    assert drain(subscription) == [action(3), prediction(4)]
    assert subscription.take()[1] == pytest.approx(0.1)
    offer(subscription, frame(5))
    clock.now_s += 0.11
    assert drain(subscription) == [frame(5)]


def test_of_people_who_left_nothing_is_remembered() -> None:
    clock = Clock()
    subscription = Subscription(Wants(max_hz=10), clock)
    for body in range(1000):
        offer(subscription, prediction(body, body=body))
        clock.now_s += 0.05
        assert len(drain(subscription)) == 1
    assert len(subscription._due_s) < 5


def test_an_envelope_encodes_once_per_encoding() -> None:
    envelope = Envelope(action(1))
    assert envelope.encoded("json") is envelope.encoded("json")
    assert decode(envelope.encoded("json"), "json") == action(1)
    assert decode(envelope.encoded("msgpack"), "msgpack") == action(1)


def test_messages_cross_into_the_loop_in_order() -> None:
    async def scene() -> list[Message]:
        bus = Bus(recent=2)
        subscription = Subscription(Wants(), Clock())
        bus.publish([action(0)])  # nobody is there yet
        bus.attach(asyncio.get_running_loop())
        bus.subscribe(subscription)
        await asyncio.to_thread(lambda: [bus.publish([action(n)]) for n in range(1, 5)])
        got = [(await subscription.next()).message for _ in range(4)]
        assert bus.wanted("frame", "a")
        assert [m.at_ns for m in bus.recent_actions()] == [3, 4]
        bus.unsubscribe(subscription)
        assert not bus.wanted("frame", "a")
        return got

    assert asyncio.run(scene()) == [action(n) for n in range(1, 5)]


def test_next_waits_for_a_message() -> None:
    async def scene() -> Message:
        subscription = Subscription(Wants(), Clock())
        waiting = asyncio.create_task(subscription.next())
        await asyncio.sleep(0)
        offer(subscription, action(7))
        return (await waiting).message

    assert asyncio.run(scene()) == action(7)


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
