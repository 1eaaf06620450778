"""JSON answers are compressed for clients that accept it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor.formats import kinect_v2_csv
from service.api.compression import SMALLEST_BYTES
from tests.fakes.house import House, running
from tests.fakes.people import recording


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running() as house:
        yield house


def fetched(house: House, path: str, accepted: str) -> tuple[str | None, str, bytes]:
    """Return the encoding, the header `Vary`, and the bytes on the wire."""
    with house.http.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
        body = b"".join(answer.iter_raw())
        assert int(answer.headers["Content-Length"]) == len(body)
        return answer.headers.get("Content-Encoding"), answer.headers["Vary"], body


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi.json"])
@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5"])
def test_a_long_answer_is_compressed(house: House, path: str, accepted: str) -> None:
    encoding, vary, packed = fetched(house, path, accepted)
    _, plain_vary, plain = fetched(house, path, "identity")
    assert encoding == "gzip" and len(packed) < len(plain) / 3
    assert gzip.decompress(packed) == plain
    assert "Accept-Encoding" in vary and "Accept-Encoding" in plain_vary and "Origin" in vary


@pytest.mark.parametrize("accepted", ["identity", "", "br", "gzip;q=0", "gzip; q=0.00", "xgzip"])
def test_nobody_gets_what_it_does_not_accept(house: House, accepted: str) -> None:
    encoding, _, body = fetched(house, "/openapi.json", accepted)
    assert encoding is None and body.startswith(b"{")


@pytest.mark.parametrize("path", ["/health", "/nonsense", "/metrics", "/"])
def test_short_answers_and_other_types_are_not_compressed(house: House, path: str) -> None:
    assert fetched(house, path, "gzip")[0] is None
    assert len(house.http.get("/health").content) < SMALLEST_BYTES


def test_a_recording_is_not_compressed(tmp_path: Path) -> None:
    with running(recordings=tmp_path) as house:
        file = tmp_path / "20260102-030405-desk.mcap"
        file.write_bytes(bytes(5000))
        answer = house.http.get(f"/recordings/{file.name}")
    assert "Content-Encoding" not in answer.headers


def test_a_timeline_is_the_same_compressed(house: House) -> None:
    file = {"file": ("arms.csv", kinect_v2_csv.write(recording()).encode())}
    packed = house.http.post("/clips?frames=true", files=file)
    plain = house.http.post("/clips?frames=true", files=file, headers={"Accept-Encoding": ""})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers and packed.content == plain.content
