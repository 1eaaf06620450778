"""`jointwise train`: labelled skeletons in, a model folder out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.failure import stop
from service.commands.train_folder import BY_FOLDER, NTU, train_folder

if TYPE_CHECKING:
    from models.card import Tuned
    from models.recipes import Recipe

MISSING = "training needs torch: pip install 'jointwise[cpu,train]'"


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            help="Which people of which sets: validation (choose settings), protocol (the "
            "published splits) or shipped (everybody, the default model). Or, from --data, "
            f"the published network on NTU RGB+D's .skeleton files ({', '.join(NTU)}), "
            "and folder: own recordings, one folder a class."
        ),
    ],
    data: Annotated[
        Path, typer.Option(help="Folder of the recordings or clip sets.", metavar="FOLDER")
    ] = Path("../shared/data"),
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

        from models.recipes import RECIPES, STEPS
    except ImportError:
        stop(MISSING)
    if threads:
        torch.set_num_threads(threads)
    if recipe in BY_FOLDER:
        out = out or Path("runs") / recipe
        train_folder(recipe, data, out, seed, steps or STEPS, devices, config)
        return
    if recipe not in RECIPES:
        stop(f"no recipe is called {recipe!r}; there are {', '.join((*RECIPES, *BY_FOLDER))}")
    if not RECIPES[recipe].validation and tuned_by is None:
        stop("thresholds are never chosen on test people: give --tuned-by runs/validation/model")
    from models.errors import ModelError
    from sensor.errors import SensorError

    out = out or Path("runs") / recipe
    try:
        tuned = _tuned(tuned_by, report or []) if tuned_by else None
        _train(RECIPES[recipe], recipe, data, out, seed, steps, devices, tuned)
    except (SensorError, ModelError, ValueError, OSError) as error:
        stop(error)


def _tuned(tuned_by: Path, reports: list[Path]) -> Tuned:
    """What another model was tuned to, with the figures of reports."""
    import msgspec

    from models.card import load_card
    from service.evaluation.report import REPORT_FILE, Report

    tuned = load_card(tuned_by).tuned
    scores = dict(tuned.scores)
    for folder in reports:
        found = msgspec.json.decode((folder / REPORT_FILE).read_bytes(), type=Report)
        scores[f"{found.protocol} of {found.model}"] = round(found.accuracy, 4)
    return msgspec.structs.replace(tuned, scores=scores)


def _train(
    recipe: Recipe,
    name: str,
    data: Path,
    out: Path,
    seed: int,
    steps: int | None,
    devices: int,
    tuned: Tuned | None,
) -> None:
    from models.card import Tuned
    from models.exemplars import make_exemplars, save_exemplars
    from models.export import write_model
    from models.hardware import Hardware
    from models.recipes import credits, load_sets, vocabulary, without
    from models.train import TrainConfig, train_on_streams
    from service.tuning import tuned_on, validated

    labels = vocabulary(data, list(recipe.train))
    sets, labels = without(load_sets(data, labels, list(recipe.train)), labels, recipe.left_out)
    learnt = [piece for one in sets for piece in one.of(recipe.train[one.name])]
    held = [piece for one in sets for piece in one.of(recipe.validation.get(one.name, []))]
    config = TrainConfig(name, labels, seed=seed, steps=steps or recipe.steps)
    typer.echo(
        f"{recipe.about}: {len(learnt)} recordings to learn from, {len(held)} to validate on"
    )
    network = train_on_streams(config, learnt, held, out, hardware=Hardware(devices))
    model_dir = out / "model"
    write_model(network, config, credits(recipe.train), tuned or Tuned(), model_dir)
    save_exemplars(*make_exemplars(learnt, labels, config.features), model_dir)
    if tuned is None:
        tuned = tuned_on([validated(model_dir, recipe.validation, data)])
        typer.echo(
            f"chosen on validation people: temperature {tuned.temperature:.2f}, {tuned.thresholds}"
        )
        write_model(network, config, credits(recipe.train), tuned, model_dir)
    typer.echo(f"{model_dir} is ready: jointwise serve --model {model_dir}")
