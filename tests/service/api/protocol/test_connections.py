"""Connections that send no request make way, and requests that are not whole have deadlines."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from service.api.protocol import connections, http_protocol
from service.api.protocol.connections import PATIENCE_S, RESERVED, Connections
from service.api.protocol.request_parser import HEAD_BYTES, HEADER_BYTES, MOST_HEADERS
from tests.fakes.house import House, running
from tests.service.api.test_direct_socket import HANDSHAKE

GET = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
UPGRADE = HANDSHAKE % b"/ws"


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Client:
    """A connection that waits for a request."""

    def __init__(self, address: str = "192.0.2.1") -> None:
        self.address = address
        self.made_way = False

    def make_way(self) -> None:
        self.made_way = True


def counted(most: int, per_address: int) -> tuple[Connections, Clock]:
    clock = Clock()
    return Connections(most, per_address, clock), clock


def added(limits: Connections, *clients: Client) -> list[Client]:
    """Add clients; those that must make way leave as a connection does."""
    for client in clients:
        assert limits.add(client)
    for client in clients:
        if client.made_way:
            limits.remove(client)
    return list(clients)


def test_the_oldest_of_an_address_makes_way_for_a_new_one() -> None:
    limits, clock = counted(100, 2)
    first, second, other = added(limits, Client(), Client(), Client("192.0.2.2"))
    added(limits, Client())  # all at once are accepted
    assert not (first.made_way or second.made_way)
    clock.now_s += PATIENCE_S
    limits.is_busy(first)
    added(limits, Client())
    assert (first.made_way, second.made_way, other.made_way) == (False, True, False)


def test_at_the_limit_in_all_the_oldest_makes_way_and_else_only_this_machine_is_let_in() -> None:
    limits, clock = counted(3, 100)
    clients = added(limits, *(Client(f"192.0.2.{n}") for n in range(3)))
    assert not limits.add(Client("192.0.2.9"))
    clock.now_s += PATIENCE_S
    assert limits.add(Client("192.0.2.9")) and [c.made_way for c in clients] == [True, False, False]
    for client in clients[1:]:
        limits.is_busy(client)
    limits.remove(clients[0])
    assert not limits.add(Client("192.0.2.9"))
    assert [limits.add(Client("127.0.0.1")) for _ in range(RESERVED + 1)] == [True] * RESERVED + [
        False
    ]


def test_a_connection_that_leaves_is_forgotten() -> None:
    limits, _ = counted(3, 3)
    for _ in range(10):
        client = Client()
        assert limits.add(client)
        limits.waits(client)
        limits.is_busy(client)
        limits.waits(client)
        limits.remove(client)
    assert len(limits) == 0 and not limits._waiting and not limits._by_address


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A service with short deadlines and few connections."""
    monkeypatch.setattr(http_protocol, "HEAD_S", 0.5)
    monkeypatch.setattr(http_protocol, "UNREAD_S", 0.5)
    monkeypatch.setattr(connections, "PATIENCE_S", 0.0)
    with running(most_sockets=40, connections_per_address=8, upload_idle_s=0.1) as house:
        yield house


@contextlib.contextmanager
def opened(house: House, data: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as client:
        client.sendall(data)
        yield client


def all_of(client: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionResetError):
        return b"".join(iter(lambda: client.recv(65536), b""))
    return b""


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (b"", b""),
        (b"GET /health HT", b"HTTP/1.1 408 "),
        (GET, b"HTTP/1.1 408 "),
        (UPGRADE[:-2], b"HTTP/1.1 408 "),
        (GET + b"\r\n" + GET, b"HTTP/1.1 200 "),
    ],
)
def test_a_head_that_is_not_whole_has_a_deadline(
    impatient: House, data: bytes, answer: bytes
) -> None:
    begun_s = time.monotonic()
    with opened(impatient, data) as client:
        got = all_of(client)
    assert got.startswith(answer) and bool(got) == bool(answer)
    assert (b"HTTP/1.1 408 " in got) == bool(data)
    assert 0.4 < time.monotonic() - begun_s < 10


