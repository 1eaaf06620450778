"""`jointwise train` from a folder of recordings: NTU RGB+D by the published recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
import typer

from models.ntu import NTU_PROTOCOLS
from service.commands.failure import stop

BY_FOLDER = (*NTU_PROTOCOLS,)
"""What `train_folder` can train."""

Config = TypeVar("Config", bound=msgspec.Struct)


def train_folder(
    recipe: str, data: Path, out: Path, seed: int, devices: int, config: Path | None
) -> None:
    """Train one of `BY_FOLDER` and say where the model is. Errors end the command."""
    from models.hardware import Hardware
    from models.published import PublishedConfig
    from sensor.errors import SensorError
    from service.evaluation.ntu import train_ntu

    try:
        settings = with_changes(PublishedConfig(recipe, seed=seed), config)
        typer.echo(NTU_PROTOCOLS[recipe].about)
        model_dir = train_ntu(settings, data, out, Hardware(devices))
    except (SensorError, ValueError, OSError) as error:
        stop(error)
    typer.echo(f"{model_dir} is ready: jointwise evaluate {recipe} --data {data} --out REPORT")


def with_changes(settings: Config, path: Path | None) -> Config:
    """The settings with those of a JSON file in their place. Raises ValueError, OSError."""
    if path is None:
        return settings
    try:
        changes = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
        return msgspec.convert({**msgspec.to_builtins(settings), **changes}, type(settings))
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from error
