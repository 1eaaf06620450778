"""The Res-TCN as published (Kim and Reiter 2017), trained on NTU RGB+D by its recipe.

SGD with Nesterov momentum, L1 on the kernels of convolutions, dropout, and a learning rate that
drops tenfold when validation performers, taken out of the training part, are no longer
recognised better. Test samples are never read here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from models.network.res_tcn import ResTCN
from models.public_sets.ntu_pack import NUMBERS, NtuClips
from models.public_sets.ntu_split import NTU_PROTOCOLS, action_labels, held_out
from models.training.hardware import Hardware, leave_others
from models.training.loop import Plan, run_steps
from models.training.run_folder import CHECKPOINT_FILE, begin, same_data, save_whole

log = logging.getLogger(__name__)

IntArray = NDArray[np.int64]

WORKERS = 4
"""Threads that copy clips out of the memory-mapped file; they wait for the disk, not for Python."""


class PublishedConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides a run, apart from the data.

    An epoch is every training sample once. The rate drops by `drop` after `patience` epochs
    without a better one, and training ends when it would fall below `least_rate`.
    """

    protocol: str
    seed: int = 0
    epochs: int = 200
    batch: int = 128
    learning_rate: float = 0.01
    least_rate: float = 1e-5
    drop: float = 0.1
    patience: int = 5
    momentum: float = 0.9
    l1: float = 1e-4
    dropout: float = 0.5
    widths: tuple[int, int, int] = (64, 128, 256)
    held_out: float = 0.1


class Split:
    """The samples of a protocol: indices of clips, int64, to learn, validate and test on."""

    def __init__(self, config: PublishedConfig, clips: NtuClips) -> None:
        protocol = NTU_PROTOCOLS[config.protocol]
        mine = [i for i, name in enumerate(clips.ids) if protocol.has(name)]
        training = [i for i in mine if protocol.trains(clips.ids[i])]
        self.validation_people = held_out((clips.ids[i] for i in training), config.held_out)
        held = {i for i in training if clips.ids[i].performer in self.validation_people}
        self.learn: IntArray = np.array([i for i in training if i not in held], np.int64)
        self.validation: IntArray = np.array(sorted(held), np.int64)
        self.test: IntArray = np.array(sorted(set(mine) - set(training)), np.int64)
        self.classes = protocol.classes
        self.target: IntArray = np.array([name.action - 1 for name in clips.ids], np.int64)
        if not len(self.learn):
            raise ValueError(
                f"{clips.index_file.parent.parent} holds no training sample of {protocol.name}: "
                f"{protocol.about}"
            )


def new_published(config: PublishedConfig) -> ResTCN:
    """The published Res-TCN of a configuration, untrained: 1,877,308 parameters for 60 classes."""
    return ResTCN(
        NUMBERS,
        NTU_PROTOCOLS[config.protocol].classes,
        causal=False,
        dropout=config.dropout,
        widths=config.widths,
    )


def epoch_batches(
    config: PublishedConfig, clips: NtuClips, split: Split, rank: int = 0, count: int = 1
) -> Callable[[int], tuple[NDArray[np.float32], IntArray]]:
    """A maker of batches: each epoch in an order of its own, of each batch every `count`-th."""

    @lru_cache(maxsize=2)
    def order(epoch: int) -> IntArray:
        shuffled: IntArray = np.random.default_rng((config.seed, epoch)).permutation(split.learn)
        return shuffled

    def make(i: int) -> tuple[NDArray[np.float32], IntArray]:
        epoch, number = divmod(i, steps_an_epoch(config, split))
        picks = order(epoch)[number * config.batch : (number + 1) * config.batch][rank::count]
        return clips.padded(picks), split.target[picks]

    return make


