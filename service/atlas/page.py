"""Puts an atlas and the averaged motions into one HTML file that opens without a network."""

from __future__ import annotations

from html import escape
from pathlib import Path

import msgspec

from models.atlas.entries import Atlas
from models.gallery.exemplars import Exemplars
from service.wire.answers import Exemplar
from service.wire.message_building import exemplar_answer

STANDALONE = Path(__file__).parents[1] / "viewer" / "dist" / "standalone"
"""Folder with the script and the style sheet, built with the page of the service."""

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<header><h1>Filters of the first layer</h1><p class="small" id="model"></p></header>
<main id="filter-box"></main>
<noscript>This page needs JavaScript.</noscript>
<script type="application/json" id="data">{data}</script>
<script>
{script}
</script>
</body>
</html>
"""


class PageNotBuiltError(Exception):
    """The parts of the page are missing. The text is one line with the remedy."""


class _PageData(msgspec.Struct):
    """The data in the page, as `service/viewer/src/standalone/atlas.ts` reads it."""

    overview: msgspec.Struct
    units: list[msgspec.Struct]
    motions: list[Exemplar]


def atlas_page(atlas: Atlas, exemplars: Exemplars | None) -> str:
    """Return the HTML of an atlas. Raises PageNotBuiltError."""
    try:
        script, style = (
            (STANDALONE / name).read_text(encoding="utf-8") for name in ("atlas.js", "atlas.css")
        )
    except OSError as error:
        raise PageNotBuiltError(
            "the web page is not built: cd service/viewer && npm ci && npm run build"
        ) from error
    return _PAGE.format(
        policy=_POLICY,
        title=escape(f"Filters of {atlas.overview.model}"),
        style=style.replace("</", "<\\/"),
        data=_json(_PageData(atlas.overview, list(atlas.units), _shown(atlas, exemplars))),
        script=script.replace("</script", "<\\/script").replace("<!--", "<\\!--"),
    )


def _shown(atlas: Atlas, exemplars: Exemplars | None) -> list[Exemplar]:
    """The averaged motions in which a unit has a moment."""
    if exemplars is None:
        return []
    named = {moment.label for unit in atlas.units for moment in unit.moments}
    return [exemplar_answer(exemplars, exemplars.labels.index(label)) for label in sorted(named)]


def _json(value: msgspec.Struct) -> str:
    """JSON that can stand in a script element: without `<`, nothing can end it."""
    return msgspec.json.encode(value).decode().replace("<", "\\u003c")
