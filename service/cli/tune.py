"""`jointwise tune`: copies or chooses a model's temperature and thresholds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from service.cli.exit import stop


def tune(
    model: Annotated[Path, typer.Argument(help="Folder of the model to change.", metavar="MODEL")],
    tuned_by: Annotated[
        list[Path],
        typer.Option(
            help="Model folder to copy temperature and thresholds from. If repeated, with models "
            "of the recipes validation and validation-2, they are chosen anew on the people that "
            "each of these models has not learnt from.",
            metavar="FOLDER",
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder with the .npz clip sets; needed with more than one --tuned-by.",
            metavar="FOLDER",
        ),
    ] = None,
) -> None:
    """Set a model's temperature and thresholds from other models; its weights stay the same.

    This is for a model that has learnt from everybody, so no person is left to choose them on.
    """
    from models.errors import ModelError
    from models.training.recipe_training import settings_of, tune_by
    from sensor.errors import SensorError

    if data is None and len(tuned_by) > 1:
        from service.cli.needed_files import files_to_tune

        stop(f"more than one --tuned-by needs {files_to_tune()}: give --data FOLDER")
    try:
        card = tune_by(model, tuned_by, data or Path())  # one --tuned-by reads no data
    except (ModelError, SensorError, ValueError, OSError) as error:
        stop(error)
    typer.echo(f"{model}: {settings_of(card)}")
