"""`jointwise atlas`: writes the filters of a model as a page and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.exit import stop
from service.cli.options import ModelFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.atlas.entries import Atlas
    from models.atlas.motions import Motion

PAGE_FILE, JSON_FILE = "index.html", "atlas.json"


def atlas(
    out: Annotated[
        Path, typer.Option(help="Folder to write, made if it is missing.", metavar="FOLDER")
    ],
    model: ModelFolder = None,
) -> None:
    """Show what each unit of a model's first layer looks for.

    Writes index.html, one page that opens in a browser without a network, and atlas.json with the
    same numbers. Each unit adds up joint coordinates over 0.4 s, so its weights can be drawn on a
    body: as a heat map, as the movement that excites it most, and as velocities of joints. The page
    also shows the classes that it speaks for and against, and five moments that excite it.

    What excites a unit is not its meaning.
    """
    from models.card import DEFAULT_MODEL, load_card
    from models.errors import ModelError
    from models.gallery.exemplars import load_exemplars
    from service.atlas.page import PageNotBuiltError, atlas_page

    folder = model or DEFAULT_MODEL
    try:
        made = _made(folder)
        played = any(unit.moments for unit in made.units)
        exemplars = load_exemplars(folder, load_card(folder)) if played else None
        page = atlas_page(made, exemplars)
    except (ModelError, PageNotBuiltError) as error:
        stop(error)
    try:
        _write(out, page, made)
    except OSError as error:
        stop(f"{out} cannot be written ({error.strerror}): give another folder with --out")
    for note in made.overview.notes:
        typer.secho(f"jointwise: {note}", fg="yellow", err=True)
    typer.echo(f"{len(made.units)} units of {made.overview.model}: open {out / PAGE_FILE}")


def _made(folder: Path) -> Atlas:
    """Make the atlas, with a progress bar on a terminal. Raises ModelError."""
    from rich.console import Console
    from rich.progress import track

    from models.atlas.making import make_atlas

    console = Console(stderr=True)

    def take(motions: Sequence[Motion]) -> Iterable[Motion]:
        text = "reading motions"
        silent = not console.is_terminal
        return track(motions, text, console=console, transient=True, disable=silent)

    return make_atlas(folder, take)


def _write(out: Path, page: str, made: Atlas) -> None:
    """Write both files. Raises OSError."""
    import msgspec

    out.mkdir(parents=True, exist_ok=True)
    (out / PAGE_FILE).write_text(page, encoding="utf-8")
    (out / JSON_FILE).write_bytes(msgspec.json.encode(made) + b"\n")
