from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.fakes.house import House, running


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with running(allowed_origins="https://art.example") as house:
        yield house


@pytest.fixture(scope="module")
def guarded() -> Iterator[House]:
    with running(subscribe_token="read me", push_token="push me") as house:
        yield house


def refused(house: House, path: str, **options: Any) -> int:
    with pytest.raises(InvalidStatus) as caught:
        house.connect(path, **options)
    return caught.value.response.status_code


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://"]
)
def test_a_foreign_page_may_not_connect(house: House, origin: str) -> None:
    assert refused(house, "/ws", origin=origin) == 403
    assert refused(house, "/ws/push/desk", origin=origin) == 403
    answer = house.http.post("/clips", headers={"Origin": origin}, files={"file": b"x"})
    assert answer.status_code == 403 and "ALLOWED_ORIGINS" in answer.json()["error"]


@pytest.mark.parametrize("origin", [None, "own", "https://art.example"])
def test_our_own_page_and_allowed_pages_may_connect(house: House, origin: str | None) -> None:
    if origin == "own":
        origin = f"http://127.0.0.1:{house.port}"
    with house.connect("/ws", origin=origin) as socket:
        assert "hello" in str(socket.recv())


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", ""]
)
def test_a_foreign_host_name_is_refused(house: House, host: str) -> None:
    assert house.http.get("/streams", headers={"Host": host}).status_code in (400, 403)


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8765", "art.example"])
def test_own_host_names_are_accepted(house: House, host: str) -> None:
    assert house.http.get("/streams", headers={"Host": host}).status_code == 200


def test_every_answer_has_security_headers(house: House) -> None:
    for path in ("/", "/streams", "/nonsense"):
        headers = house.http.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "connect-src 'self';" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/streams", "/model", "/actions", "/metrics", "/openapi.json"])
def test_reading_needs_the_token(guarded: House, path: str) -> None:
    answer = guarded.http.get(path)
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    for wrong in ("x", "read", "push me", "réad me".encode()):
        shown = wrong if isinstance(wrong, bytes) else wrong.encode()
        headers = {b"Authorization": b"Bearer " + shown}
        assert guarded.http.get(path, headers=headers).status_code == 401
    assert guarded.http.get(path, headers={"Authorization": "Bearer read me"}).status_code == 200
    assert guarded.http.get(path, params={"token": "read me"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "query", "said"),
    [
        ({}, {}, "a token is needed: "),
        ({"Authorization": "Bearer old"}, {}, "the token is wrong: "),
        ({}, {"token": "old"}, "the token is wrong: "),
        ({"Cookie": "jointwise_token=read%20me"}, {}, "a token is needed: "),
        ({}, {"token": ""}, "a token is needed: "),
    ],
)
def test_a_wrong_token_is_not_called_a_missing_one(
    guarded: House, headers: dict[str, str], query: dict[str, str], said: str
) -> None:
    error = guarded.http.get("/streams", headers=headers, params=query).json()["error"]
    assert error.startswith(said) and "Authorization: Bearer" in error


def test_clips_need_the_token(guarded: House) -> None:
    assert guarded.http.post("/clips", files={"file": b"x"}).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/ready", "/"])
def test_health_and_the_page_need_no_token(guarded: House, path: str) -> None:
    assert guarded.http.get(path).status_code == 200


def test_websockets_need_their_own_token(guarded: House) -> None:
    assert refused(guarded, "/ws") == 401
    assert refused(guarded, "/ws/push/desk?token=read+me") == 401
    with guarded.connect("/ws?token=read%20me") as socket:
        assert "hello" in str(socket.recv())
    bearer = {"Authorization": "Bearer push me"}
    with guarded.connect("/ws/push/desk", additional_headers=bearer):
        pass


def test_pushing_needs_the_subscribe_token_if_there_is_no_push_token() -> None:
    with running(subscribe_token="t") as house:
        assert refused(house, "/ws/push/desk") == 401
        with house.connect("/ws/push/desk?token=t"):
            pass


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_page_opened_with_a_wrong_token_is_refused(guarded: House, token: str) -> None:
    answer = guarded.http.get("/", params={"token": token})
    assert answer.status_code == 401 and "Set-Cookie" not in answer.headers
