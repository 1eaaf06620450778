from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from service.api.routes.page import mount_page


def get(app: FastAPI, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_without_a_built_viewer_the_page_says_how_to_build_it(tmp_path: Path) -> None:
    app = FastAPI(docs_url=None)
    assert mount_page(app, tmp_path) == ["/", "/docs"]
    for path in ("/", "/docs"):
        shown = get(app, path)
        assert shown.status_code == 200 and "npm run build" in shown.text


def test_the_built_viewer_is_served_and_nothing_else(tmp_path: Path) -> None:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<p>the viewer</p>")
    (built / "assets" / "a.js").write_text("1")
    (tmp_path / "secret").write_text("no")
    app = FastAPI(docs_url=None)
    (built / "docs").mkdir()
    (built / "docs" / "index.html").write_text("<p>the interface</p>")
    files = {"/index.html", "/docs/index.html", "/assets/a.js"}
    assert set(mount_page(app, built)) == {"/", "/docs", "/docs/"} | files
    assert "the viewer" in get(app, "/").text
    assert get(app, "/assets/a.js").text == "1"
    led = get(app, "/docs")
    assert (led.status_code, led.headers["Location"]) == (307, "docs/")
    assert "the interface" in get(app, "/docs/").text
    for path in ("/../secret", "/%2e%2e/secret", "/assets/../../secret"):
        assert get(app, path).status_code == 404


@pytest.mark.parametrize("path", ["/nothing", "/assets"])
def test_a_missing_file_is_not_found(tmp_path: Path, path: str) -> None:
    app = FastAPI(docs_url=None)
    mount_page(app, tmp_path)
    assert get(app, path).status_code == 404
