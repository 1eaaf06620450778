"""The page without a mouse, and with reduced motion."""

from __future__ import annotations

import pytest

from tests.browser.page import Watched, needs_page, open_page
from tests.browser.server import Server

pytestmark = needs_page

FOCUS = "document.activeElement.id"
PICTURE = "document.querySelector('.exemplar canvas').toDataURL()"
DRAWN = """() => {
  const { width, height } = document.querySelector('.exemplar canvas');
  const pen = document.querySelector('.exemplar canvas').getContext('2d');
  return pen.getImageData(0, 0, width, height).data.some((value) => value > 0);
}"""


@pytest.mark.slow
def test_plays_an_exemplar_by_keyboard(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.wait_for_selector(".exemplar")
    page.locator(".exemplar >> nth=1").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#play[aria-label=Pause]")
    assert page.evaluate(FOCUS) == "play"
    page.keyboard.press("Space")
    page.wait_for_selector("#play[aria-label=Play]")
    page.keyboard.press("Escape")
    page.wait_for_selector("#player", state="hidden")
    assert page.evaluate(FOCUS) == "label"
    assert watched.errors == []


@pytest.mark.slow
def test_gallery_stands_still_with_reduced_motion(inventing: Server, watched: Watched) -> None:
    page = watched.page
    page.emulate_media(reduced_motion="reduce")
    open_page(page, inventing)
    page.click("#gallery-link")
    page.wait_for_selector(".exemplar canvas")
    page.wait_for_function(DRAWN)
    before = page.evaluate(PICTURE)
    page.wait_for_timeout(500)
    assert page.evaluate(PICTURE) == before
