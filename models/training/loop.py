"""The training loop: takes steps on prefetched batches, validates and saves, and can be stopped."""

from __future__ import annotations

import logging
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Protocol, Self, TypeVar

import msgspec
import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor

from models.training.run_folder import CURVE_FILE

Item = TypeVar("Item")
AHEAD = 4
"""The number of batches that each worker prepares ahead."""

log = logging.getLogger(__name__)

Arrays = Sequence[NDArray[np.float32] | NDArray[np.int64]]


class Learner(Protocol):
    """The loop's view of a run: a network with its optimiser, and the number of its steps."""

    fabric: Fabric
    step: int

    @property
    def finished(self) -> bool:
        """Whether training has ended, even if the plan has steps left."""
        ...

    @property
    def train_step(self) -> Callable[..., Tensor]:
        """Takes one step on the tensors of a batch. Returns its loss, detached."""
        ...

    def validate(self) -> Mapping[str, float]:
        """Measure the network. The figures go into the learning curve."""
        ...

    def save(self) -> None:
        """Write the checkpoint."""
        ...


@dataclass(frozen=True)
class Plan:
    """The number of steps, the steps between validations, and the threads that make batches."""

    steps: int
    validate_every: int
    workers: int = 1


def run_steps(
    learner: Learner, make_batch: Callable[[int], Arrays], plan: Plan, run_dir: Path
) -> None:
    """Take steps on the batches `learner.step`, `learner.step + 1`, ... to the end of the plan.

    Every `validate_every` steps and after the last one, it validates, saves, and writes a point of
    the learning curve. Ctrl-C ends the current step, saves, and raises KeyboardInterrupt.
    """
    fabric, losses = learner.fabric, list[Tensor]()

    def make_tensors(i: int) -> list[Tensor]:
        tensors = [torch.from_numpy(array) for array in make_batch(i)]
        on_gpu = fabric.device.type == "cuda"
        return [tensor.pin_memory() for tensor in tensors] if on_gpu else tensors

    end = learner.step if learner.finished else plan.steps
    batches = prefetched(make_tensors, learner.step, end, plan.workers)
    with Interrupt() as interrupt, _progress(fabric) as progress, closing(batches):
        task = progress.add_task("", total=plan.steps, completed=learner.step, note="")
        for batch in batches:
            losses.append(learner.train_step(*fabric.to_device(batch)))
            progress.update(task, completed=learner.step)
            due = learner.step % plan.validate_every == 0 or learner.step == plan.steps
            stop = _stop_requested(interrupt, fabric)
            if due:
                point = {"loss": float(torch.stack(losses).mean()), **learner.validate()}
                losses.clear()
                note = " ".join(f"{name} {value:.3f}" for name, value in point.items())
                progress.update(task, note=note)
                _write_point(learner, point, run_dir)
            if due or stop:
                learner.save()
            if learner.finished:
                break
            if stop and learner.step < plan.steps:
                log.warning("stopped after step %d; start it again to continue", learner.step)
                raise KeyboardInterrupt


def _stop_requested(interrupt: Interrupt, fabric: Fabric) -> bool:
    """Whether any process was interrupted. All processes get the same answer at the same step."""
    if fabric.world_size == 1:
        return interrupt.requested
    requested = torch.tensor(float(interrupt.requested), device=fabric.device)
    return bool(fabric.all_reduce(requested, reduce_op="max"))


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


class Interrupt:
    """While entered, the first Ctrl-C (or SIGTERM) sets `requested`; the second one interrupts.

    It does nothing outside the main thread, which alone receives signals.
    """

    def __init__(self) -> None:
        self.requested = False
        self._before: list[tuple[signal.Signals, signal._HANDLER]] = []

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before.append((number, signal.signal(number, self._request)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True


def prefetched(
    make: Callable[[int], Item], first: int, end: int, workers: int = 1
) -> Generator[Item, None, None]:
    """Yield `make(first)` to `make(end - 1)` in order; threads make a few of them ahead.

    An error in `make` is raised at its place in the order. To stop early, close the generator: it
    waits for the batches that are being made and ends its threads.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
    waiting: deque[Future[Item]] = deque()
    try:
        for i in range(first, end):
            waiting.append(pool.submit(make, i))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
