"""Behaviour that needs real sockets: a client that stops reading, and a service that stops."""

from __future__ import annotations

import json
import socket

import pytest
from websockets.exceptions import ConnectionClosed

from service.api.server import listen
from service.errors import SettingsError
from service.publish.send_queue import ORDERED_LIMIT
from service.wire.messages import ActionMessage, FrameMessage
from tests.fakes.house import House, running

ROUND = ORDERED_LIMIT // 2
LONG = "x" * 20_000
"""Long enough to fill the buffers between two sockets soon."""


def flood(house: House) -> None:
    """Publish frames and actions as fast as possible."""
    for n in range(ROUND):
        frames = [FrameMessage([], n, n, "s", truth=LONG) for _ in range(5)]
        house.live.bus.publish([*frames, ActionMessage("s", [1], LONG, "start", n, n, 0.9, [])])


def test_a_client_that_stops_reading_is_disconnected_and_slows_nobody() -> None:
    with running() as house, house.connect("/ws?messages=action") as good:
        good.recv()
        deaf = socket.create_connection(("127.0.0.1", house.port))
        deaf.sendall(
            b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert deaf.recv(12) == b"HTTP/1.1 101"
        for _ in range(100):
            flood(house)
            for _ in range(ROUND):
                assert json.loads(good.recv(10))["type"] == "action"
            waiting = [s.waiting for s in house.live.bus.subscriptions]
            assert max(waiting) <= ORDERED_LIMIT + 2
            if len(waiting) == 1:
                break
        else:
            pytest.fail("the client that does not read is still connected")
        deaf.close()


def test_subscribers_are_told_that_the_service_stops() -> None:
    with running() as house, house.connect("/ws") as reader:
        reader.recv()
        house.server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            reader.recv(10)
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1001


def test_the_error_for_a_taken_port_says_how_to_mend_it() -> None:
    with (
        listen("127.0.0.1", 0) as first,
        pytest.raises(SettingsError, match=r"taken: .*--port"),
    ):
        listen("127.0.0.1", first.getsockname()[1])


def test_the_error_for_a_foreign_host_names_it() -> None:
    with pytest.raises(SettingsError, match=r"cannot listen on 203\.0\.113\.1"):
        listen("203.0.113.1", 0)
