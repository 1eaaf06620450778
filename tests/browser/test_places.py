"""The links to the parts of the page, which also work while panels change their size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.page import Watched, drop, needs_page, open_page, text_of
from tests.browser.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = needs_page

IN_VIEW = """(part) => {
  const { top, bottom } = document.querySelector(part).getBoundingClientRect();
  return top < innerHeight - 60 && bottom > 60;
}"""
# Within three frames, the page has observed its new sizes and sent its scroll events.
SETTLE = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))"""
SET_HEIGHT = "([part, height]) => { document.querySelector(part).style.minHeight = height; }"


def open_at(page: Page, server: Server, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, server, "two_people")


def set_height(page: Page, part: str, height: str) -> None:
    page.evaluate(SET_HEIGHT, [part, height])
    page.evaluate(SETTLE)


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_links_go_to_the_parts_of_the_page(inventing: Server, watched: Watched, width: int) -> None:
    page = watched.page
    open_at(page, inventing, width)
    for link, part in (("gallery", "#gallery"), ("clip", "#drop"), ("live", "#stage")):
        page.click(f"#{link}-link")
        page.wait_for_function(IN_VIEW, arg=part)
    assert page.url.endswith("#stream=two_people")


@pytest.mark.slow
def test_the_skip_link_keeps_the_stream_in_the_address(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_at(page, inventing, 1280)
    page.focus(".skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "label"
    assert page.url.endswith("#stream=two_people")


@pytest.mark.slow
def test_asks_again_for_earlier_actions(inventing: Server, watched: Watched) -> None:
    page = watched.page
    page.route("**/actions", lambda route: route.abort(), times=1)
    with page.expect_response("**/actions") as answered:
        open_at(page, inventing, 1280)
    assert answered.value.ok


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_link_goes_to_a_gallery_that_is_not_filled_yet(
    inventing: Server, watched: Watched, width: int
) -> None:
    page = watched.page
    waiting: list[Route] = []
    answering = False

    def hold(route: Route) -> None:
        if answering:
            route.continue_()
        else:
            waiting.append(route)

    page.route("**/exemplars", hold)
    with page.expect_request("**/exemplars"):
        open_at(page, inventing, width)
    page.click("#gallery-link")
    page.evaluate(SETTLE)
    assert page.is_hidden("#gallery")
    answering = True
    for route in waiting:
        route.continue_()
    page.wait_for_selector("#gallery")
    page.evaluate(SETTLE)
    assert page.evaluate(IN_VIEW, "#gallery")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("link", "part"), [("gallery", "#gallery"), ("clip", "#drop"), ("live", "#stage")]
)
def test_a_part_stays_in_view_while_panels_above_it_change(
    inventing: Server, watched: Watched, link: str, part: str
) -> None:
    page = watched.page
    open_at(page, inventing, 390)
    page.wait_for_selector("#gallery")
    page.click(f"#{link}-link")
    for height in ("900px", "0", "1500px"):
        set_height(page, "#heat", height)
        assert page.evaluate(IN_VIEW, part), height


@pytest.mark.slow
@pytest.mark.parametrize("by", ["wheel", "key", "script"])
def test_a_page_that_is_scrolled_on_stays_where_it_is(
    inventing: Server, watched: Watched, by: str
) -> None:
    page = watched.page
    open_at(page, inventing, 390)
    page.click("#clip-link")
    page.wait_for_function(IN_VIEW, arg="#drop")
    page.evaluate(SETTLE)
    if by == "wheel":
        page.mouse.move(200, 600)  # below the scene, which takes the wheel
        for _ in range(20):  # a change of the layout can end a smooth scroll early
            page.mouse.wheel(0, -9000)
            page.evaluate(SETTLE)
    elif by == "key":
        page.keyboard.press("Control+Home")
    else:
        page.evaluate("scrollTo(0, 0)")
    page.wait_for_function("() => scrollY === 0")
    page.evaluate(SETTLE)
    set_height(page, "#heat", "900px")
    assert page.evaluate("scrollY") == 0


@pytest.mark.slow
def test_a_refused_file_is_kept_in_view(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_at(page, inventing, 390)
    drop(page, "empty.csv", b"")
    page.wait_for_selector("#drop-problem:not(:empty)")
    assert "empty" in text_of(page, "#drop-problem")
    set_height(page, "#heat", "1500px")
    assert page.evaluate(IN_VIEW, "#drop-problem")


@pytest.mark.slow
def test_fills_the_gallery_after_requests_that_fail(inventing: Server, watched: Watched) -> None:
    page = watched.page
    for path in ("**/model", "**/exemplars"):
        page.route(path, lambda route: route.abort(), times=1)
    open_at(page, inventing, 390)
    page.click("#gallery-link")
    page.wait_for_selector(".exemplar")
    page.wait_for_function(IN_VIEW, arg="#gallery")


@pytest.mark.slow
def test_no_link_leads_to_a_gallery_that_a_model_has_not(
    inventing: Server, watched: Watched
) -> None:
    page = watched.page
    card = {"id": "fake", "labels": [], "background": "background", "trained_on": []}
    without = {"exemplars": False, "provider": "nothing", "card": card}
    page.route("**/model", lambda route: route.fulfill(json=without))
    open_at(page, inventing, 390)
    page.wait_for_selector("#gallery-link", state="hidden")
    assert page.is_hidden("#gallery")
    assert page.is_visible("#clip-link")
