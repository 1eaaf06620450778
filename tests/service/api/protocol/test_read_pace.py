"""A client that reads slowly gets new messages, not old ones, and floods cost no memory."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from service.api.direct_socket import DirectSocket
from service.api.protocol.read_pace import (
    AHEAD_S,
    FIRST_BYTES,
    LATE_S,
    LEAST_BYTES,
    MOST_BYTES,
    PING_S,
    ReadPace,
)
from service.wire.messages import ActionMessage, FrameMessage
from tests.fakes.house import House, running
from tests.service.api.test_direct_socket import (
    CLOSE,
    CONTINUED,
    PING,
    TEXT,
    Raw,
    client_frame,
)


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def answer(ping: bytes) -> bytes:
    assert ping[:2] == b"\x89\x04" and len(ping) == 6
    return ping[2:]


def test_pings_follow_the_messages_but_not_all_of_them() -> None:
    clock = Clock()
    pace = ReadPace(clock)
    ping = pace.sent(100)
    assert ping and not pace.sent(100) and not pace.answered(b"xxxx")
    assert pace.answered(answer(ping)) and not pace.answered(answer(ping))
    assert not pace.sent(100)
    clock.now_s += PING_S
    assert pace.sent(100) and not pace.full


def test_nothing_is_sent_while_a_pong_is_late() -> None:
    clock = Clock()
    pace = ReadPace(clock)
    ping = pace.sent(100)
    clock.now_s += LATE_S + 0.01
    assert pace.full
    assert pace.answered(answer(ping)) and not pace.full


def test_quick_pongs_lift_the_limit_and_slow_ones_set_it_to_what_is_read() -> None:
    clock = Clock()
    pace = ReadPace(clock)
    sizes = []
    for _ in range(10):
        sent, pings = 0, []
        while not pace.full:
            pings.append(pace.sent(2000))
            sent += 2000
        sizes.append(sent)
        for ping in filter(None, (*pings, pace.sent(0))):
            pace.answered(answer(ping))
        pace.answered(answer(ping)) if (ping := pace.sent(0)) else None
    assert sizes[0] == pytest.approx(FIRST_BYTES, abs=2000) and max(sizes) >= MOST_BYTES
    rate = 20_000
    for _ in range(10):  # this reader takes `rate` bytes a second
        unread, ping = 0, b""
        while not pace.full:
            ping = pace.sent(500) or ping
            unread += 500
        ping = ping or pace.sent(0)
        clock.now_s += unread / rate
        assert pace.answered(answer(ping))
        if more := pace.sent(0):
            clock.now_s += 0.01
            pace.answered(answer(more))
    assert LEAST_BYTES <= unread <= 2.5 * AHEAD_S * rate


@pytest.fixture
def house() -> Iterator[House]:
    with running() as house:
        yield house


def publish(house: House, stopping: threading.Event) -> None:
    """Publish 200 KB a second for each of two kinds, with the time as their sequence."""
    while not stopping.wait(0.01):
        now_ns = time.monotonic_ns()
        house.live.bus.publish([FrameMessage([], now_ns, now_ns, "s", truth="x" * 2000)])


@pytest.mark.slow
@pytest.mark.parametrize("rate", [10_000, 20_000, 60_000])
def test_a_slow_reader_gets_no_old_messages(house: House, rate: int) -> None:
    stopping = threading.Event()
    publisher = threading.Thread(target=publish, args=(house, stopping))
    raw = Raw(house.port, "/ws?messages=frame")
    publisher.start()
    ages_s = []
    try:
        begun_s, read = time.monotonic(), 0
        while time.monotonic() < begun_s + 5:
            opcode, payload = receive(raw)
            read += len(payload)
            time.sleep(max(begun_s + read / rate - time.monotonic(), 0))
            if opcode == PING:
                raw.send(client_frame(0xA, payload))
            elif opcode == TEXT and b'"frame"' in payload[:20]:
                ages_s.append((time.monotonic_ns() - json.loads(payload)["sequence"]) / 1e9)
    finally:
        stopping.set()
        publisher.join()
        raw.close()
    # The first messages show the rate; after them, none is old.
    assert len(ages_s) > 10 and max(ages_s[5:]) < 1.0, ages_s


def receive(raw: Raw) -> tuple[int, bytes]:
    first, size = raw._file.read(2)
    if size == 126:
        (size,) = struct.unpack("!H", raw._file.read(2))
    return first & 15, raw._file.read(size)


def test_a_reader_that_stops_is_told_why_it_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.publish.subscription.SEND_S", 0.5)
    raw = Raw(house.port, "/ws?messages=frame,action")
    for n in range(200):  # nothing is answered meanwhile
        now_ns = time.monotonic_ns()
        house.live.bus.publish(
            [
                FrameMessage([], n, n, "s", truth="x" * 2000),
                ActionMessage("s", [1], "wave", "start", now_ns, now_ns, 0.9, []),
            ]
        )
        time.sleep(0.01)
    size, opcode, payload = 0, TEXT, b""
    while opcode != CLOSE:
        opcode, payload = receive(raw)
        size += len(payload)
    raw.close()
    assert payload[2:].startswith(b"too slow") and size < 4 * FIRST_BYTES + 10_000
    assert not house.live.bus.subscriptions


@pytest.mark.parametrize("path", ["/ws?messages=action", "/ws/push/flood"])
def test_a_flood_of_pings_or_empty_parts_costs_no_memory(house: House, path: str) -> None:
    sockets: list[DirectSocket] = []
    raw = Raw(house.port, path)
    ping = client_frame(PING, b"x" * 125) * 1000
    raw.socket.settimeout(0.5)
    with contextlib.suppress(TimeoutError):
        for _ in range(200):  # 26 MB, of which no pong is read
            raw.socket.sendall(ping)
    sockets = [c for c in house.server.server_state.connections if isinstance(c, DirectSocket)]
    (direct,) = sockets
    assert direct.transport.get_write_buffer_size() < 10_000
    raw.close()


def test_many_small_parts_of_a_message_cost_little_memory(house: House) -> None:
    raw = Raw(house.port, "/ws/push/parts")
    raw.send(client_frame(TEXT, b"{", final=False))
    raw.send(client_frame(CONTINUED, b"", final=False) * 20_000)
    raw.send(client_frame(CONTINUED, b" ", final=False) * 2000)
    raw.send(client_frame(PING, b"done"))
    while receive(raw) != (0xA, b"done"):
        pass
    (direct,) = (c for c in house.server.server_state.connections if isinstance(c, DirectSocket))
    assert len(direct.frames) <= 65 and sum(map(len, direct.frames)) == 2001
    raw.close()


def test_the_send_buffer_is_limited(house: House) -> None:
    with house.connect("/ws") as reader:
        reader.recv()
        (direct,) = (
            c for c in house.server.server_state.connections if isinstance(c, DirectSocket)
        )
        raw = direct.transport.get_extra_info("socket")
        assert raw.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 1 << 19
