"""The page of `jointwise classify --explain`, opened from disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.api.why_example import WHY
from service.why.page import explanation_page
from tests.browser.page import CHROMIUM

if TYPE_CHECKING:
    from tests.browser.page import Watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent (apt-get install chromium)"),
]


def test_it_opens_from_disk_without_a_request_or_an_error(watched: Watched, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(explanation_page("a clip", [WHY]), encoding="utf-8")
    page = watched.page
    page.goto(file.as_uri())
    assert page.text_content("#story") == WHY.text
    buttons = page.locator("button")
    for number in range(buttons.count()):
        buttons.nth(number).click()
    page.fill("#scrub", "0")
    page.hover("#joints")
    page.hover("#units")
    assert watched.errors == []
    assert set(watched.asked) == {file.as_uri()}


def test_it_fits_a_phone(watched: Watched, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(explanation_page("a clip", [WHY]), encoding="utf-8")
    watched.page.set_viewport_size({"width": 390, "height": 844})
    watched.page.goto(file.as_uri())
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert watched.page.evaluate(wide) <= 0
    assert watched.errors == []