def test_a_head_that_drips_has_the_same_deadline(impatient: House) -> None:
    begun_s = time.monotonic()
    with opened(impatient, GET) as client, contextlib.suppress(OSError):
        while time.monotonic() - begun_s < 10:
            client.sendall(b"X")
            client.settimeout(0.05)
            with contextlib.suppress(TimeoutError):
                assert b"408" in client.recv(1000)
                break
    assert time.monotonic() - begun_s < 5


def test_a_body_that_does_not_come_has_a_deadline(impatient: House) -> None:
    limits = impatient.server.limits
    limits.body_s = 0.3
    post = b"POST /recordings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{"
    with opened(impatient, post) as client:
        assert all_of(client).startswith(b"HTTP/1.1 408 ")


def test_silent_connections_shut_nobody_out(impatient: House) -> None:
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(opened(impatient, GET)) for _ in range(100)]
        assert impatient.http.get("/health").status_code == 200
        with impatient.connect("/ws") as reader:
            assert "hello" in str(reader.recv())
            silent += [stack.enter_context(opened(impatient)) for _ in range(50)]
            assert impatient.http.get("/health").status_code == 200
            assert "pong" not in str(reader.ping().wait(10))  # it is still open
    assert len(impatient.server.limits.connections) <= 40 + RESERVED


def test_beyond_the_limit_in_all_connections_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "RESERVED", 2)
    with running(most_sockets=8) as house, contextlib.ExitStack() as stack:
        readers = [stack.enter_context(house.connect("/ws")) for _ in range(8)]
        answers = []
        for _ in range(5):
            client = stack.enter_context(opened(house, GET + b"\r\n"))
            answers.append(client.recv(13))
        assert answers == [b"HTTP/1.1 200 "] * 2 + [b"HTTP/1.1 503 "] * 3
        for reader in readers:
            reader.close()
        while len(house.server.limits.connections) > 4:
            time.sleep(0.01)
        assert house.http.get("/health").status_code == 200


LONG = b"X: " + b"a" * HEADER_BYTES + b"\r\n"
MANY = b"".join(b"X%d: 1\r\n" % n for n in range(MOST_HEADERS))
LARGE = b"".join(b"X%d: " % n + b"a" * 4000 + b"\r\n" for n in range(HEAD_BYTES // 4000 + 1))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running() as house:
        yield house


@pytest.mark.parametrize("begin", [GET, UPGRADE[:-2]])
@pytest.mark.parametrize("headers", [LONG, MANY, LARGE, 20 * LONG])
def test_headers_that_are_too_large_are_refused(house: House, begin: bytes, headers: bytes) -> None:
    for end in (b"\r\n", b""):  # also before the head is complete, if it is too large by then
        if end or len(headers) > HEAD_BYTES:
            with opened(house, begin + headers + end) as client:
                assert all_of(client).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("begin", [GET, UPGRADE])
def test_an_address_that_is_too_long_is_refused(house: House, begin: bytes) -> None:
    path = b"/" + b"a" * HEADER_BYTES
    head = begin.replace(b" /health ", b" %b " % path).replace(b" /ws ", b" %b " % path)
    with opened(house, head.rstrip() + b"\r\n\r\n") as client:
        assert all_of(client).startswith(b"HTTP/1.1 414 ")


@pytest.mark.parametrize("headers", [b"X: " + b"a" * 7000 + b"\r\n", MANY[: MANY.index(b"X90")]])
def test_headers_within_the_limits_are_accepted(house: House, headers: bytes) -> None:
    with opened(house, GET + headers + b"Connection: close\r\n\r\n") as client:
        assert all_of(client).startswith(b"HTTP/1.1 200 ")
    with opened(house, UPGRADE[:-2] + headers + b"\r\n") as client:
        assert client.recv(13) == b"HTTP/1.1 101 "


def test_an_answer_that_nobody_reads_ends(
    impatient: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(impatient.live.metrics), "text", lambda _: bytes(30_000_000))
    get = GET.replace(b"/health", b"/metrics") + b"\r\n"
    with opened(impatient, get):
        end_s = time.monotonic() + 10
        while len(impatient.server.limits.connections) and time.monotonic() < end_s:
            time.sleep(0.05)
        assert not len(impatient.server.limits.connections)


def test_a_request_without_headers_is_answered(house: House) -> None:
    with opened(house, b"GET /health HTTP/1.0\r\n\r\n") as client:
        assert all_of(client).startswith(b"HTTP/1.1 403 ")  # its host is foreign
