"""`jointwise tune`: a model takes the temperature and thresholds of another; its weights stay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.commands.failure import stop

OF_VALIDATION = "validation_"
"""Figures of a card that were measured where the thresholds were chosen begin so."""


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
    import msgspec

    from models.card import load_card, save_card
    from models.errors import ModelError

    try:
        card, chosen = load_card(model), load_card(tuned_by)
    except ModelError as error:
        stop(error)
    scores = {k: v for k, v in card.scores.items() if not k.startswith(OF_VALIDATION)}
    scores |= {k: v for k, v in chosen.scores.items() if k.startswith(OF_VALIDATION)}
    tuned = msgspec.structs.replace(
        card, temperature=chosen.temperature, thresholds=chosen.thresholds, scores=scores
    )
    save_card(tuned, model)
    typer.echo(f"{model}: temperature {tuned.temperature:.2f}, {tuned.thresholds}")
