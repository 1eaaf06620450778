"""The folder of a training run: configuration, checkpoint, learning curve."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
from lightning_fabric import Fabric

CHECKPOINT_FILE, CONFIG_FILE, CURVE_FILE = "checkpoint.pt", "config.json", "curve.jsonl"
DATA_FILE = "data.sha256"
Config = TypeVar("Config", bound=msgspec.Struct)


def begin(run_dir: Path, config: Config) -> None:
    """Make the folder of a run and write its configuration, or find the same one there.

    Raises ValueError where the folder holds a run with another configuration.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    path = run_dir / CONFIG_FILE
    if not path.exists():
        path.write_bytes(msgspec.json.format(msgspec.json.encode(config), indent=2))
        return
    try:
        found = msgspec.json.decode(path.read_bytes(), type=type(config))
    except (msgspec.MsgspecError, ValueError):
        found = None
    if found != config:
        raise ValueError(
            f"{run_dir} holds a run with other settings: choose another --out, "
            "or delete that folder"
        )


def same_data(run_dir: Path, examples: Iterable[str]) -> None:
    """Note what a run learns from, by name, or find that it is what was noted.

    Raises ValueError where it is not: a run that has begun does not learn from what came later.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    sha256 = hashlib.sha256("\n".join(examples).encode()).hexdigest()
    path = run_dir / DATA_FILE
    if not path.exists():
        path.write_text(sha256 + "\n")
    elif path.read_text().strip() != sha256:
        raise ValueError(
            f"the recordings are not those that the run in {run_dir} began with: delete that "
            "folder, or choose another"
        )


def save_whole(fabric: Fabric, state: dict[str, object], run_dir: Path) -> None:
    """Write the checkpoint; an older one is only replaced by a whole one."""
    partial = run_dir / (CHECKPOINT_FILE + ".partial")
    fabric.save(partial, state)
    if fabric.is_global_zero:
        partial.replace(run_dir / CHECKPOINT_FILE)
    fabric.barrier()
