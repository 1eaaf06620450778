"""The Why view: opened from the label, the timeline, a link and a clip, by pointer and keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.page import Watched, drop, is_painted, needs_page, open_page, text_of, wave_csv
from tests.browser.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_page

OPEN = ".why-body:not([hidden])"
FOCUS_INSIDE = "document.querySelector('#why-view').contains(document.activeElement)"
FOCUS = "document.activeElement.id"
MOMENT = "Number(document.querySelector('.moment input').value)"


def open_from_timeline(page: Page) -> None:
    """Choose an action that is over with the keyboard, and explain it."""
    page.focus("#timeline")
    for _ in range(100):  # until the earlier actions are there
        page.keyboard.press("ArrowLeft")
        if text_of(page, "#picked").endswith("ago"):
            break
        page.wait_for_timeout(200)
    page.keyboard.press("Enter")
    page.wait_for_selector(OPEN)


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_the_timeline_opens_it_and_escape_closes_it(
    inventing: Server, watched: Watched, width: int
) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, inventing, "demo")
    page.wait_for_selector("#why-open")
    open_from_timeline(page)
    assert "#why=demo%3A7%3A" in page.url
    assert page.is_visible(".clause")
    assert is_painted(page, "why-skeleton")
    if width == 390:
        assert page.is_hidden(".why-units")
        page.keyboard.press("Tab")  # to the close button
        page.focus(".why-tab >> nth=0")
        page.keyboard.press("ArrowRight")
    page.wait_for_selector(".why-units canvas")
    page.keyboard.press("Escape")
    page.wait_for_url("**/#stream=demo")
    assert page.evaluate(FOCUS) == "timeline"
    assert watched.errors == []


@pytest.mark.slow
def test_keys_scrub_and_stay_inside(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing, "demo")
    page.wait_for_selector("#why-open")
    open_from_timeline(page)
    page.keyboard.press("Home")
    page.wait_for_selector(".moment [aria-label=Play]")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => Math.abs({MOMENT} - 1 / 30) < 1e-3")
    for key in ["Tab"] * 20 + ["Shift+Tab"] * 25:
        page.keyboard.press(key)
        assert page.evaluate(FOCUS_INSIDE)
    page.focus(".clause >> nth=1")
    page.wait_for_selector(".moment-line i:not([hidden])")


@pytest.mark.slow
def test_a_link_opens_it_and_the_back_button_closes_it(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing, "two_people")
    page.wait_for_selector("#why-open")
    page.click("#why-open")
    page.wait_for_selector(OPEN)
    link = page.url
    page.select_option(".why-contrast select", "jog")
    page.wait_for_function(
        "() => document.querySelector('.contrast-words').textContent.includes('“jog”')"
    )
    page.go_back()
    page.wait_for_selector("#why-view", state="hidden")
    assert page.url.endswith("#stream=two_people")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector(OPEN)
    page.click(".why-close")
    page.wait_for_url("**/#stream=two_people")
    assert watched.errors == []


@pytest.mark.slow
def test_explains_an_action_of_a_clip(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.wait_for_selector("#why-open")
    drop(page, "wave.csv", wave_csv())
    page.wait_for_selector("#player:not([hidden])")
    assert not [url for url in watched.asked if "why=true" in url]
    page.focus("#timeline")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_selector(OPEN)
    assert "squat" in text_of(page, "#why-title")
    assert [url for url in watched.asked if "why=true" in url]
    page.keyboard.press("Escape")
    page.wait_for_selector("#why-view", state="hidden")
    assert page.is_visible("#player")  # Escape has not left the clip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("id", "words"),
    [("demo:7:12", "too old or unknown"), ("late:7:12", "has no explain.onnx")],
)
def test_says_in_one_line_why_there_is_no_answer(
    inventing: Server, watched: Watched, id: str, words: str
) -> None:
    page = watched.page
    page.goto(f"{inventing.address}#why={id}")
    page.wait_for_selector(".why-sheet > .problem:not(:empty)")
    assert words in text_of(page, ".why-sheet > .problem")
    assert page.is_hidden(".why-body")


@pytest.mark.slow
def test_tells_the_story_in_german(inventing: Server, watched: Watched) -> None:
    page = watched.page
    page.add_init_script("Object.defineProperty(navigator, 'language', { get: () => 'de-CH' });")
    open_page(page, inventing)
    page.wait_for_selector("#why-open")
    open_from_timeline(page)
    assert text_of(page, ".clause-text >> nth=0") == "Die Hand bewegt sich."
    assert page.get_attribute(".clauses", "lang") == "de"
