"""`jointwise train` from a folder: NTU RGB+D by the published recipe, or own recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
import typer

from service.commands.failure import stop

NTU = ("ntu60-cs", "ntu60-cv", "ntu120-xsub", "ntu120-xset")
BY_FOLDER = (*NTU, "folder")
"""What `train_folder` can train."""

Config = TypeVar("Config", bound=msgspec.Struct)


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
    from models.hardware import Hardware
    from models.ntu import NTU_PROTOCOLS
    from models.published import PublishedConfig
    from service.evaluation.ntu import train_ntu

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
    from models.hardware import Hardware
    from models.own import load_own
    from service.evaluation.folder import everybody, own_config, train_own

    own = load_own(data)
    settings = with_changes(own_config(own, seed, steps), config)
    people = everybody(own.people)
    typer.echo(
        f"{len(own.pieces)} recordings of {len(own.labels) - 1} classes; learning from "
        f"{', '.join(people.learn)}; tuning on {', '.join(people.validation) or 'nobody'}"
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
