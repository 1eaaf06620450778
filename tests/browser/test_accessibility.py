"""The page under axe-core, which finds what people with a screen reader or keyboard would miss."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.browser.page import Watched, drop, needs_page, open_page, wave_csv
from tests.browser.server import ROOT, Server

AXE = ROOT / "service" / "viewer" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    *needs_page,
    pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (make viewer)"),
]

VIOLATIONS = """async () => {
  const { violations } = await axe.run();
  return violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html.slice(0, 160))]);
}"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(
    inventing: Server, watched: Watched, width: int, scheme: Literal["dark", "light"]
) -> None:
    page = watched.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    open_page(page, inventing, "six_people")
    page.wait_for_selector(".number >> nth=5")
    page.evaluate(AXE.read_text())
    assert page.evaluate(VIOLATIONS) == []
    drop(page, "wave.csv", wave_csv())
    page.wait_for_selector("#player:not([hidden])")
    assert page.evaluate(VIOLATIONS) == []
