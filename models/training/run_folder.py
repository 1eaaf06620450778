"""The folder of a training run: its configuration, its checkpoint and its learning curve.

A run that is started again in its folder continues from the checkpoint. The folder accepts only
the configuration and the data that the run began with.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from lightning_fabric import Fabric

CHECKPOINT_FILE, CONFIG_FILE, CURVE_FILE = "checkpoint.pt", "config.json", "curve.jsonl"
DATA_FILE = "data.sha256"

Config = TypeVar("Config", bound=msgspec.Struct)
State = dict[str, Any]
"""The contents of a checkpoint: modules, optimisers and schedules by name, and plain numbers."""

log = logging.getLogger(__name__)


class RunFolder:
    """The folder of a run that one or several processes train together."""

    def __init__(self, run_dir: Path, fabric: Fabric) -> None:
        self._run_dir, self._fabric = run_dir, fabric

    def begin(self, config: msgspec.Struct, examples: Iterable[str] | None = None) -> None:
        """Write the configuration and the names of the examples, or check them.

        The first process does it; the others wait. Raises ValueError if the folder holds a run
        with another configuration or other examples.
        """
        if self._fabric.is_global_zero:
            begin(self._run_dir, config)
            if examples is not None:
                same_data(self._run_dir, examples)
        self._fabric.barrier()

    def load(self, state: State) -> bool:
        """Load the checkpoint into `state`, whose numbers are replaced. False: there is none."""
        checkpoint = self._run_dir / CHECKPOINT_FILE
        if not checkpoint.exists():
            return False
        self._fabric.load(checkpoint, state, weights_only=True)
        log.info("continuing from step %d", state["step"])
        return True

    def save(self, state: State) -> None:
        """Write the checkpoint. The old one is replaced only once the new one is complete."""
        partial = self._run_dir / (CHECKPOINT_FILE + ".partial")
        self._fabric.save(partial, state)
        if self._fabric.is_global_zero:
            partial.replace(self._run_dir / CHECKPOINT_FILE)
        self._fabric.barrier()


def begin(run_dir: Path, config: Config) -> None:
    """Create the folder of a run and write its configuration, or check the one that is there.

    Raises ValueError if the folder holds a run with another configuration.
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
    """Write a hash of the names of the examples that a run learns from, or check it.

    Raises ValueError if the run began with other examples.
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
