"""The filters of the first layer: on the page of the service, and in a page of their own."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.atlas.making import make_atlas
from models.card import load_card
from models.gallery.exemplars import load_exemplars
from service.atlas.page import STANDALONE, atlas_page
from tests.browser.page import PATIENCE_MS, Watched, needs_page, open_page, text_of
from tests.browser.server import Server
from tests.fakes.models.atlas_folder import few_motions

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_page

FIRST = ".filter-list > li:first-child"
DRAWN = """(selector) => [...document.querySelectorAll(selector)].every((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
})"""
"""Whether something is drawn on each canvas."""


@pytest.fixture(scope="module")
def with_atlas(serving: Server) -> Server:
    """The real service with its atlas, which takes long at low priority on a busy machine."""
    urllib.request.urlopen(f"{serving.address}model/atlas", timeout=300).close()
    return serving


def await_first_card(page: Page) -> None:
    """Wait until the first card is there and all its canvases are drawn."""
    page.wait_for_selector(f"{FIRST} .moments canvas")
    # The page's policy forbids the functions that `wait_for_function` makes.
    for _ in range(PATIENCE_MS // 200):
        if page.evaluate(DRAWN, f"{FIRST} canvas"):
            return
        page.wait_for_timeout(200)
    raise AssertionError("a canvas of the first card stays empty")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_filters_open_by_keyboard(
    with_atlas: Server, watched: Watched, width: int, height: int, tmp_path: Path
) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": height})
    open_page(page, with_atlas)
    assert not any("model/atlas" in address for address in watched.asked), "nothing asked for it"
    page.focus("#filters-link")
    page.keyboard.press("Enter")
    await_first_card(page)
    assert text_of(page, ".caution") == "What excites a unit is not its meaning."
    assert text_of(page, f"{FIRST} h3").startswith("Unit 0: ")
    assert page.locator(f"{FIRST} .moments li").count() == 5
    assert page.locator(f"{FIRST} .sides li").count() >= 1
    page.focus(f"{FIRST} .axes button >> nth=2")
    page.keyboard.press("Space")
    pressed = page.locator(f"{FIRST} .axes button[aria-pressed=true]")
    assert pressed.count() == 1 and pressed.text_content() == "z"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.screenshot(path=str(tmp_path / f"filters-{width}.png"))
    assert watched.errors == []


@pytest.mark.slow
def test_only_filters_in_view_are_loaded(with_atlas: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, with_atlas)
    page.click("#filters-link")
    await_first_card(page)
    count = page.locator(".filter-list > li").count()
    loaded = [address for address in watched.asked if "model/atlas/" in address]
    assert 0 < len(loaded) < count
    page.locator(".filter-list > li").last.scroll_into_view_if_needed()
    page.wait_for_selector(".filter-list > li:last-child .moments canvas")


@pytest.mark.slow
def test_a_service_without_an_atlas_is_told(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.click("#filters-link")
    page.wait_for_selector("#filter-box >> text=could not be loaded")


@pytest.mark.slow
@pytest.mark.skipif(not STANDALONE.is_dir(), reason="the page is not built (make viewer)")
def test_a_page_of_its_own_needs_no_network(browser: Browser, tmp_path: Path) -> None:
    folder = few_motions(tmp_path)
    file = tmp_path / "index.html"
    file.write_text(atlas_page(make_atlas(folder), load_exemplars(folder, load_card(folder))))
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    await_first_card(page)
    assert asked == [file.as_uri()] and errors == []
    assert "units of" in text_of(page, "#model")
    assert page.locator(f"{FIRST} .moments li").count() == 2
    context.close()
