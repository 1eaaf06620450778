"""`jointwise train` from a folder: NTU RGB+D by the published recipe, or own recordings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from service.cli.exit import stop

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
    from models.evaluation.protocols.ntu import train_ntu
    from models.public_sets.ntu_split import NTU_PROTOCOLS
    from models.public_sets.ntu_training import PublishedConfig
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
    from models.augmentation.bodies import Mirror
    from models.datasets.own_recordings import load_own
    from models.evaluation.protocols.own_recordings import (
        classes_by_person,
        everybody,
        own_config,
        train_own,
    )
    from models.training.hardware import Hardware

    own = load_own(data)
    settings = with_changes(own_config(own, seed, steps), config)
    people = everybody(own.people, classes=classes_by_person(own))
    typer.echo(
        f"{len(own.pieces)} recordings: {own.counted_labels()}; learning from "
        f"{own.counted(people.learn)}; tuning on {own.counted(people.validation) or 'nobody'}"
    )
    typer.echo(
        "learnt the other way round as well, under the same name but for: "
        + (Mirror.of(own.labels).told(own.labels) or "none")
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
