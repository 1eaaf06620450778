"""`jointwise export`: writes a model folder from the checkpoint of a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from models.errors import NO_TRAINING, ModelError
from service.cli.exit import stop


def export(
    run: Annotated[Path, typer.Argument(help="Folder of the training run.", metavar="RUN")],
    out: Annotated[Path, typer.Option(help="Model folder to write.", metavar="FOLDER")],
    tuned_by: Annotated[
        Path | None,
        typer.Option(help="Model folder to copy temperature and thresholds from."),
    ] = None,
) -> None:
    """Export a training run as an ONNX model folder.

    The run need not be finished. The folder gets the averaged weights and a model card.
    """
    try:
        import msgspec

        from models.card import Tuned, load_card
        from models.training.config import TrainConfig
        from models.training.model_folder import write_model
        from models.training.recipes import RECIPES, data_credits, learnt_sets
        from models.training.run import Run
        from models.training.run_folder import CHECKPOINT_FILE, CONFIG_FILE
    except ImportError:
        stop(NO_TRAINING)
    if not (run / CHECKPOINT_FILE).exists():
        stop(f"{run} has no checkpoint: give the --out folder of `jointwise train`")
    try:
        config = msgspec.json.decode((run / CONFIG_FILE).read_bytes(), type=TrainConfig)
        tuned = load_card(tuned_by).tuned if tuned_by else Tuned()
    except (msgspec.MsgspecError, ModelError) as error:
        stop(error)
    if config.recipe not in RECIPES:
        stop(f"a run of {config.recipe} writes its model itself: use {run / 'model'}")
    write_model(
        Run(config, run).average,
        config,
        data_credits(learnt_sets(RECIPES[config.recipe], config.labels)),
        tuned,
        out,
    )
    typer.echo(f"{out} is ready: jointwise serve --model {out}")
