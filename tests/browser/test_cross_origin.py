"""A page from another origin reads the service in Chromium if its origin is allowed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.page import CHROMIUM, wave_csv
from tests.fakes.house import House, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent (apt-get install chromium)"),
]

ASK = """async ([address, method, token, file]) => {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  let body;
  if (file) {
    body = new FormData();
    body.append("file", new File([file], "wave.csv"));
  }
  try {
    const answer = await fetch(address, { method, headers, body });
    return [answer.status, await answer.json()];
  } catch (problem) {
    return [0, String(problem)];
  }
}"""


class _EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!doctype html><title>foreign</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def site() -> Iterator[str]:
    """Serve an empty page at an origin of its own."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(20)


@contextmanager
def opened(browser: Browser, origin: str) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(origin)
    yield page
    page.close()


def ask(
    page: Page, house: House, path: str, method: str = "GET", token: str = "", file: str = ""
) -> list[Any]:
    """Fetch from the page: the status and JSON, or 0 and the error of the browser."""
    address = f"http://127.0.0.1:{house.port}{path}"
    answer: list[Any] = page.evaluate(ASK, [address, method, token, file])
    return answer


def test_an_allowed_page_reads_and_uploads_and_another_does_not(browser: Browser) -> None:
    wave = wave_csv(2.0).decode()
    with site() as allowed, site() as other, running(allowed_origins=allowed) as house:
        with opened(browser, allowed) as page:
            status, model = ask(page, house, "/model")
            assert (status, model["card"]["id"]) == (200, "fake")
            status, timeline = ask(page, house, "/clips", "POST", file=wave)
            assert (status, timeline["name"]) == (200, "wave") and timeline["times_s"]
            status, refused = ask(page, house, "/clips", "POST", file="no recording")
            assert status == 422 and "error" in refused
            assert ask(page, house, "/recordings/x", "DELETE")[0] == 404  # after a preflight
        with opened(browser, other) as page:
            for asked in (("/model",), ("/clips", "POST", "", wave), ("/recordings/x", "DELETE")):
                status, problem = ask(page, house, *asked)
                assert status == 0 and "Failed to fetch" in problem
        assert 'clips_total{outcome="classified"} 1.0' in house.http.get("/metrics").text


def test_an_allowed_page_sends_the_token(browser: Browser) -> None:
    with (
        site() as allowed,
        running(allowed_origins=allowed, subscribe_token="read me") as house,
        opened(browser, allowed) as page,
    ):
        assert ask(page, house, "/model", token="read me")[0] == 200
        status, told = ask(page, house, "/model")
        assert status == 401 and "a token is needed" in told["error"]
