"""Helpers that open the page in Chromium and look at it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.browser.server import ROOT, Server
from tests.fakes.viewer_service.people import SEEN, pose

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGE = ROOT / "service" / "viewer" / "dist" / "index.html"
CHROMIUM = shutil.which("chromium")
SOFTWARE_GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
PATIENCE_MS = 60_000
needs_page = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent (apt-get install chromium)"),
    pytest.mark.skipif(not PAGE.is_file(), reason="the page is not built (make viewer)"),
]
"""Marks of every test module in this folder."""


@dataclass
class Watched:
    """A page, the addresses it requested, and its errors."""

    page: Page
    asked: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def open_page(page: Page, server: Server, stream: str = "") -> None:
    page.goto(server.address + (f"#stream={stream}" if stream else ""))
    page.wait_for_selector("[data-testid=connection][data-state=open]")


def text_of(page: Page, selector: str) -> str:
    return page.text_content(selector) or ""


def wave_csv(seconds: float = 6.0) -> bytes:
    """Return a Kinect v2 CSV recording of a person who waves after one second."""
    lines = []
    for frame in range(int(seconds * 30)):
        t_s = frame / 30
        joints = pose("wave", t_s, min(1.0, max(0.0, 2 * (t_s - 1))))
        cells = np.column_stack([joints, 2 * SEEN])
        values = ", ".join(f"{value:.5f}" for value in cells.ravel())
        lines.append(f"{int(t_s * 1e7)}, {values},")
    return "\n".join(lines).encode()


def drop(page: Page, name: str, data: bytes) -> None:
    """Drop a file on the page."""
    page.evaluate(
        """([name, bytes]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(bytes)], name));
          const zone = document.querySelector('[data-testid=drop-zone]');
          const event = { dataTransfer: transfer, bubbles: true, cancelable: true };
          zone.dispatchEvent(new DragEvent('drop', event));
        }""",
        [name, list(data)],
    )


def is_painted(page: Page, test_id: str) -> bool:
    """Tell whether a canvas shows more than one colour."""
    return bool(
        page.evaluate(
            """(id) => {
              const canvas = document.querySelector(`[data-testid=${id}]`);
              const { data } = canvas.getContext('2d')
                .getImageData(0, 0, canvas.width, canvas.height);
              return new Set(new Uint32Array(data.buffer)).size > 1;
            }""",
            test_id,
        )
    )
