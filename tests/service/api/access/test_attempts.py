"""Wrong tokens are counted, slowed and logged by address."""

from __future__ import annotations

import logging

import pytest
from websockets.exceptions import InvalidStatus

from service.api.access.attempts import (
    FREE_GUESSES,
    GUESS_S,
    LOG_S,
    MOST_ADDRESSES,
    Attempts,
)
from tests.fakes.house import House, running


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def guess(house: House, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return house.http.get("/streams", headers=headers).status_code


def test_guessing_is_slowed_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    with running(subscribe_token="right", push_token="other") as house:
        assert guess(house, "right") == 200
        opened = house.http.get("/", params={"token": "right"})
        got = [guess(house, f"wrong {n}") for n in range(FREE_GUESSES + 5)]
        assert got == [401] * FREE_GUESSES + [429] * 5
        assert guess(house, "right") == 429  # a right guess must not stand out
        answer = house.http.get("/streams", params={"token": "a"})
        assert 0 < int(answer.headers["Retry-After"]) <= GUESS_S
        assert "too many wrong tokens" in answer.json()["error"]
        with pytest.raises(InvalidStatus) as refused:
            house.connect("/ws/push/desk?token=x")
        assert refused.value.response.status_code == 429
        # Neither sessions nor open routes are concerned.
        cookie = {"Cookie": opened.headers["Set-Cookie"].split(";")[0]}
        assert house.http.get("/streams", headers=cookie).status_code == 200
        assert house.http.get("/health").status_code == 200
        metrics = house.http.get("/metrics", headers=cookie).text
        assert f"jointwise_wrong_tokens_total {FREE_GUESSES}.0" in metrics
    lines = [record.getMessage() for record in caplog.records if "wrong token" in record.msg]
    assert len(lines) == 1 and "127.0.0.1" in lines[0] and "wrong 0" not in lines[0]


def test_the_same_wrong_token_again_locks_nobody_out() -> None:
    with running(subscribe_token="right") as house:
        assert [guess(house, "of last year") for _ in range(50)] == [401] * 50
        assert guess(house, "right") == 200


def test_an_address_may_guess_again_later_and_others_at_once() -> None:
    clock = Clock()
    attempts = Attempts(clock_s=clock)
    for n in range(FREE_GUESSES):
        assert attempts.wait_s("192.0.2.1", str(n)) == 0
        attempts.wrong("192.0.2.1", str(n))
    assert attempts.wait_s("192.0.2.1", "x") == pytest.approx(GUESS_S)
    assert attempts.wait_s("::ffff:192.0.2.1", "x") == pytest.approx(GUESS_S)
    assert attempts.wait_s("192.0.2.2", "x") == 0
    clock.now_s += GUESS_S
    assert attempts.wait_s("192.0.2.1", "x") == 0
    attempts.wrong("192.0.2.1", "x")
    assert attempts.wait_s("192.0.2.1", "y") == pytest.approx(GUESS_S)


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    attempts = Attempts(clock_s=Clock())
    for n in range(FREE_GUESSES):
        attempts.wrong(f"2001:db8::{n:x}", str(n))
    assert attempts.wait_s("2001:db8::ffff", "x") > 0
    assert attempts.wait_s("2001:db8:0:1::1", "x") == attempts.wait_s("::1", "x") == 0


def test_memory_and_log_are_limited(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    attempts = Attempts(clock_s=clock)
    for n in range(500):
        attempts.wrong("192.0.2.1", str(n))
    clock.now_s += LOG_S
    with caplog.at_level(logging.WARNING):
        caplog.clear()
        attempts.wrong("192.0.2.1", "x")
    assert caplog.messages == ["wrong token from 192.0.2.1, 500 since the last line"]
    for n in range(2 * MOST_ADDRESSES):
        attempts.wrong(f"10.0.{n >> 8}.{n & 255}", "x")
    assert len(attempts) == MOST_ADDRESSES
