"""`jointwise tune`: a model takes the temperature and thresholds of another; its weights stay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.failure import stop


def tune(
    model: Annotated[Path, typer.Argument(help="Folder of the model to tune.", metavar="MODEL")],
    tuned_by: Annotated[
        Path,
        typer.Option(help="Model folder whose temperature and thresholds to take.", metavar="FROM"),
    ],
) -> None:
    """Take temperature and thresholds from another model, tuned on people it had not learnt from.

    A model that has learnt from everybody has nobody left to choose them on.
    """
    from models.card import load_card, save_card
    from models.errors import ModelError

    try:
        tuned = load_card(model).tuned_to(load_card(tuned_by).tuned)
    except ModelError as error:
        stop(error)
    save_card(tuned, model)
    typer.echo(f"{model}: temperature {tuned.temperature:.2f}, {tuned.thresholds}")
