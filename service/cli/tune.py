"""`jointwise tune`: a model takes temperature and thresholds of others; its weights stay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli.exit import stop


def tune(
    model: Annotated[Path, typer.Argument(help="Folder of the model to tune.", metavar="MODEL")],
    tuned_by: Annotated[
        list[Path],
        typer.Option(
            help="Model folder whose temperature and thresholds to take. Given again for more "
            "(of the recipes validation and validation-2), they are chosen anew on all "
            "the people whom each of these has not learnt from.",
            metavar="FOLDER",
        ),
    ],
    data: Annotated[
        Path, typer.Option(help="Folder of the clip sets, for several.", metavar="FOLDER")
    ] = Path("../shared/data"),
) -> None:
    """Take temperature and thresholds from models tuned on people they had not learnt from.

    A model that has learnt from everybody has nobody left to choose them on.
    """
    from models.errors import ModelError
    from models.training.recipe_training import settings_of, tune_by
    from sensor.errors import SensorError

    try:
        card = tune_by(model, tuned_by, data)
    except (ModelError, SensorError, ValueError, OSError) as error:
        stop(error)
    typer.echo(f"{model}: {settings_of(card)}")
