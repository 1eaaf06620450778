"""The page with invented people: streams, reconnecting, and a browser without WebGL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.page import (
    CHROMIUM,
    FLAGS,
    PATIENCE_MS,
    Watched,
    is_painted,
    needs_page,
    open_page,
    text_of,
)
from tests.browser.server import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_page


@pytest.mark.slow
def test_comes_back_by_itself(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.wait_for_selector("[data-testid=label][data-label=wave]")
    inventing.kill()
    page.wait_for_selector("[data-testid=connection][data-state=waiting]")
    assert "reconnecting" in text_of(page, "[data-testid=connection]")
    page.wait_for_selector("#verdict[data-kind=disconnected]")
    assert text_of(page, "[data-testid=label]") == "Connection lost"
    assert "grayscale" in page.evaluate("getComputedStyle(document.querySelector('#view')).filter")
    page.wait_for_selector("[data-stream=demo][data-state=waiting]")
    assert "not connected" in text_of(page, "[data-stream=demo]")
    assert text_of(page, "#heat-note") == "No explanation while the connection is lost."
    assert is_painted(page, "timeline")
    inventing.start()
    page.wait_for_selector("[data-testid=connection][data-state=open]")
    page.wait_for_selector("[data-testid=label]:not([data-label=''])")
    page.wait_for_selector("[data-stream=demo][data-state=live]")


@pytest.mark.slow
def test_labels_two_people_apart(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing, "two_people")
    page.wait_for_selector(".tag >> nth=1")
    page.wait_for_function(
        """() => {
          const tags = [...document.querySelectorAll('.tag')].map((tag) => tag.textContent);
          const names = tags.map((text) => text.replace(/ \\(?\\d.*/, ''));
          return names.length === 2 && names[0] !== names[1];
        }"""
    )
    page.locator(".choice", has_text="8").click()
    page.wait_for_selector(".choice[aria-pressed=true] >> text=8")


def test_changes_the_stream(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.click("[data-stream=two_people]")
    page.wait_for_selector(".tag >> nth=1")
    assert page.url.endswith("#stream=two_people")


@pytest.mark.slow
def test_works_without_webgl(inventing: Server, browser: Browser) -> None:
    blind = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*FLAGS, "--disable-3d-apis"]
    )
    page = blind.new_page()
    open_page(page, inventing)
    page.wait_for_selector("[data-testid=label]:not([data-label=''])", timeout=PATIENCE_MS)
    assert page.is_visible("#no-webgl")
    blind.close()


@pytest.mark.slow
def test_says_how_late_labels_are(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing, "late")
    page.wait_for_selector("[data-testid=connection].late")
    # A busy machine may add a second or two.
    assert re.search("Running [789] s late", text_of(page, "[data-testid=connection]"))
    assert "Skipped 2,779 predictions" in text_of(page, "[data-stream=late]")
    page.click("[data-stream=demo]")
    page.wait_for_selector("[data-testid=connection]:not(.late)")


@pytest.mark.slow
def test_speaks_of_one_label_everywhere(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.wait_for_selector("[data-testid=label]:not([data-label=''])")
    said = page.evaluate(
        """async () => {
          const said = [];
          for (let i = 0; i < 60; i += 1) {
            await new Promise((done) => setTimeout(done, 70));
            const text = (part) => document.querySelector(part).textContent;
            const now = document.querySelector('#label').dataset.label;
            const note = document.querySelector('#heat-note').hidden ? '' : text('#heat-note');
            said.push([now, text('#bars .name'), text('#heat-title'), note]);
          }
          return said;
        }"""
    )
    for label, top, title, note in said:
        assert title == f"“{top}”"
        assert note in ("", f"The explanation of “{top}” follows.")
        assert label in ("", top)


@pytest.mark.slow
def test_fills_the_timeline_after_a_reload(inventing: Server, watched: Watched) -> None:
    page = watched.page
    open_page(page, inventing)
    page.wait_for_selector("#verdict:not([data-kind=waiting], [data-kind=early])")
    page.wait_for_function("() => / ago$/.test(document.querySelector('#label').textContent)")
    assert any(url.endswith("/actions") for url in watched.asked)
