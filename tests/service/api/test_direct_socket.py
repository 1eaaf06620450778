"""Websocket messages in any split of their bytes, and violations of the protocol."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from sensor.skeleton import KINECT_V2, Body, Frame
from service.wire.binary_frames import encode_frames
from service.wire.websocket_frames import find_frame, message_frame, unmasked
from tests.builders import wave
from tests.fakes.house import House, running

HANDSHAKE = (
    b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TEXT, BINARY, CONTINUED, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA
MASK = b"\x01\x02\x03\x04"


def client_frame(opcode: int, payload: bytes, final: bool = True, mask: bytes = MASK) -> bytes:
    head = bytes((0x80 * final | opcode,))
    masked = 0x80 * bool(mask)
    if len(payload) < 126:
        head += bytes((masked | len(payload),))
    elif len(payload) < 65536:
        head += bytes((masked | 126,)) + struct.pack("!H", len(payload))
    else:
        head += bytes((masked | 127,)) + struct.pack("!Q", len(payload))
    if not mask:
        return head + payload
    hidden = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return head + mask + hidden


class Raw:
    """A websocket client that controls every byte it sends."""

    def __init__(self, port: int, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.sendall(HANDSHAKE % path.encode())
        self._file = self.socket.makefile("rb")
        while self._file.readline() != b"\r\n":
            pass

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def receive(self) -> tuple[int, bytes]:
        first, size = self._file.read(2)
        if size == 126:
            (size,) = struct.unpack("!H", self._file.read(2))
        return first & 15, self._file.read(size)

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running(push_kib=64) as house:
        yield house


@contextmanager
def pushing(house: House, name: str) -> Iterator[Raw]:
    raw = Raw(house.port, f"/ws/push/{name}")
    try:
        yield raw
    finally:
        raw.close()


def taken(house: House, name: str, frames: int) -> bool:
    """Tell whether the stream gets that many frames, at most 20 s apart, and is live."""
    with house.connect(f"/ws?messages=frame,status&streams={name}") as reader:
        while True:
            for stream in house.http.get("/streams").json()["streams"]:
                if stream["name"] == name and stream["frames"] == frames:
                    return bool(stream["state"] == "live")
            reader.recv(20)


def frames(count: int, start: int = 0) -> list[Frame]:
    motion = wave(start + count)
    sure = np.ones(25, np.float32)
    return [
        Frame("s", i, i * 33_333_333, (Body(1, motion[i], sure),), KINECT_V2)
        for i in range(start, start + count)
    ]


def as_text(n: int) -> bytes:
    body = {"id": 1, "joints_m": wave(1)[0].tolist()}
    return json.dumps({"type": "frame", "captured_ns": n, "bodies": [body]}).encode()


def test_many_messages_in_one_packet_and_one_message_in_many(house: House) -> None:
    messages = [client_frame(BINARY, encode_frames(frames(4, 4 * i))) for i in range(5)]
    together = b"".join(messages[:3]) + messages[3][:100]
    with pushing(house, "cut") as raw:
        raw.send(
            together, messages[3][100:101], messages[3][101:], messages[4][:1], messages[4][1:]
        )
        assert taken(house, "cut", 20)


def test_text_binary_fragments_and_pings_mix_in_order(house: House) -> None:
    whole = as_text(3 * 33_333_333)
    with pushing(house, "mixed") as raw:
        raw.send(
            client_frame(BINARY, encode_frames(frames(2))),
            client_frame(PING, b"so"),
            client_frame(TEXT, as_text(2 * 33_333_333), mask=b"\0\0\0\0"),
            client_frame(TEXT, whole[:10], final=False),
            client_frame(PING, b"and so"),
            client_frame(CONTINUED, whole[10:99], final=False)
            + client_frame(CONTINUED, whole[99:]),
            client_frame(BINARY, encode_frames(frames(2, 4))),
        )
        assert raw.receive() == (PONG, b"so")
        assert raw.receive() == (PONG, b"and so")
        assert taken(house, "mixed", 6)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (client_frame(TEXT, b"{}", mask=b""), 1002),
        (client_frame(0x3, b"{}"), 1002),
        (client_frame(CONTINUED, b"{}"), 1002),
        (client_frame(TEXT, b"{", final=False) + client_frame(TEXT, b"}"), 1002),
        (client_frame(TEXT, b"\xff\xfe"), 1007),
        (client_frame(TEXT, b"\xff", final=False) + client_frame(CONTINUED, b"\xfe"), 1007),
        (client_frame(BINARY, bytes(2 * 64 * 1024 + 1)), 1009),
        (client_frame(BINARY, bytes(70_000)), None),
        (client_frame(BINARY, b"JWF1"), None),
        (client_frame(CLOSE, struct.pack("!H", 1000)), 1000),
    ],
)
def test_a_violation_gets_an_error_and_is_closed(
    house: House, data: bytes, code: int | None
) -> None:
    with pushing(house, "wrong") as raw:
        raw.send(data)
        opcode, payload = raw.receive()
        if code is None:
            assert opcode == TEXT and json.loads(payload)["type"] == "error"
            opcode, payload = raw.receive()
            code = 1008
        assert (opcode, struct.unpack("!H", payload[:2])) == (CLOSE, (code,))
    with house.connect("/ws") as reader:
        while any(s["name"] == "wrong" for s in house.http.get("/streams").json()["streams"]):
            reader.ping().wait(1)


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_frames_are_found_as_they_were_made(size: int) -> None:
    payload = bytes(i % 251 for i in range(size))
    made = b"xy" + client_frame(BINARY, payload)
    start, stop = find_frame(made, 2)
    assert stop == len(made) and unmasked(made, start, stop) == payload
    first, last = find_frame(made, 2), find_frame(made[:7], 2)
    assert last == first or last == (0, 0)
    server = message_frame(payload, text=False)
    assert server.endswith(payload) and server[0] == 0x82
    start, stop = find_frame(server, 0)
    assert (stop - start, stop) == (size, len(server))
