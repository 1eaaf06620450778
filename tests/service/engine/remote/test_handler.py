"""The thread that reports counts and room, while orders are carried out."""

from __future__ import annotations

import os
from typing import Any

from service.engine.engine import Engine
from service.engine.remote.handler import Orders, Reports
from service.engine.remote.orders import Add, Order, Remove, Room
from service.engine.remote.packets import REPORT, Splitter, pack_order, unpack_report
from tests.fakes.message_list import MessageList
from tests.fakes.recognizer import FakeRecognizer


def obey(orders: Orders, order: Order) -> None:
    ((_, body),) = Splitter().packets(pack_order(order))
    orders._obey(body)


def test_a_stream_removed_while_its_room_is_reported_has_room() -> None:
    class Removing(dict[int, str]):
        def get(self, number: int, default: Any = None) -> Any:
            name = super().get(number, default)
            obey(orders, Remove(number))
            return name

    reading, writing = os.pipe()
    orders = Orders(Engine(FakeRecognizer(), MessageList()), Reports(writing))
    obey(orders, Add(1, "s", "test", ""))
    obey(orders, Room(1))
    orders._names = Removing(orders._names)
    orders._report_room()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        ((kind, body),) = Splitter().packets(pipe.read())
    assert kind == REPORT and unpack_report(body) == Room(1)
    assert orders._full == set()
