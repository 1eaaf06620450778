"""Pages of an allowed origin read answers; other pages do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from service.clips.uploads import Clips
from tests.fakes.house import House, running

ALLOWED = "https://art.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running(allowed_origins="https://Art.Example/ https://b.example") as house:
        yield house


@pytest.fixture(scope="module")
def guarded() -> Iterator[House]:
    with running(allowed_origins=ALLOWED, subscribe_token="read me") as house:
        yield house


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/model", 200),
        ("GET", "/streams", 200),
        ("GET", "/health", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/nonsense", 404),
        ("GET", "/exemplars/0", 404),
        ("GET", "/exemplars/x", 422),
        ("POST", "/clips", 422),
        ("POST", "/model", 405),
        ("DELETE", "/recordings/x", 404),
    ],
)
@pytest.mark.parametrize("origin", [ALLOWED, "https://b.example"])
def test_an_allowed_page_reads_every_answer(
    house: House, method: str, path: str, status: int, origin: str
) -> None:
    answer = house.http.request(method, path, headers={"Origin": origin})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert "Origin" in answer.headers["Vary"]
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", [None, "own", "https://evil.example", "null"])
@pytest.mark.parametrize("path", ["/model", "/nonsense"])
def test_nobody_else_is_allowed(house: House, origin: str | None, path: str) -> None:
    if origin == "own":
        origin = f"http://127.0.0.1:{house.port}"
    answer = house.http.get(path, headers={} if origin is None else {"Origin": origin})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/model", "/clips", "/recordings/x"])
def test_a_preflight_needs_no_token(guarded: House, path: str) -> None:
    answer = guarded.http.options(path, headers={"Origin": ALLOWED, **PREFLIGHT})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
    methods = answer.headers["Access-Control-Allow-Methods"].split(", ")
    assert {"GET", "POST", "DELETE"} <= set(methods)
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Private-Network" not in answer.headers


def test_a_preflight_from_the_internet_to_the_local_network(house: House) -> None:
    asked = {"Origin": ALLOWED, **PREFLIGHT, "Access-Control-Request-Private-Network": "true"}
    answer = house.http.options("/model", headers=asked)
    assert answer.headers["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Host": "art.example"},
    ],
)
def test_a_foreign_preflight_is_refused(house: House, headers: dict[str, str]) -> None:
    answer = house.http.options("/model", headers=headers | PREFLIGHT)
    assert answer.status_code == 403 and "ALLOWED_ORIGINS" in answer.json()["error"]
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_preflight_for_a_foreign_host_is_refused(house: House) -> None:
    headers = {"Origin": ALLOWED, "Host": "evil.example", **PREFLIGHT}
    answer = house.http.options("/model", headers=headers)
    assert answer.status_code == 403 and "Access-Control-Allow-Methods" not in answer.headers


def test_options_that_is_no_preflight_is_no_way_around_the_token(guarded: House) -> None:
    assert guarded.http.options("/model", headers={"Origin": ALLOWED}).status_code == 401
    assert guarded.http.options("/model", headers=PREFLIGHT).status_code == 401


def test_an_allowed_page_needs_the_token_and_can_read_its_refusal(guarded: House) -> None:
    origin = {"Origin": ALLOWED}
    refused = guarded.http.get("/model", headers=origin)
    assert refused.status_code == 401 and "a token is needed" in refused.json()["error"]
    read = guarded.http.get("/model", headers={**origin, "Authorization": "Bearer read me"})
    assert read.status_code == 200
    for answer in (refused, read):
        assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED


def test_an_internal_error_is_readable_and_guarded(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Clips, "classify", fail)
    answer = house.http.post("/clips", headers={"Origin": ALLOWED}, files={"file": b"x"})
    assert answer.status_code == 500 and answer.json()["error"].startswith("internal error")
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
