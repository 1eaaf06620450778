"""The page in Chromium, against the real service and against invented people."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from sensor.formats import read_recording

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
MODEL = ROOT / "models" / "artifacts" / "default" / "model.onnx"
PAGE = ROOT / "service" / "viewer" / "dist" / "index.html"
CHROMIUM = shutil.which("chromium")
SOFTWARE_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
REAL = ["-m", "service", "serve", "--source", "demo:"]
FAKE = ["-m", "tests.fakes.viewer_service"]
PATIENCE_MS = 60_000
RIGHT_LABEL = """() => {
  const shown = document.querySelector('[data-testid=label]').dataset.label;
  return shown && shown === document.querySelector('[data-testid=truth]').dataset.truth;
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent (apt-get install chromium)"),
    pytest.mark.skipif(not PAGE.is_file(), reason="the page is not built (make viewer)"),
]


@dataclass
class Server:
    """A service in a process of its own, on a port that it keeps when started again."""

    command: list[str]
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        arguments = [sys.executable, *self.command, "--port", str(self.port)]
        # Settings of whoever runs the tests are not for this service.
        environ = {k: v for k, v in os.environ.items() if not k.startswith("JOINTWISE_")}
        environ |= self.settings
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                arguments, cwd=ROOT, env=environ, stdout=log, stderr=log
            )
        self._await_health()

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _await_health(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process is not None and self.process.poll() is None, self.log.read_text()
            try:
                urllib.request.urlopen(f"{self.address}health", timeout=2).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise AssertionError(f"the service did not start: {self.log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
    """A service of invented people, for what the demo does not do."""
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


@dataclass
class Watched:
    """A page, the addresses it asked for, and the errors it made."""

    page: Page
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


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


def open_page(page: Page, server: Server, stream: str = "") -> None:
    page.goto(server.address + (f"#stream={stream}" if stream else ""))
    page.wait_for_selector("[data-testid=connection][data-state=open]")


def text_of(page: Page, selector: str) -> str:
    return page.text_content(selector) or ""


def wave_csv(seconds: float = 6.0) -> bytes:
    """A Kinect v2 capture of somebody who waves after a second, as that sensor's tool writes it."""
    from tests.fakes.viewer_service.people import SEEN, pose

    lines = []
    for frame in range(int(seconds * 30)):
        t_s = frame / 30
        joints = pose("wave", t_s, min(1.0, max(0.0, 2 * (t_s - 1))))
        cells = np.column_stack([joints, 2 * SEEN])
        values = ", ".join(f"{value:.5f}" for value in cells.ravel())
        lines.append(f"{int(t_s * 1e7)}, {values},")
    return "\n".join(lines).encode()


def drop(page: Page, name: str, data: bytes) -> None:
    """Drop a file on the page, as a hand does."""
    page.evaluate(
        """([name, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], name));
          const zone = document.querySelector('[data-testid=drop-zone]');
          const event = { dataTransfer: transfer, bubbles: true, cancelable: true };
          zone.dispatchEvent(new DragEvent('drop', event));
        }""",
        [name, list(data)],
    )


def is_painted(page: Page, test_id: str) -> bool:
    """True where a canvas shows more than one colour."""
    return bool(
        page.evaluate(
            """(id) => {
              const canvas = document.querySelector(`[data-testid=${id}]`);
              const { data } = canvas.getContext('2d')
                .getImageData(0, 0, canvas.width, canvas.height);
              return new Set(new Uint32Array(data.buffer)).size > 1;
            }""",
            test_id,
        )
    )


def test_shows_the_right_label(serving: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, serving)
    page.wait_for_function(RIGHT_LABEL)
    page.wait_for_function("() => document.querySelector('[data-testid=confidence]').textContent")
    assert "averaged motions" in text_of(page, "[data-testid=note]")
    assert "demo" in text_of(page, "[data-testid=stream-list]")
    assert is_painted(page, "heatmap")
    assert is_painted(page, "timeline")
    assert not page.is_visible("#no-webgl")
    assert page.locator("[data-testid=gallery] button").count() > 10
    picture = os.environ.get("JOINTWISE_PICTURE")
    if picture:
        take_picture(page, Path(picture))
    assert watched.errors == []
    assert {url.split("/")[2] for url in watched.asked} == {f"127.0.0.1:{serving.port}"}


def take_picture(page: Page, path: Path) -> None:
    """The README's picture: some timeline behind, a right label now."""
    page.wait_for_timeout(25_000)
    page.wait_for_function(RIGHT_LABEL)
    page.wait_for_timeout(600)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)


def test_plays_a_dropped_clip_and_goes_back_to_live(serving: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, serving)
    drop(page, "somebody waves.csv", wave_csv())
    page.wait_for_function(
        "() => document.querySelector('#kicker').textContent.includes('somebody')"
    )
    assert page.is_visible("[data-testid=back-to-live]")
    page.locator("[data-testid=scrub]").fill("3.5")
    page.wait_for_function(
        "() => document.querySelector('#clock').textContent.startsWith('0:03.5')"
    )
    assert is_painted(page, "timeline")
    page.click("[data-testid=back-to-live]")
    page.wait_for_function("() => document.querySelector('#kicker').textContent === 'demo'")
    assert watched.errors == []


def test_says_what_is_wrong_with_a_bad_clip(serving: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, serving)
    drop(page, "noise.csv", bytes(range(256)) * 8)
    page.wait_for_selector(".problem:not(:empty)")
    assert "noise" in text_of(page, ".problem")
    page.wait_for_function(
        "document.querySelector('.problem').getBoundingClientRect().bottom <= innerHeight"
    )
    assert not page.is_visible("[data-testid=back-to-live]")


def test_plays_an_exemplar_large(serving: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, serving)
    page.locator("[data-testid=gallery] button", has_text="wave").click()
    page.wait_for_selector("[data-testid=label][data-label=wave]")
    assert "not a recording" in text_of(page, "[data-testid=note]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#player", state="hidden")


def test_records_the_stream_in_view(watched: Watched, tmp_path: Path) -> None:
    pytest.importorskip("mcap", reason="needs the record extra (mcap)")
    folder = tmp_path / "recordings"
    settings = {"JOINTWISE_RECORDINGS": str(folder)}
    server = Server(REAL, tmp_path / "log", free_port(), settings=settings)
    server.start()
    page = watched.page
    try:
        open_page(page, server)
        page.click("[data-testid=record]")
        page.wait_for_selector("[data-testid=record][aria-pressed=true]")
        page.wait_for_function(
            "() => /Recording 0:0[1-9]/.test("
            "document.querySelector('[data-testid=record-line]').textContent)"
        )
        picture = os.environ.get("JOINTWISE_RECORD_PICTURE")
        if picture:
            page.screenshot(path=picture)
        page.click("[data-testid=record]")
        page.wait_for_selector("#record-file:not([hidden])")
        assert "Recorded 0:0" in text_of(page, "[data-testid=record-line]")
        with page.expect_download() as saving:
            page.click("#record-file")
        (path,) = folder.iterdir()
        assert saving.value.suggested_filename == path.name
        assert len(read_recording(Path(saving.value.path())).frames) > 20
        page.locator("[data-testid=gallery] button").first.click()
        page.wait_for_selector("[data-testid=record]", state="hidden")
        page.keyboard.press("Escape")
        page.wait_for_selector("[data-testid=record]:enabled")
        assert watched.errors == []
        server.kill()
        page.wait_for_selector("[data-testid=record]:disabled")
    finally:
        server.kill()


def test_comes_back_by_itself(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.wait_for_selector("[data-testid=label][data-label=wave]")
    inventing.kill()
    page.wait_for_selector("[data-testid=connection][data-state=waiting]")
    assert "reconnecting" in text_of(page, "[data-testid=connection]")
    page.wait_for_selector("[data-testid=label][data-label='']")
    page.wait_for_selector("[data-stream=demo][data-state=waiting]")
    inventing.start()
    page.wait_for_selector("[data-testid=connection][data-state=open]")
    page.wait_for_selector("[data-testid=label]:not([data-label=''])")
    page.wait_for_selector("[data-stream=demo][data-state=live]")


def test_labels_two_people_apart(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing, "two_people")
    page.wait_for_selector(".tag >> nth=1")
    page.wait_for_function(
        """() => {
          const tags = [...document.querySelectorAll('.tag')].map((tag) => tag.textContent);
          const names = tags.map((text) => text.replace(/ \\d.*/, ''));
          return names.length === 2 && names[0] !== names[1];
        }"""
    )
    page.locator(".choice", has_text="8").click()
    page.wait_for_selector(".choice[aria-pressed=true] >> text=8")


OVERLAPS = """() => {
  const frame = document.querySelector('#view').getBoundingClientRect();
  const verdict = document.querySelector('#verdict').getBoundingClientRect();
  const tags = [...document.querySelectorAll('.tag')].map((tag) => tag.getBoundingClientRect());
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const out = tags.filter((tag) => tag.left < frame.left || tag.right > frame.right
    || tag.top < frame.top || tag.bottom > frame.bottom);
  const over = tags.filter((tag, i) => [verdict, ...tags.slice(i + 1)].some((b) => meet(tag, b)));
  return [tags.length, out.length, over.length];
}"""


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_keeps_tags_apart_and_in_sight(inventing: Server, watched: Watched, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, inventing, "two_people")
    page.wait_for_selector(".tag >> nth=1")
    for _ in range(6):
        page.wait_for_timeout(300)
        assert page.evaluate(OVERLAPS) == [2, 0, 0]


def test_changes_the_stream(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.click("[data-stream=two_people]")
    page.wait_for_selector(".tag >> nth=1")
    assert page.url.endswith("#stream=two_people")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_latency_fits_its_box(inventing: Server, watched: Watched, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, inventing)
    page.click("#latency summary")
    page.wait_for_selector("#latency-stages dt >> text=explanation")
    # Asked at once: the rows are made anew all the time.
    left, right, furthest = page.evaluate(
        """() => {
          const boxOf = (part) => part.getBoundingClientRect();
          const { left, right } = boxOf(document.querySelector('#latency-stages'));
          const values = [...document.querySelectorAll('#latency-stages dd')];
          return [left, right, Math.max(...values.map((value) => boxOf(value).right))];
        }"""
    )
    assert left >= 0
    assert furthest < right <= width


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_fits_a_phone(
    inventing: Server, browser: Browser, scheme: Literal["dark", "light"]
) -> None:
    page = browser.new_page(
        viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True, is_mobile=True
    )
    open_page(page, inventing)
    page.wait_for_selector("[data-testid=label]:not([data-label=''])", timeout=PATIENCE_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_nothing_covers_what_was_recorded(inventing: Server, watched: Watched, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, inventing)
    page.wait_for_selector("#note:not([hidden])")
    # These invented people cannot be recorded: what follows a recording is shown by hand.
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => {
          document.querySelector('#record-note').textContent = 'Recorded 1:03.1, 10.4 MiB';
          for (const id of ['record', 'record-line', 'record-file'])
            document.getElementById(id).hidden = false;
        }"""
    )
    over = page.evaluate(
        """() => {
          const ids = ['note', 'record-line', 'mirror', 'record', 'reset'];
          const boxes = ids.map((id) => document.getElementById(id).getBoundingClientRect());
          const meet = (a, b) => a.left < b.right && b.left < a.right
            && a.top < b.bottom && b.top < a.bottom;
          return ids.filter((_, i) => boxes.slice(i + 1).some((box) => meet(boxes[i], box)));
        }"""
    )
    assert over == []
    page.click("#record-file", trial=True)


def test_works_without_webgl(inventing: Server, browser: Browser) -> None:
    blind = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*FLAGS, "--disable-3d-apis"]
    )
    page = blind.new_page()
    open_page(page, inventing)
    page.wait_for_selector("[data-testid=label]:not([data-label=''])", timeout=PATIENCE_MS)
    assert page.is_visible("#no-webgl")
    blind.close()
