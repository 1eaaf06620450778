"""`jointwise train`: labelled skeletons in, a model folder out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import NO_TRAINING, ModelError
from service.cli.exit import stop
from service.cli.train_folder import BY_FOLDER, NTU, DataFolder, data_of, train_folder, unused_by

if TYPE_CHECKING:
    from models.card import Tuned


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            help="Which people of which sets: validation and validation-2 (choose settings), "
            "protocol (the published splits), wild, wild-reverse, merged-1 to merged-3, unknown-1 "
            "to unknown-3 (as the protocols of `jointwise evaluate` ask) or shipped (everybody, "
            "the default model). Or, from --data, the published network on NTU RGB+D's "
            f".skeleton files ({', '.join(NTU)}), and folder: own recordings, one folder a class."
        ),
    ],
    data: DataFolder = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run; given again, it goes on.", show_default="runs/RECIPE"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of weights and streams.")] = 0,
    steps: Annotated[
        int | None,
        typer.Option(help="Training steps.", min=1, show_default="the recipe's"),
    ] = None,
    tuned_by: Annotated[
        Path | None,
        typer.Option(
            help="Model folder whose temperature and thresholds to take; without it they are "
            "chosen on the people whom the recipe keeps to validate on.",
            metavar="FOLDER",
        ),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of a report of `jointwise evaluate`, whose figure goes into the card; "
            "give it again for more.",
            metavar="FOLDER",
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="Processor threads; 0 takes all.", min=0)] = 0,
    devices: Annotated[
        int, typer.Option(help="GPUs that share each batch; 0 takes all there are.", min=0)
    ] = 1,
    config: Annotated[
        Path | None,
        typer.Option(
            help="JSON file of settings that differ from the recipe's, for these.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Train the network, choose its thresholds, and write a model folder (OUT/model).

    Progress is shown; the run can be stopped at any time and goes on when started again.
    """
    try:
        import torch

        from models.training.recipes import RECIPES, STEPS
    except ImportError:
        stop(NO_TRAINING)
    if threads:
        torch.set_num_threads(threads)
    if recipe not in RECIPES and recipe not in BY_FOLDER:
        stop(f"no recipe is called {recipe!r}; there are {', '.join((*RECIPES, *BY_FOLDER))}")
    given = {"--steps": steps, "--tuned-by": tuned_by, "--report": report, "--config": config}
    for option, why in unused_by(recipe).items():
        if given[option]:
            stop(f"{recipe} takes no {option}: {why}")
    sets, out = data_of(recipe, data), out or Path("runs") / recipe
    if recipe in BY_FOLDER:
        train_folder(recipe, sets, out, seed, steps or STEPS, devices, config)
        return
    if not RECIPES[recipe].validation and tuned_by is None:
        stop("thresholds are never chosen on test people: give --tuned-by runs/validation/model")
    from models.training.recipe_training import train_by
    from sensor.errors import SensorError

    try:
        tuned = _tuned(tuned_by, report or []) if tuned_by else None
        model_dir = train_by(recipe, sets, out, seed, steps, devices, tuned, typer.echo)
    except (SensorError, ModelError, ValueError, OSError) as error:
        stop(error)
    typer.echo(f"{model_dir} is ready: jointwise serve --model {model_dir}")


def _tuned(tuned_by: Path, reports: list[Path]) -> Tuned:
    """What another model was tuned to, with the figures of reports."""
    import msgspec

    from models.card import load_card
    from models.evaluation.report import REPORT_FILE, Report

    tuned = load_card(tuned_by).tuned
    scores = dict(tuned.scores)
    for folder in reports:
        found = msgspec.json.decode((folder / REPORT_FILE).read_bytes(), type=Report)
        scores[f"{found.protocol} of {found.models}"] = round(found.accuracy, 4)
    return msgspec.structs.replace(tuned, scores=scores)
