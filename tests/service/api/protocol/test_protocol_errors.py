"""Requests and handshakes that break the protocol: a 4xx answer, and one line in the log."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from service.api.direct_socket import DirectSocket
from tests.fakes.house import House, running
from tests.service.api.test_direct_socket import HANDSHAKE, TEXT, client_frame

HOST = b"Host: 127.0.0.1"
CHUNKED = b"Transfer-Encoding: chunked"
UPGRADE = HANDSHAKE % b"/ws"


def request(*headers: bytes, path: bytes = b"/streams", method: bytes = b"GET") -> bytes:
    return b"\r\n".join((method + b" " + path + b" HTTP/1.1", *headers, b"", b""))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running() as house:
        yield house


@pytest.fixture
def logged(house: House) -> Iterator[list[logging.LogRecord]]:
    """The records that an operator sees, also those of uvicorn, which does not propagate them."""
    records: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    keep = Keep(logging.WARNING)
    loggers = [logging.getLogger(), logging.getLogger("uvicorn")]
    for logger in loggers:
        logger.addHandler(keep)
    yield records
    for logger in loggers:
        logger.removeHandler(keep)


def answer(house: House, data: bytes) -> bytes:
    """Send bytes; return everything that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=10) as client:
        client.sendall(data)
        parts = list(iter(lambda: client.recv(65536), b""))
    return b"".join(parts)


@pytest.mark.parametrize(
    "headers",
    [
        (b"Host: [",),
        (b"Host: a]b",),
        (b"Host: [::1", b"Authorization: Bearer x"),
        (HOST, b"Origin: http://["),
    ],
)
def test_a_malformed_host_or_origin_is_refused(
    house: House, logged: list[logging.LogRecord], headers: tuple[bytes, ...]
) -> None:
    status = 403 if HOST in headers else 400
    got = answer(house, request(*headers, b"Connection: close"))
    assert got.startswith(b"HTTP/1.1 %d " % status) and b'{"error":"the ' in got
    assert b"nosniff" in got and not logged
    handshake = UPGRADE.replace(HOST, b"\r\n".join(headers))
    assert answer(house, handshake).startswith(b"HTTP/1.1 %d " % status)
    assert not logged


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
        (request(), 400),
        (request(HOST, HOST), 400),
        (request(HOST, b"Content-Length: x", method=b"POST"), 400),
        (request(HOST, b"Transfer-Encoding: gzip", method=b"POST"), 501),
        (request(HOST, CHUNKED, path=b"/recordings", method=b"POST") + b"zz\r\n", 400),
        (request(HOST, CHUNKED, path=b"/nonsense", method=b"POST") + b"zz\r\n", 400),
        (request(HOST, path=b"/?token=s\xffcret"), 400),
        (UPGRADE.replace(HOST, HOST + b"\r\nContent-Length: 5"), 400),
        (UPGRADE.replace(HOST, HOST + b"\r\n" + CHUNKED), 400),
    ],
)
def test_an_invalid_request_is_one_line_in_the_log(
    house: House, logged: list[logging.LogRecord], data: bytes, status: int
) -> None:
    assert answer(house, data).startswith(b"HTTP/1.1 %d " % status)
    assert house.http.get("/health").status_code == 200  # the application has seen the request
    (record,) = logged
    line = record.getMessage()
    assert "127.0.0.1" in line and "\n" not in line and "cret" not in line
    assert record.exc_info is None


def test_garbage_behind_a_valid_request_is_one_line(
    house: House, logged: list[logging.LogRecord]
) -> None:
    got = answer(house, request(HOST) + b"\x00\x01\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 200 ") and b"HTTP/1.1 400 " in got
    assert [record.exc_info for record in logged] == [None]


class StalledTransport(asyncio.Transport):
    """The transport of a client that reads nothing: closing it does not end the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closing = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.closing = True

    def is_closing(self) -> bool:
        return self.closing

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass


def test_an_application_that_answers_after_a_protocol_error_is_no_failure(
    logged: list[logging.LogRecord],
) -> None:
    async def scene() -> bytes:
        broken = asyncio.Event()

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})
            await broken.wait()
            await send({"type": "websocket.send", "text": "too late"})

        config = uvicorn.Config(app, ws=DirectSocket, lifespan="off", log_config=None)
        config.load()
        protocol, transport = DirectSocket(config, ServerState(), {}), StalledTransport()
        protocol.connection_made(transport)
        protocol.data_received(UPGRADE)
        while not protocol.handshake_complete:
            await asyncio.sleep(0)
        protocol.data_received(client_frame(TEXT, b"{}", mask=b""))
        broken.set()
        await asyncio.gather(*protocol.tasks)
        return transport.written

    written = asyncio.run(scene())
    assert b"too late" not in written and not logged
