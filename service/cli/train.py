"""`jointwise train`: labelled skeletons in, a model folder out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from models.errors import NO_TRAINING, ModelError
from service.cli.exit import stop

if TYPE_CHECKING:
    from models.card import Tuned

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
Config = TypeVar("Config", bound=msgspec.Struct)


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
    from models.evaluation.report import Report
    from models.evaluation.report_files import REPORT_FILE

    tuned = load_card(tuned_by).tuned
    scores = dict(tuned.scores)
    for folder in reports:
        found = msgspec.json.decode((folder / REPORT_FILE).read_bytes(), type=Report)
        scores[f"{found.protocol} of {found.models}"] = round(found.accuracy, 4)
    return msgspec.structs.replace(tuned, scores=scores)


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


def train_folder(
    recipe: str,
    data: Path,
    out: Path,
    seed: int,
    steps: int,
    devices: int,
    config: Path | None,
) -> None:
    """Train one of `BY_FOLDER` and say where the model is. Errors end the command."""
    from models.errors import ModelError
    from sensor.errors import SensorError

    try:
        if recipe == "folder":
            said = _train_own(data, out, seed, steps, devices, config)
        else:
            said = _train_ntu(recipe, data, out, seed, devices, config)
    except (SensorError, ModelError, ValueError, OSError) as error:
        stop(error)
    typer.echo(said)


def _train_ntu(
    recipe: str, data: Path, out: Path, seed: int, devices: int, config: Path | None
) -> str:
    from models.public_sets.ntu_config import PublishedConfig
    from models.public_sets.ntu_model import train_ntu
    from models.public_sets.ntu_split import NTU_PROTOCOLS
    from models.training.hardware import Hardware

    settings = with_changes(PublishedConfig(recipe, seed=seed), config)
    typer.echo(NTU_PROTOCOLS[recipe].about)
    model_dir = train_ntu(settings, data, out, Hardware(devices))
    return (
        f"{model_dir} is ready: "
        f"jointwise evaluate {recipe} --data {data} --model {model_dir} --out REPORT"
    )


def _train_own(
    data: Path, out: Path, seed: int, steps: int, devices: int, config: Path | None
) -> str:
    from models.datasets.own_recordings import load_own
    from models.mirroring import Mirror
    from models.training.hardware import Hardware
    from models.training.own_training import classes_by_person, everybody, own_config, train_own

    own = load_own(data)
    settings = with_changes(own_config(own, seed, steps), config)
    people = everybody(own.people, classes=classes_by_person(own))
    typer.echo(
        f"{len(own.pieces)} recordings: {own.counted_labels()}; learning from "
        f"{own.counted(people.learn)}; tuning on {own.counted(people.validation) or 'nobody'}"
    )
    typer.echo(
        "learnt the other way round as well, under the same name but for: "
        + (Mirror.of(own.labels).describe(own.labels) or "none")
    )
    model_dir = train_own(own, people, settings, out, Hardware(devices))
    return f"{model_dir} is ready: jointwise serve --model {model_dir}"


def with_changes(settings: Config, path: Path | None) -> Config:
    """The settings with those of a JSON file in their place. Raises ValueError, OSError."""
    if path is None:
        return settings
    try:
        changes = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
        return msgspec.convert({**msgspec.to_builtins(settings), **changes}, type(settings))
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from error