def steps_an_epoch(config: PublishedConfig, split: Split) -> int:
    """Batches in an epoch: the few samples that would not fill one are left to another epoch."""
    return max(len(split.learn) // config.batch, 1)


class PublishedRun:
    """A run in a folder; made again with the same configuration, it goes on."""

    def __init__(
        self,
        config: PublishedConfig,
        clips: NtuClips,
        split: Split,
        run_dir: Path,
        hardware: Hardware | None = None,
    ) -> None:
        self.config, self.clips, self.split, self.run_dir = config, clips, split, run_dir
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
        self._begin_or_resume()

    def _begin_or_resume(self) -> None:
        if self.fabric.is_global_zero:
            begin(self.run_dir, self.config)
            learnt = [self.clips.names[i] for i in self.split.learn]
            same_data(self.run_dir, learnt)
        self.fabric.barrier()
        checkpoint = self.run_dir / CHECKPOINT_FILE
        if checkpoint.exists():
            state = self._state()
            self.fabric.load(checkpoint, state, weights_only=True)
            self.step = int(state["step"])  # type: ignore[call-overload]
            self.accuracy = float(state["accuracy"])  # type: ignore[arg-type]
            self.ended = bool(state["ended"])
            log.info("going on from step %d", self.step)

    def _state(self) -> dict[str, object]:
        return {
            "network": self.network,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "step": self.step,
            "accuracy": self.accuracy,
            "ended": self.ended,
        }

    def save(self) -> None:
        """Write the checkpoint; an older one is only replaced by a whole one."""
        save_whole(self.fabric, self._state(), self.run_dir)

    @property
    def epochs(self) -> int:
        """How many epochs were made."""
        return self.step // steps_an_epoch(self.config, self.split)

    @property
    def finished(self) -> bool:
        """Whether the rate has fallen as low as it goes."""
        return self.ended

    def learn(self, x: Tensor, target: Tensor) -> Tensor:
        """One step on clips (N, 300, 150) and their classes (N,); returns the loss, detached."""
        torch.manual_seed(hash((self.config.seed, self.step, self.fabric.global_rank)))
        self._forward.train()
        loss: Tensor = F.cross_entropy(self._forward(x), target)
        self.optimizer.zero_grad()
        self.fabric.backward(loss + self.config.l1 * self._kernels_l1())
        self.optimizer.step()
        self.step += 1
        return loss.detach()

    def _kernels_l1(self) -> Tensor:
        kernels = [p.abs().sum() for p in self.network.parameters() if p.ndim == 3]
        return torch.stack(kernels).sum()

    def look(self) -> dict[str, float]:
        """Validate after an epoch, and drop the rate where that was no better for too long."""
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
    """Train to the end, or go on where the folder's checkpoint stands.

    On several devices it returns in the first process, the others end here. Ctrl-C saves the run
    before it is raised. Raises ValueError where the folder holds another run, or the data no
    training sample.
    """
    split = Split(config, clips)
    run = PublishedRun(config, clips, split, run_dir, hardware)
    make = epoch_batches(config, clips, split, run.fabric.global_rank, run.fabric.world_size)
    an_epoch = steps_an_epoch(config, split)
    run_steps(run, make, Plan(config.epochs * an_epoch, an_epoch, WORKERS), run_dir)
    leave_others(run.fabric)
    return run


@torch.no_grad()
def clip_logits(
    network: ResTCN, clips: NtuClips, picks: IntArray, batch: int = 128
) -> NDArray[np.float32]:
    """The published network's logits of clips, float32 (N, classes), where its weights are."""
    network.eval()
    device = next(network.parameters()).device

    def parts() -> Iterator[NDArray[np.float32]]:
        for i in range(0, len(picks), batch):
            x = torch.from_numpy(clips.padded(picks[i : i + batch])).to(device)
            yield network(x).float().cpu().numpy()

    return np.concatenate(list(parts()))


def labels_of(config: PublishedConfig) -> list[str]:
    """The names of the classes, in the order of the logits."""
    return action_labels(NTU_PROTOCOLS[config.protocol].classes)
