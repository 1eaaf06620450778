"""`jointwise train`: trains a network on labelled skeletons and writes a model folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from models.errors import NO_TRAINING, ModelError
from service.cli.exit import stop
from service.cli.options import NTU, DataFolder

if TYPE_CHECKING:
    from models.card import Tuned

OWN = "folder"
Config = TypeVar("Config", bound=msgspec.Struct)


def train(
    recipe: Annotated[
        str,
        typer.Argument(
            help="Data to learn from. shipped: everybody in all three clip sets, for the default "
            "model. protocol: the training people of the published splits. validation, "
            "validation-2: some of these people; settings are chosen on the others. wild, "
            "wild-reverse, merged-1 to merged-3, unknown-1 to unknown-3: the people that these "
            "protocols of `jointwise evaluate` do not test. folder: your own recordings, one "
            "folder per class. "
            f"{', '.join(NTU)}: the published network on the .skeleton files of NTU RGB+D."
        ),
    ],
    data: DataFolder = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the run. A run that was stopped continues.",
            show_default="runs/RECIPE",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the weights and the training data.")] = 0,
    steps: Annotated[
        int | None,
        typer.Option(help="Number of training steps.", min=1, show_default="the recipe's number"),
    ] = None,
    tuned_by: Annotated[
        Path | None,
        typer.Option(
            help="Model folder to copy temperature and thresholds from. Without it, they are "
            "chosen on the recipe's validation people.",
            metavar="FOLDER",
        ),
    ] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(
            help="Report folder of `jointwise evaluate`; its main figure is copied into the model "
            "card. May be repeated.",
            metavar="FOLDER",
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="CPU threads; 0 uses all.", min=0)] = 0,
    devices: Annotated[
        int, typer.Option(help="Number of GPUs that share each batch; 0 uses all.", min=0)
    ] = 1,
    config: Annotated[
        Path | None,
        typer.Option(
            help="JSON file with settings that replace the recipe's, for folder and the NTU "
            "RGB+D recipes.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Train a network, choose its thresholds and write a model folder (OUT/model).

    You can stop a run at any time; the same command continues it.
    """
    try:
        import torch

        from models.training.recipes import RECIPES, STEPS
    except ImportError:
        stop(NO_TRAINING)
    if threads:
        torch.set_num_threads(threads)
    known = (*RECIPES, *NTU, OWN)
    if recipe not in known:
        stop(f"unknown recipe {recipe!r}; available: {', '.join(known)}")
    given = {"--steps": steps, "--tuned-by": tuned_by, "--report": report, "--config": config}
    for option, reason in _unused_options(recipe).items():
        if given[option]:
            stop(f"{recipe} takes no {option}: {reason}")
    if data is None:
        from service.cli.needed_files import files_of_recipe

        stop(f"{recipe} needs {files_of_recipe(recipe)}: give --data FOLDER")
    out = out or Path("runs") / recipe
    from sensor.errors import SensorError

    try:
        if recipe == OWN:
            ready = _train_own(data, out, seed, steps or STEPS, devices, config)
        elif recipe in NTU:
            ready = _train_ntu(recipe, data, out, seed, devices, config)
        else:
            ready = _train_recipe(recipe, data, out, seed, steps, devices, tuned_by, report or [])
    except (SensorError, ModelError, ValueError, OSError) as error:
        stop(error)
    typer.echo(ready)


def _unused_options(recipe: str) -> dict[str, str]:
    """Return the options that a recipe does not accept, each with the reason."""
    if recipe != OWN and recipe not in NTU:
        return {"--config": "its published figures hold for its own settings only"}
    unused = {
        "--tuned-by": "it chooses temperature and thresholds on people of its own data",
        "--report": "only the cards of the shipped recipes hold figures of reports",
    }
    if recipe in NTU:
        unused["--steps"] = 'it learns by epochs; write {"epochs": N} into the file of --config'
    return unused


def _train_recipe(
    recipe: str,
    data: Path,
    out: Path,
    seed: int,
    steps: int | None,
    devices: int,
    tuned_by: Path | None,
    reports: list[Path],
) -> str:
    """Train on the clip sets of a recipe; return the closing line."""
    from models.training.recipe_training import train_by
    from models.training.recipes import RECIPES

    if not RECIPES[recipe].validation and tuned_by is None:
        stop("thresholds are never chosen on test people: give --tuned-by runs/validation/model")
    tuned = _tuned(tuned_by, reports) if tuned_by else None
    model_dir = train_by(recipe, data, out, seed, steps, devices, tuned, typer.echo)
    return _ready(model_dir)


def _tuned(tuned_by: Path, reports: list[Path]) -> Tuned:
    """Return the temperature and thresholds of another model, with the figures of reports."""
    from models.card import load_card
    from models.evaluation.report import Report
    from models.evaluation.report_files import REPORT_FILE

    tuned = load_card(tuned_by).tuned
    scores = dict(tuned.scores)
    for folder in reports:
        found = msgspec.json.decode((folder / REPORT_FILE).read_bytes(), type=Report)
        scores[f"{found.protocol} of {found.models}"] = round(found.accuracy, 4)
    return msgspec.structs.replace(tuned, scores=scores)


def _train_ntu(
    recipe: str, data: Path, out: Path, seed: int, devices: int, config: Path | None
) -> str:
    """Train the published network on a split of NTU RGB+D; return the closing line."""
    from models.public_sets.ntu_config import PublishedConfig
    from models.public_sets.ntu_model import train_ntu
    from models.public_sets.ntu_split import NTU_PROTOCOLS
    from models.training.hardware import Hardware

    settings = _with_changes(PublishedConfig(recipe, seed=seed), config)
    typer.echo(NTU_PROTOCOLS[recipe].about)
    model_dir = train_ntu(settings, data, out, Hardware(devices))
    return (
        f"{model_dir} is ready: "
        f"jointwise evaluate {recipe} --data {data} --model {model_dir} --out REPORT"
    )


def _train_own(
    data: Path, out: Path, seed: int, steps: int, devices: int, config: Path | None
) -> str:
    """Train on the user's recordings; return the closing line."""
    from models.datasets.own_recordings import load_own
    from models.mirroring import Mirror
    from models.training.hardware import Hardware
    from models.training.own_training import classes_by_person, everybody, own_config, train_own

    own = load_own(data)
    settings = _with_changes(own_config(own, seed, steps), config)
    people = everybody(own.people, classes=classes_by_person(own))
    typer.echo(
        f"{len(own.pieces)} recordings: {own.counted_labels()}; learning from "
        f"{own.counted(people.learn)}; tuning on {own.counted(people.validation) or 'nobody'}"
    )
    typer.echo(
        "each recording is also learnt mirrored, under the same label except: "
        + (Mirror.of(own.labels).describe(own.labels) or "none")
    )
    return _ready(train_own(own, people, settings, out, Hardware(devices)))


def _ready(model_dir: Path) -> str:
    return f"{model_dir} is ready: jointwise serve --model {model_dir}"


def _with_changes(settings: Config, path: Path | None) -> Config:
    """Return the settings with the values of a JSON file. Raises ValueError, OSError."""
    if path is None:
        return settings
    try:
        changes = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
        return msgspec.convert({**msgspec.to_builtins(settings), **changes}, type(settings))
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from error
