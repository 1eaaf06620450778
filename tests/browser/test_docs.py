"""The page /docs shows the REST interface, sends requests, and takes a token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.page import Watched, needs_page
from tests.fakes.house import House, running

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [*needs_page, pytest.mark.slow]


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    token = getattr(request, "param", None)
    with running(**({"subscribe_token": token} if token else {})) as house:
        yield house


def status_of(page: Page, path: str) -> str:
    """Send the GET request of a path from the page; return the status of its answer."""
    operation = page.locator(".opblock", has=page.locator(f"[data-path='{path}']")).first
    operation.locator(".opblock-summary-control").click()
    operation.locator(".try-out__btn").click()
    operation.locator(".execute").click()
    return operation.locator(".live-responses-table tbody .response-col_status").inner_text()


def test_shows_every_route_and_sends_requests(house: House, watched: Watched) -> None:
    page = watched.page
    own = f"http://127.0.0.1:{house.port}/"
    page.goto(f"{own}docs")
    page.wait_for_selector(".opblock")
    routes = house.http.get("/openapi.json").json()["paths"].values()
    assert page.locator(".opblock").count() == sum(map(len, routes))
    assert status_of(page, "/streams").split()[0] == "200"
    assert watched.errors == []
    assert [url for url in watched.asked if not url.startswith((own, "data:"))] == []


@pytest.mark.parametrize("house", ["secret"], indirect=True)
def test_asks_for_the_token_and_sends_it(house: House, watched: Watched) -> None:
    page = watched.page
    page.goto(f"http://127.0.0.1:{house.port}/docs")
    page.fill("#token", "wrong")
    page.click("#token-form button")
    page.wait_for_selector("#problem:not([hidden])")
    assert page.inner_text("#problem") == "The token is wrong."
    page.fill("#token", "secret")
    page.click("#token-form button")
    page.wait_for_selector(".opblock")
    assert page.is_hidden("#token-form")
    assert status_of(page, "/streams").split()[0] == "200"
