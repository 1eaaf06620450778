"""The page at `/` and the one at `/docs`: the built viewer, or instructions to build it."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

VIEWER = Path(__file__).parents[2] / "viewer" / "dist"

_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Jointwise</title>
<body style="font-family: sans-serif; max-width: 40em; margin: 4em auto; line-height: 1.5">
<h1>Jointwise is running</h1>
<p>Its page is not built yet. Build it with</p>
<pre>cd service/viewer &amp;&amp; npm ci &amp;&amp; npm run build</pre>
<p>and start Jointwise again. The websocket <code>/ws</code> and the
<a href="/openapi.json">REST interface</a> work without it.</p>
</body></html>
"""


def mount_page(app: FastAPI, folder: Path = VIEWER) -> list[str]:
    """Serve the viewer; return the paths of its files, which need no token."""
    if not (folder / "index.html").is_file():
        for path in ("/", "/docs"):
            app.add_route(path, _not_built, methods=["GET", "HEAD"], include_in_schema=False)
        return ["/", "/docs"]
    app.add_route("/docs", _docs, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/", StaticFiles(directory=folder, html=True), name="viewer")
    files = [path for path in folder.rglob("*") if path.is_file()]
    return ["/", "/docs", "/docs/", *(f"/{path.relative_to(folder).as_posix()}" for path in files)]


async def _docs(request: Request) -> Response:
    """Redirect to the folder of the page, by an address that also works under a proxy's path."""
    return Response(status_code=307, headers={"Location": "docs/"})


async def _not_built(request: Request) -> HTMLResponse:
    return HTMLResponse(_NOT_BUILT)
