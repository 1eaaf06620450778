"""The training loop: batches in, steps made, looks written down; it can be stopped at any step."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec
import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor

from models.interrupt import Interrupt
from models.prefetch import prefetched

log = logging.getLogger(__name__)

CHECKPOINT_FILE, CONFIG_FILE, CURVE_FILE = "checkpoint.pt", "config.json", "curve.jsonl"
DATA_FILE = "data.sha256"

Arrays = Sequence[NDArray[np.float32] | NDArray[np.int64]]
Config = TypeVar("Config", bound=msgspec.Struct)


class Learner(Protocol):
    """What the loop drives: a network with its optimizer, and how many steps it has made."""

    fabric: Fabric
    step: int

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to learn, although steps are left."""
        ...

    @property
    def learn(self) -> Callable[..., Tensor]:
        """One step on the tensors of a batch; returns its loss, detached."""
        ...

    def look(self) -> Mapping[str, float]:
        """Figures of the network as it stands, for the curve."""
        ...

    def save(self) -> None:
        """Keep everything that the next step needs."""
        ...


@dataclass(frozen=True)
class Plan:
    """How long to learn, how often to look, and how many threads make batches."""

    steps: int
    look_every: int
    workers: int = 1


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


def run_steps(
    learner: Learner, make_batch: Callable[[int], Arrays], plan: Plan, run_dir: Path
) -> None:
    """Learn to the plan's end, or till it is finished, on batches `step`, `step + 1`, ...

    Every `look_every` steps, and at the end, it looks, saves, and writes a point of the curve.
    Ctrl-C is obeyed after the step in hand: the run is saved, then KeyboardInterrupt raised.
    """
    fabric, losses = learner.fabric, list[Tensor]()

    def made(i: int) -> list[Tensor]:
        tensors = [torch.from_numpy(array) for array in make_batch(i)]
        on_gpu = fabric.device.type == "cuda"
        return [tensor.pin_memory() for tensor in tensors] if on_gpu else tensors

    end = learner.step if learner.finished else plan.steps
    batches = prefetched(made, learner.step, end, plan.workers)
    with Interrupt() as interrupt, _progress(fabric) as progress, closing(batches):
        task = progress.add_task("", total=plan.steps, completed=learner.step, note="")
        for batch in batches:
            losses.append(learner.learn(*fabric.to_device(batch)))
            progress.update(task, completed=learner.step)
            due = learner.step % plan.look_every == 0 or learner.step == plan.steps
            stop = _stop_asked(interrupt, fabric)
            if due:
                point = {"loss": float(torch.stack(losses).mean()), **learner.look()}
                losses.clear()
                note = " ".join(f"{name} {value:.3f}" for name, value in point.items())
                progress.update(task, note=note)
                _write_point(learner, point, run_dir)
            if due or stop:
                learner.save()
            if learner.finished:
                break
            if stop and learner.step < plan.steps:
                log.warning("stopped after step %d; started again it goes on", learner.step)
                raise KeyboardInterrupt


def _stop_asked(interrupt: Interrupt, fabric: Fabric) -> bool:
    """Whether any process was asked to stop; all find it at the same step."""
    if fabric.world_size == 1:
        return interrupt.asked
    asked = torch.tensor(float(interrupt.asked), device=fabric.device)
    return bool(fabric.all_reduce(asked, reduce_op="max"))


def _progress(fabric: Fabric) -> Progress:
    return Progress(
        TextColumn("training"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[note]}"),
        disable=not fabric.is_global_zero,
    )  # fmt: skip


def _write_point(learner: Learner, point: Mapping[str, float], run_dir: Path) -> None:
    if learner.fabric.is_global_zero:
        with (run_dir / CURVE_FILE).open("ab") as curve:
            curve.write(msgspec.json.encode({"step": float(learner.step), **point}) + b"\n")
