from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.page import CHROMIUM, FLAGS, PATIENCE_MS, SOFTWARE_GL, Watched
from tests.browser.server import FAKE, REAL, ROOT, Server, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MODEL = ROOT / "models" / "artifacts" / "default" / "model.onnx"


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real service, playing the demo."""
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (the cpu extra)")
    if not MODEL.is_file():
        pytest.skip("the default model is not there yet")
    server = Server(REAL, tmp_path_factory.mktemp("real") / "log", free_port())
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def inventing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The fake service, with invented people who do things that the demo does not."""
    server = Server(FAKE, tmp_path_factory.mktemp("fake") / "log", free_port())
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS + SOFTWARE_GL)
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    page.set_default_timeout(PATIENCE_MS)
    watched = Watched(page)
    page.on("request", lambda request: watched.asked.append(request.url))
    page.on("websocket", lambda opened: watched.asked.append(opened.url))
    page.on("pageerror", lambda error: watched.errors.append(str(error)))
    page.on(
        "console",
        lambda line: watched.errors.append(line.text) if line.type == "error" else None,
    )
    yield watched
    page.close()
