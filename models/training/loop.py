"""The training loop: batches in, steps made, looks written down; it can be stopped at any step."""

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

Made = TypeVar("Made")
AHEAD = 4

log = logging.getLogger(__name__)

Arrays = Sequence[NDArray[np.float32] | NDArray[np.int64]]


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


class Interrupt:
    """While entered, the first Ctrl-C (or SIGTERM) only sets `asked`; a second one interrupts.

    Does nothing in a thread other than the main one, where signals never arrive.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: list[tuple[signal.Signals, signal._HANDLER]] = []

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before.append((number, signal.signal(number, self._ask)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


def prefetched(
    make: Callable[[int], Made], first: int, end: int, workers: int = 1
) -> Generator[Made, None, None]:
    """`make(first)` to `make(end - 1)`, in order, a few of them made ahead.

    An error of `make` is raised in its turn. Close the generator to stop early: it waits for the
    batches in the making and leaves no thread behind.
    """
    pool = ThreadPoolExecutor(workers, thread_name_prefix="batches")
    waiting: deque[Future[Made]] = deque()
    try:
        for i in range(first, end):
            waiting.append(pool.submit(make, i))
            if len(waiting) > AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
