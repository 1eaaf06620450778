"""The page with the real service: labels, clips, exemplars and recordings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sensor.formats import read_recording
from tests.browser.page import Watched, drop, is_painted, needs_page, open_page, text_of, wave_csv
from tests.browser.server import REAL, Server, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

RIGHT_LABEL = """() => {
  const shown = document.querySelector('[data-testid=label]').dataset.label;
  return shown && shown === document.querySelector('[data-testid=truth]').dataset.truth;
}"""

pytestmark = needs_page


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
    """Take the README's picture: with some timeline and a correct label."""
    page.wait_for_timeout(25_000)
    page.wait_for_function(RIGHT_LABEL)
    page.wait_for_timeout(600)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)


@pytest.mark.slow
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


@pytest.mark.slow
def test_shows_the_error_of_a_bad_clip(serving: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, serving)
    drop(page, "noise.csv", bytes(range(256)) * 8)
    page.wait_for_selector(".problem:not(:empty)")
    assert "noise" in text_of(page, ".problem")
    page.wait_for_function(
        "document.querySelector('.problem').getBoundingClientRect().bottom <= innerHeight"
    )
    assert not page.is_visible("[data-testid=back-to-live]")


@pytest.mark.slow
def test_plays_an_exemplar_large(serving: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, serving)
    page.locator("[data-testid=gallery] button", has_text="wave").click()
    page.wait_for_selector("[data-testid=label][data-label=wave]")
    assert "not a recording" in text_of(page, "[data-testid=note]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#player", state="hidden")


@pytest.mark.slow
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
