"""The layout of the page on screens of several widths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.page import PATIENCE_MS, Watched, needs_page, open_page, text_of
from tests.browser.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_page


OVERLAPS = """() => {
  const frame = document.querySelector('#view').getBoundingClientRect();
  const verdict = document.querySelector('#verdict').getBoundingClientRect();
  const tags = [...document.querySelectorAll('.tag')].map((tag) => tag.getBoundingClientRect());
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1
    && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const out = tags.filter((tag) => tag.left < frame.left || tag.right > frame.right
    || tag.top < frame.top || tag.bottom > frame.bottom);
  const over = tags.filter((tag, i) => [verdict, ...tags.slice(i + 1)].some((b) => meet(tag, b)));
  const numbers = [...document.querySelectorAll('.number')].map((one) => one.textContent);
  return [numbers.sort().join(), out.length, over.length];
}"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_keeps_tags_apart_and_visible(inventing: Server, watched: Watched, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, inventing, "two_people")
    page.wait_for_selector(".tag >> nth=1")
    for _ in range(6):
        page.wait_for_timeout(300)
        assert page.evaluate(OVERLAPS) == ["7,8", 0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_latency_fits_its_box(inventing: Server, watched: Watched, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, inventing)
    page.click("#latency summary")
    page.wait_for_selector("#latency-stages dt >> text=explanation")
    # One call for all boxes, since the page replaces the rows all the time.
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_nothing_covers_the_recording_controls(
    inventing: Server, watched: Watched, width: int
) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, inventing)
    page.wait_for_selector("#note:not([hidden])")
    # The fake service cannot record, so the test shows the controls of a recording itself.
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


@pytest.mark.slow
def test_drop_zone_is_in_reach(inventing: Server, watched: Watched) -> None:
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, inventing)
    page.wait_for_selector("[data-testid=label]:not([data-label=''])")
    box = page.locator("[data-testid=drop-zone] .button").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 720
    page.click("[data-testid=drop-zone] .button", trial=True)


@pytest.mark.slow
@pytest.mark.parametrize("height", [720, 800])
def test_nothing_covers_the_last_line_of_the_explanation(
    inventing: Server, watched: Watched, height: int
) -> None:
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": height})
    open_page(page, inventing)
    page.wait_for_selector("#heat-exact:not([hidden])")
    page.locator("#heat-total").scroll_into_view_if_needed()
    page.click("#heat-total", trial=True)
    page.click("#heat-total")
    page.locator("#heat-numbers").scroll_into_view_if_needed()
    assert "logit" in text_of(page, "#heat-numbers")
    page.click("#heat-numbers", trial=True)


@pytest.mark.slow
def test_several_people_stand_below_the_headline(inventing: Server, watched: Watched) -> None:
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, inventing, "six_people")
    page.wait_for_selector(".number >> nth=5")
    page.wait_for_function(  # the view glides to its place
        """() => {
          const top = document.querySelector('#verdict').getBoundingClientRect().bottom;
          const view = document.querySelector('#view').getBoundingClientRect();
          return [...document.querySelectorAll('.number')].every((one) => {
            const box = one.getBoundingClientRect();
            return box.top > top && view.left < box.left && box.right < view.right;
          });
        }"""
    )
    bottom, numbers = page.evaluate(
        """() => {
          const boxes = [...document.querySelectorAll('.number')].map((one) =>
            [one.textContent, one.getBoundingClientRect()]);
          const inOrder = boxes.sort((a, b) => a[1].left - b[1].left);
          return [document.querySelector('#verdict').getBoundingClientRect().bottom,
            inOrder.map(([number, { left, top, right }]) => [number, left, top, right])];
        }"""
    )
    frame = page.locator("#view").bounding_box()
    assert frame is not None and len(numbers) == 6
    for _, left, top, right in numbers:
        assert top > bottom
        assert frame["x"] < left and right < frame["x"] + frame["width"]
    choices = page.locator("#choices .choice").all_text_contents()
    assert choices == sorted(choices, key=int) and set(choices) == {one[0] for one in numbers}


SMALL_TEXTS = """() => [...document.querySelectorAll('body *')].filter((part) => {
  const texts = [...part.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
  return texts.length > 0 && parseFloat(getComputedStyle(part).fontSize) < 11;
}).map((part) => part.outerHTML)"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_no_text_is_too_small(inventing: Server, watched: Watched, width: int) -> None:
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, inventing, "six_people")
    page.wait_for_selector(".number >> nth=5")
    assert page.evaluate(SMALL_TEXTS) == []
