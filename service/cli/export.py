"""`jointwise export`: writes a model folder from a training run, or completes an older one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from models.errors import NO_TRAINING, ModelError
from service.cli.exit import stop


def export(
    out: Annotated[Path, typer.Option(help="Model folder to write.", metavar="FOLDER")],
    run: Annotated[
        Path | None, typer.Argument(help="Folder of the training run.", metavar="RUN")
    ] = None,
    tuned_by: Annotated[
        Path | None,
        typer.Option(help="Model folder to copy temperature and thresholds from."),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Model folder to copy instead of a run; explain.onnx is added to it. "
            "It may be the folder of --out.",
            metavar="FOLDER",
        ),
    ] = None,
) -> None:
    """Export a training run as an ONNX model folder.

    The run need not be finished. The folder gets the averaged weights and a model card. With
    `--from`, a model folder without explain.onnx gets it, also if its run no longer exists.
    """
    if (run is None) == (source is None):
        stop("give either the folder of a training run, or a model folder with --from")
    if source is not None and tuned_by is not None:
        stop("--tuned-by goes with a training run: a model folder keeps its thresholds")
    if source is not None:
        _complete(source, out)
    elif run is not None:
        _export_run(run, out, tuned_by)
    typer.echo(f"{out} is ready: jointwise serve --model {out}")


def _complete(source: Path, out: Path) -> None:
    """Copy a model folder, unless it is `out` itself, and add its readings."""
    try:
        from models.card import load_card
        from models.network.whole_body import WholeBody
        from models.public_sets.clip_model import CLIP_FILE, load_input_settings
        from models.public_sets.clip_whole_body import whole_body_of
        from models.training.model_folder import add_readings
    except ImportError:
        stop(NO_TRAINING)
    try:
        load_card(source)
        if out.resolve() != source.resolve():
            shutil.copytree(source, out, dirs_exist_ok=True)
        of_clips = (out / CLIP_FILE).exists()
        body = whole_body_of(load_input_settings(out)) if of_clips else WholeBody.of_features()
        add_readings(out, body)
    except (ModelError, OSError) as error:
        stop(error)


def _export_run(run: Path, out: Path, tuned_by: Path | None) -> None:
    """Write the model folder of a training run."""
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
    trained_on = data_credits(learnt_sets(RECIPES[config.recipe], config.labels))
    write_model(Run(config, run).average, config, trained_on, tuned, out)
