"""The bus delivers messages in order to the readers that want them."""

from __future__ import annotations

import asyncio
import threading

import pytest

from service.publish.bus import Bus
from service.publish.subscription import Ending, Subscription, Wants
from service.wire.encoding import Envelope
from service.wire.messages import Message
from tests.fakes.subscriber import SubscriberSocket, action, frame, prediction, status


class PlainReader:
    """A reader that is not a subscribed client, as a recorder is."""

    def __init__(self, wants: Wants) -> None:
        self.wants = wants
        self.messages: list[Message] = []

    def offer(self, envelope: Envelope) -> None:
        self.messages.append(envelope.message)


def test_a_message_that_cannot_be_encoded_keeps_no_other_from_its_readers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> list[Message]:
        bus, loop = Bus(), asyncio.get_running_loop()
        bus.attach(loop)
        subscription, socket = Subscription(Wants(), loop), SubscriberSocket()
        bus.subscribe(subscription)
        subscription.open(socket)
        bus.publish([frame(1), frame(2, "\ud800"), frame(3)])
        return socket.messages

    assert asyncio.run(scene()) == [frame(1), frame(3)]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_messages_cross_into_the_loop_in_order_to_the_readers_that_want_them() -> None:
    async def scene() -> tuple[list[Message], list[Message]]:
        bus, loop = Bus(recent=2), asyncio.get_running_loop()
        everything, chosen = (
            Subscription(Wants(), loop),
            Subscription(Wants(frozenset("b"), frozenset({"action", "frame"})), loop),
        )
        bus.publish([action(0)])  # there is no reader yet
        bus.attach(loop)
        sockets = []
        for subscription in (everything, chosen):
            bus.subscribe(subscription)
            sockets.append(SubscriberSocket())
            subscription.open(sockets[-1])
        sent = [action(1), action(2, "b"), frame(3, "b"), prediction(4, stream="b"), status("b")]
        await asyncio.to_thread(lambda: [bus.publish([message]) for message in sent])
        while len(sockets[0].frames) < len(sent):
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
        return sockets[0].messages, sockets[1].messages

    everything, chosen = asyncio.run(scene())
    assert everything == [
        action(1), action(2, "b"), frame(3, "b"), prediction(4, stream="b"), status("b")
    ]  # fmt: skip
    assert chosen == [action(2, "b"), frame(3, "b")]


def test_a_plain_reader_gets_messages_and_does_not_count_as_a_subscription() -> None:
    async def scene() -> None:
        bus = Bus()
        bus.attach(asyncio.get_running_loop())
        reader = PlainReader(Wants(frozenset("a"), frozenset({"action", "prediction"})))
        bus.subscribe(reader)
        assert bus.wanted("action", "a") and not bus.wanted("frame", "a")
        bus.publish([action(1), frame(2), prediction(3), action(4, "b")])
        assert reader.messages == [action(1), prediction(3)]
        assert bus.subscriptions == ()
        bus.close()  # only clients have a socket to close
        bus.unsubscribe(reader)
        bus.publish([action(5)])
        assert len(reader.messages) == 2 and not bus.wanted("action", "a")

    asyncio.run(scene())


def test_readers_come_and_go_on_other_threads_during_delivery() -> None:
    async def scene() -> list[Message]:
        bus = Bus()
        bus.attach(asyncio.get_running_loop())
        stays = PlainReader(Wants(frozenset("a")))
        bus.subscribe(stays)
        stopping = threading.Event()

        def come_and_go() -> None:
            while not stopping.is_set():
                reader = PlainReader(Wants(frozenset("a")))
                bus.subscribe(reader)
                bus.unsubscribe(reader)

        threads = [threading.Thread(target=come_and_go) for _ in range(3)]
        for thread in threads:
            thread.start()
        for n in range(2000):
            bus.publish([action(n)])
        stopping.set()
        for thread in threads:
            thread.join()
        assert bus._readers[("a", "action")] == (stays,)
        return stays.messages

    assert asyncio.run(scene()) == [action(n) for n in range(2000)]
