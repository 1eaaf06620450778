"""Uploads over a bare socket, by a client that may leave at any time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sensor.formats import kinect_v2_csv
from tests.fakes.house import House
from tests.fakes.people import recording


def clip(frames: int) -> bytes:
    """Return a CSV recording of a person at rest."""
    joints = kinect_v2_csv.write(recording()).encode().split(b"\n")[0].split(b",", 1)[1]
    return b"\n".join(b"%d,%s" % (n * 333_333, joints) for n in range(frames))


def form(data: bytes) -> bytes:
    """Return the request that uploads a file and asks for its progress."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    body = head + data + b"\r\n--x--\r\n"
    return (
        b"POST /clips?progress=true HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n%s" % (len(body), body)
    )


@contextmanager
def sent(house: House, data: bytes, address: str = "127.0.0.1") -> Iterator[socket.socket]:
    """Send bytes from a loopback address; when the block ends, leave."""
    with socket.create_connection(
        ("127.0.0.1", house.port), timeout=30, source_address=(address, 0)
    ) as client:
        client.sendall(data)
        yield client


def await_text(client: socket.socket, text: bytes) -> bytes:
    """Read until the answer has a text; return what was read."""
    seen = b""
    while text not in seen:
        data = client.recv(65536)
        assert data, seen
        seen += data
    return seen


def counted(house: House, outcome: str) -> int:
    """Return the number of clips with an outcome."""
    text = house.http.get("/metrics").text
    found = [line for line in text.splitlines() if f'clips_total{{outcome="{outcome}"}}' in line]
    return int(float(found[0].split()[-1])) if found else 0


def await_gone(house: House, count: int) -> float:
    """Return the seconds until so many clients have gone."""
    start_s = time.monotonic()
    while counted(house, "gone") < count:
        assert time.monotonic() < start_s + 20
        time.sleep(0.01)
    return time.monotonic() - start_s


def resident_bytes(pid: int | str = "self") -> int:
    """Return the resident memory of a process; of this one, which runs the service."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096
