"""Subscriptions send at once if they can, and end clients that do not read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from service.errors import ClientError
from service.publish.subscription import SEND_S, Ending, Subscription, Wants, read_wants
from service.wire.messages import Message
from tests.fakes.subscriber import SubscriberSocket, action, frame, offer


def test_messages_are_sent_at_once_or_wait_until_the_socket_is_drained() -> None:
    async def scene() -> tuple[list[Message], int]:
        socket = SubscriberSocket(room=2)
        subscription = Subscription(Wants(), asyncio.get_running_loop())
        subscription.open(socket)
        offer(subscription, frame(1), action(2), frame(3), frame(4), action(5))
        assert socket.messages == [frame(1), action(2)]
        socket.room = 10
        subscription.drained()
        offer(subscription, frame(6))
        return socket.messages, subscription.waiting

    sent = [frame(1), action(2), action(5), frame(4), frame(6)]
    assert asyncio.run(scene()) == (sent, 0)


def test_with_max_hz_a_waiting_message_is_sent_later() -> None:
    async def scene() -> list[Message]:
        loop = asyncio.get_running_loop()
        subscription, socket = Subscription(Wants(max_hz=1000), loop), SubscriberSocket()
        subscription.open(socket)
        offer(subscription, frame(1), frame(2), frame(3))
        assert socket.messages == [frame(1)]
        while len(socket.frames) < 2:
            await asyncio.sleep(0)
        return socket.messages

    assert asyncio.run(scene()) == [frame(1), frame(3)]


def test_a_client_that_is_too_slow_or_reads_nothing_is_ended() -> None:
    async def scene() -> list[Ending]:
        loop = asyncio.get_running_loop()
        slow = Subscription(Wants(), loop, ordered_limit=10)
        slow.open(SubscriberSocket(room=0))
        offer(slow, *[action(n) for n in range(1000)])
        assert slow.waiting == 10
        deaf, timers = Subscription(Wants(), loop), list[tuple[Any, ...]]()
        later = loop.call_later

        def call_later(*arguments: Any) -> asyncio.TimerHandle:
            timers.append(arguments)
            return later(1e6, lambda: None)

        loop.call_later = call_later  # type: ignore[assignment, method-assign]
        deaf.open(SubscriberSocket(room=0))
        offer(deaf, action(1))
        ((after_s, call, reason),) = timers
        assert after_s == SEND_S
        call(reason)
        return [await slow.ended, await deaf.ended]

    assert asyncio.run(scene()) == [Ending.OVERFLOWED, Ending.DEAF]


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
