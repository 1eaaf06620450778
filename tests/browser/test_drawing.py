"""When the scene is drawn, and that texts do not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.page import Watched, drop, needs_page, open_page, wave_csv
from tests.browser.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = needs_page

COUNT_DRAWINGS = """
window.drawings = 0;
const clear = WebGL2RenderingContext.prototype.clear;
WebGL2RenderingContext.prototype.clear = function (...bits) {
  window.drawings += 1;
  return clear.apply(this, bits);
};
"""
STILL = """() => new Promise((done) => {
  const before = window.drawings;
  setTimeout(() => done(before > 0 && window.drawings === before), 1000);
})"""


@pytest.mark.slow
def test_draws_the_scene_only_when_it_changes(inventing: Server, watched: Watched) -> None:
    page = watched.page
    page.add_init_script(COUNT_DRAWINGS)
    open_page(page, inventing)
    page.wait_for_function("() => window.drawings > 5")
    drop(page, "wave.csv", wave_csv())
    page.click("#play[aria-label=Pause]")
    page.wait_for_function(STILL)
    before = page.evaluate("window.drawings")
    page.click("#mirror")
    page.wait_for_function("(before) => window.drawings > before", arg=before)
    assert watched.errors == []


@pytest.mark.slow
def test_texts_do_not_wait_for_the_scene(inventing: Server, watched: Watched) -> None:
    page = watched.page
    held: list[Route] = []
    page.route("**/stage-*.js", lambda route: held.append(route))
    page.goto(inventing.address)
    page.wait_for_selector("[data-testid=label]:not([data-label=''])")
    assert len(held) == 1
    assert page.evaluate("document.querySelector('#canvas').width") == 300
    held[0].continue_()
    page.wait_for_function("() => document.querySelector('#canvas').width !== 300")
    assert watched.errors == []
