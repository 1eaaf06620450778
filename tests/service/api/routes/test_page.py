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
    app = FastAPI()
    assert mount_page(app, tmp_path) == ["/"]
    shown = get(app, "/")
    assert shown.status_code == 200 and "npm run build" in shown.text


def test_the_built_viewer_is_served_and_nothing_else(tmp_path: Path) -> None:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<p>the viewer</p>")
    (built / "assets" / "a.js").write_text("1")
    (tmp_path / "secret").write_text("no")
    app = FastAPI()
    assert set(mount_page(app, built)) == {"/", "/index.html", "/assets/a.js"}
    assert "the viewer" in get(app, "/").text
    assert get(app, "/assets/a.js").text == "1"
    for path in ("/../secret", "/%2e%2e/secret", "/assets/../../secret"):
        assert get(app, path).status_code == 404


@pytest.mark.parametrize("path", ["/nothing", "/assets"])
def test_a_missing_file_is_not_found(tmp_path: Path, path: str) -> None:
    app = FastAPI()
    mount_page(app, tmp_path)
    assert get(app, path).status_code == 404
