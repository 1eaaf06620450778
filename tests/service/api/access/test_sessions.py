"""A browser that opened the page with the token has a signed session, and not the token."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from service.api.access.sessions import Sessions
from tests.fakes.house import House, running


@pytest.fixture(scope="module")
def guarded() -> Iterator[House]:
    with running(subscribe_token="read me", push_token="push me", session_hours=1) as house:
        yield house


def opened(house: House, **headers: str) -> httpx.Response:
    house.http.cookies.clear()
    answer = house.http.get("/", params={"token": "read me"}, headers=headers)
    house.http.cookies.clear()
    assert answer.status_code == 303 and answer.headers["Location"] == "./"
    return answer


def session_of(answer: httpx.Response) -> str:
    (kept,) = (c for c in answer.headers.get_list("Set-Cookie") if c.startswith("jointwise_sess"))
    return kept


def test_a_page_opened_with_the_token_gets_a_session_without_it(guarded: House) -> None:
    kept = session_of(opened(guarded))
    (morsel,) = SimpleCookie(kept).values()
    assert morsel["httponly"] and morsel["samesite"] == "strict" and morsel["max-age"] == "3600"
    assert "read" not in morsel.value and not morsel["secure"]
    cookie = {"Cookie": kept.split(";")[0]}
    assert guarded.http.get("/streams", headers=cookie).status_code == 200
    with guarded.connect("/ws", additional_headers=cookie) as socket:
        assert "hello" in str(socket.recv())
    with pytest.raises(InvalidStatus) as refused:
        guarded.connect("/ws/push/desk", additional_headers=cookie)
    assert refused.value.response.status_code == 401


def test_under_tls_the_session_is_secure(guarded: House) -> None:
    through_proxy = opened(guarded, **{"X-Forwarded-Proto": "https"})
    assert "; Secure" in session_of(through_proxy)


@pytest.mark.parametrize(
    "value",
    ["", "read%20me", "read me", "9999999999", "9999999999.", "9999999999.00", "\xb2.\xb2", "."],
)
def test_a_forged_session_is_refused(guarded: House, value: str) -> None:
    cookie = {b"Cookie": b"jointwise_session=" + value.encode("latin-1")}
    answer = guarded.http.get("/streams", headers=cookie)
    assert answer.status_code == 401 and "session has ended" in answer.json()["error"]


def test_the_cookie_that_was_the_token_opens_nothing_and_is_deleted(guarded: House) -> None:
    old = {"Cookie": "jointwise_token=read%20me"}
    assert guarded.http.get("/streams", headers=old).status_code == 401
    assert "jointwise_token=; Max-Age=0; Path=/" in opened(guarded).headers.get_list("Set-Cookie")


class Clock:
    now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_session_expires_and_belongs_to_one_token() -> None:
    clock = Clock()
    sessions = Sessions("a", 100, clock)
    value = sessions.new()
    assert Sessions("a", 100, clock).left_s(value) == 100  # also after a restart
    assert Sessions("b", 100, clock).left_s(value) is None
    expiry, _, signature = value.partition(".")
    assert sessions.left_s(f"{int(expiry) + 1}.{signature}") is None
    clock.now_s += 60
    assert sessions.left_s(value) == 40 and sessions.is_due(40) and not sessions.is_due(60)
    clock.now_s += 40
    assert sessions.left_s(value) is None
    assert Sessions("a", 50, clock).left_s(sessions.new()) is None  # the setting was lowered


def test_a_session_in_use_is_renewed(guarded: House, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = {"Cookie": session_of(opened(guarded)).split(";")[0]}
    assert "Set-Cookie" not in guarded.http.get("/streams", headers=cookie).headers
    monkeypatch.setattr(Sessions, "is_due", lambda *_: True)
    renewed = session_of(guarded.http.get("/streams", headers=cookie))
    guarded.http.cookies.clear()
    cookie = {"Cookie": renewed.split(";")[0]}
    assert guarded.http.get("/streams", headers=cookie).status_code == 200
    guarded.http.cookies.clear()
