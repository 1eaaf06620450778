"""Trains the published Res-TCN on NTU RGB+D as published (Kim and Reiter 2017).

SGD with Nesterov momentum, an L1 penalty on convolution kernels, dropout, and a learning rate
that drops tenfold when validation accuracy stops rising. Validation performers are taken out of
the training part. Test samples are never read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from models.features import FloatArray, IntArray
from models.network.res_tcn import ResTCN
from models.public_sets.ntu_batches import Split, epoch_batches, steps_an_epoch
from models.public_sets.ntu_config import PublishedConfig
from models.public_sets.ntu_pack import NUMBERS, NtuClips
from models.public_sets.ntu_split import NTU_PROTOCOLS
from models.training.hardware import Hardware, leave_others
from models.training.loop import Plan, run_steps
from models.training.run_folder import RunFolder, State

WORKERS = 4
"""Threads that copy clips from the memory-mapped file. They wait for the disk, not for Python."""


def new_published(config: PublishedConfig) -> ResTCN:
    """The untrained published network: 1,877,308 parameters for 60 classes."""
    return ResTCN(
        NUMBERS,
        NTU_PROTOCOLS[config.protocol].classes,
        causal=False,
        dropout=config.dropout,
        widths=config.widths,
    )


class PublishedRun:
    """A training run in a folder. Created again with the same configuration, it continues.

    Raises ValueError if the folder holds a run with another configuration or other samples.
    """

    def __init__(
        self,
        config: PublishedConfig,
        clips: NtuClips,
        split: Split,
        run_dir: Path,
        hardware: Hardware | None = None,
    ) -> None:
        self.config, self.clips, self.split = config, clips, split
        self.fabric = (hardware or Hardware()).fabric()
        torch.manual_seed(config.seed)
        self.network = new_published(config)
        optimizer = torch.optim.SGD(
            self.network.parameters(),
            lr=config.learning_rate,
            momentum=config.momentum,
            nesterov=True,
        )
        self.schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, "max", factor=config.drop, patience=config.patience, threshold=0.0
        )
        self.step, self.accuracy, self.ended = 0, float("nan"), False
        self._forward, self.optimizer = self.fabric.setup(self.network, optimizer)
        self._folder = RunFolder(run_dir, self.fabric)
        self._folder.begin(config, (clips.names[i] for i in split.learn))
        self._resume()

    def _resume(self) -> None:
        state = self._state()
        if self._folder.load(state):
            self.step, self.accuracy = int(state["step"]), float(state["accuracy"])
            self.ended = bool(state["ended"])

    def _state(self) -> State:
        return {
            "network": self.network,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "step": self.step,
            "accuracy": self.accuracy,
            "ended": self.ended,
        }

    def save(self) -> None:
        """Write the checkpoint."""
        self._folder.save(self._state())

    @property
    def epochs(self) -> int:
        """The number of epochs that are done."""
        return self.step // steps_an_epoch(self.config, self.split)

    @property
    def finished(self) -> bool:
        """Whether the learning rate has fallen below the least one."""
        return self.ended

    def train_step(self, x: Tensor, target: Tensor) -> Tensor:
        """Take one step on clips (N, 300, 150) and their classes (N,).

        Returns the loss without its L1 penalty, detached.
        """
        # With a seed of its own, each step has the same dropout in a run that was stopped.
        torch.manual_seed(hash((self.config.seed, self.step, self.fabric.global_rank)))
        self._forward.train()
        loss: Tensor = F.cross_entropy(self._forward(x), target)
        self.optimizer.zero_grad()
        self.fabric.backward(loss + self.config.l1 * self._kernels_l1())
        self.optimizer.step()
        self.step += 1
        return loss.detach()

    def _kernels_l1(self) -> Tensor:
        """The L1 norm of all convolution kernels."""
        kernels = [p.abs().sum() for p in self.network.parameters() if p.ndim == 3]
        return torch.stack(kernels).sum()

    def validate(self) -> dict[str, float]:
        """Measure validation accuracy after an epoch, and drop the learning rate on a plateau."""
        rate = float(self.optimizer.param_groups[0]["lr"])
        if len(self.split.validation):
            found = 0.0
            if self.fabric.is_global_zero:
                logits = clip_logits(self.network, self.clips, self.split.validation)
                right = logits.argmax(axis=1) == self.split.target[self.split.validation]
                found = float(right.mean())
            self.accuracy = float(self.fabric.broadcast(found))
            self.schedule.step(self.accuracy)
            lowest = self.config.least_rate * (1 - 1e-6)
            self.ended = float(self.optimizer.param_groups[0]["lr"]) < lowest
        return {"learning_rate": rate, "validation_accuracy": self.accuracy}


def train_published(
    config: PublishedConfig, clips: NtuClips, run_dir: Path, hardware: Hardware | None = None
) -> PublishedRun:
    """Train to the end, from the folder's checkpoint if it has one.

    On several devices, only the first process returns; the others end here. Ctrl-C saves the run
    and raises KeyboardInterrupt. Raises ValueError if the folder holds another run, or if the
    data have no training sample.
    """
    split = Split(config, clips)
    run = PublishedRun(config, clips, split, run_dir, hardware)
    make = epoch_batches(config, clips, split, run.fabric.global_rank, run.fabric.world_size)
    an_epoch = steps_an_epoch(config, split)
    run_steps(run, make, Plan(config.epochs * an_epoch, an_epoch, WORKERS), run_dir)
    leave_others(run.fabric)
    return run


@torch.no_grad()
def clip_logits(network: ResTCN, clips: NtuClips, picks: IntArray, batch: int = 128) -> FloatArray:
    """Classify clips with the published network, on its device: logits float32 (N, classes)."""
    network.eval()
    device = next(network.parameters()).device

    def parts() -> Iterator[FloatArray]:
        for i in range(0, len(picks), batch):
            x = torch.from_numpy(clips.padded(picks[i : i + batch])).to(device)
            yield network(x).float().cpu().numpy()

    return np.concatenate(list(parts()))
