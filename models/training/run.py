"""Trains the served Res-TCN: loss, optimiser, averaged weights, and runs that can be resumed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from models.features import CHANNELS, FloatArray, IntArray
from models.network.readability import shrink_joints
from models.network.res_tcn import MotionStem, ResTCN
from models.training.config import TrainConfig, new_network
from models.training.hardware import Hardware, leave_others
from models.training.loop import Plan, run_steps
from models.training.run_folder import RunFolder, State

Batch = tuple[FloatArray, IntArray, FloatArray]
"""Features (N, T, inputs), and the class and the weight of each prediction, (N, T / 4)."""

MakeBatch = Callable[[int], Batch]
"""Makes batch `i` of a run. The same `i` gives the same batch."""

Validate = Callable[[ResTCN], dict[str, float]]
"""Measures the averaged network, which is on the CPU and in eval mode."""


class Run:
    """A training run in a folder. Created again with the same configuration, it continues.

    Raises ValueError if the folder holds a run with another configuration.
    """

    def __init__(
        self,
        config: TrainConfig,
        run_dir: Path,
        hardware: Hardware | None = None,
        validate: Validate | None = None,
    ) -> None:
        self.config, self._validate = config, validate
        self.fabric = (hardware or Hardware()).fabric()
        torch.manual_seed(config.seed)
        self.network = new_network(config)
        self.average = copy.deepcopy(self.network).eval()
        self.fabric.to_device(self.average)
        optimizer = torch.optim.AdamW(_groups(self.network, config), lr=config.learning_rate)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, config.learning_rate, total_steps=config.steps + 1, pct_start=0.15
        )
        self.step = 0
        self._forward, self.optimizer = self.fabric.setup(self.network, optimizer)
        self._folder = RunFolder(run_dir, self.fabric)
        self._folder.begin(config)
        self._resume()

    def _resume(self) -> None:
        state = self._state()
        if self._folder.load(state):
            self.step = int(state["step"])

    def _state(self) -> State:
        return {
            "network": self.network,
            "average": self.average,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "step": self.step,
        }

    def save(self) -> None:
        """Write the checkpoint."""
        self._folder.save(self._state())

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.step >= self.config.steps

    def train_step(self, x: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Take one step on a batch: x (N, T, inputs), target and weight (N, T / 4).

        Returns the loss, detached.
        """
        # With a seed of its own, each step has the same dropout in a run that was stopped.
        torch.manual_seed(hash((self.config.seed, self.step, self.fabric.global_rank)))
        self._forward.train()
        logits = self._forward(x)  # (N, T / 4, C)
        each = F.cross_entropy(
            logits.flatten(0, 1),
            target.flatten(),
            reduction="none",
            label_smoothing=self.config.label_smoothing,
        )  # (N * T / 4,)
        loss: Tensor = (each * weight.flatten()).sum() / weight.sum().clamp_min(1e-6)
        self.optimizer.zero_grad()
        self.fabric.backward(loss)
        self.optimizer.step()
        self._shrink_stem()
        self.schedule.step()
        self.step += 1
        self._average()
        return loss.detach()

    def _shrink_stem(self) -> None:
        """Take the proximal step of the first layer's group lasso, if there is one."""
        if self.config.stem_sparsity > 0:
            rate = float(self.optimizer.param_groups[0]["lr"])
            stem = cast(MotionStem, self.network.stem)
            joints = self.config.inputs // CHANNELS
            shrink_joints(stem, joints, rate * self.config.stem_sparsity)

    @torch.no_grad()
    def _average(self) -> None:
        """Update the exponential moving average of the weights, faster during the first steps."""
        keep = min(self.config.averaging, self.step / (self.step + 19))
        pairs = zip(
            self.average.state_dict().values(), self.network.state_dict().values(), strict=True
        )
        for slow, new in pairs:
            if slow.is_floating_point():
                slow.lerp_(new, 1 - keep)
            else:
                slow.copy_(new)

    def averaged(self) -> ResTCN:
        """The averaged network, on the CPU and in eval mode."""
        on_cpu = self.fabric.device.type == "cpu"
        return self.average if on_cpu else copy.deepcopy(self.average).cpu()

    def validate(self) -> dict[str, float]:
        """Call the caller's `validate` in the first process; the others wait and return {}."""
        figures: dict[str, float] = {}
        if self._validate is not None and self.fabric.is_global_zero:
            figures = self._validate(self.averaged())
        self.fabric.barrier()
        return figures


def _groups(network: ResTCN, config: TrainConfig) -> list[dict[str, object]]:
    """The parameter groups of AdamW: only kernels decay."""
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def train(
    config: TrainConfig,
    make_batch: MakeBatch,
    validate: Validate,
    run_dir: Path,
    validate_every: int = 100,
    hardware: Hardware | None = None,
) -> ResTCN:
    """Train to the end, from the folder's checkpoint if it has one. Returns averaged weights.

    `validate` is called every `validate_every` steps and at the end. Its figures go into the
    learning curve only. On several devices, only the first process returns; the others end here.
    Ctrl-C saves the run and raises KeyboardInterrupt. Raises ValueError if the folder holds a run
    with another configuration.
    """
    run = Run(config, run_dir, hardware, validate)
    rank, count = run.fabric.global_rank, run.fabric.world_size

    def make_share(i: int) -> list[FloatArray | IntArray]:
        return [array[rank::count] for array in make_batch(i)]

    run_steps(run, make_share, Plan(config.steps, validate_every), run_dir)
    leave_others(run.fabric)
    return run.averaged()
