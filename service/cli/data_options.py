"""Options that name the data of a command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli.exit import stop

NTU = ("ntu60-cs", "ntu60-cv", "ntu120-xsub", "ntu120-xset")


BY_FOLDER = (*NTU, "folder")
"""What `train_folder` can train."""


CLIP_SETS = Path("../shared/data")


DataFolder = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the recordings or clip sets.",
        metavar="FOLDER",
        show_default=f"of clip sets {CLIP_SETS}",
    ),
]


_BY_OTHERS = {
    "--tuned-by": "temperature and thresholds are chosen on people of the same folder",
    "--report": "figures in the card are of the shipped recipes",
}


_BY_EPOCHS = {"--steps": 'it learns by epochs: {"epochs": N} in a file of --config'}


def data_of(name: str, data: Path | None) -> Path:
    """Where a recipe or a protocol finds its data; without the user's files the command ends."""
    if data is None and name in BY_FOLDER:
        stop(f"{name} is of your own files: give --data FOLDER")
    return data or CLIP_SETS


def unused_by(recipe: str) -> dict[str, str]:
    """The options of `jointwise train` that a recipe takes no heed of, and why."""
    if recipe not in BY_FOLDER:
        return {"--config": "its settings are those of its figures"}
    return _BY_OTHERS | (_BY_EPOCHS if recipe in NTU else {})
