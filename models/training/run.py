"""Train the served Res-TCN by the streams recipe: resumable, seeded, with progress and looks."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from models.features import FloatArray, IntArray
from models.network.res_tcn import ResTCN
from models.training.config import TrainConfig, new_network
from models.training.hardware import Hardware, leave_others
from models.training.loop import Plan, run_steps
from models.training.run_folder import CHECKPOINT_FILE, CONFIG_FILE, CURVE_FILE, begin, save_whole

__all__ = ["CHECKPOINT_FILE", "CONFIG_FILE", "CURVE_FILE", "Run", "TrainConfig", "train"]

log = logging.getLogger(__name__)

Batch = tuple[FloatArray, IntArray, FloatArray]
"""Features (N, T, inputs), and the classes and weights of its predictions, (N, T / 4)."""

MakeBatch = Callable[[int], Batch]
"""Batch `i` of a run, always the same."""

Look = Callable[[ResTCN], dict[str, float]]
"""Figures of the averaged network, which is given on the CPU and in eval mode."""


class Run:
    """A training run in a folder; made again with the same configuration, it goes on.

    Raises ValueError where the folder holds a run with other settings.
    """

    def __init__(
        self,
        config: TrainConfig,
        run_dir: Path,
        hardware: Hardware | None = None,
        look: Look | None = None,
    ) -> None:
        self.config, self.run_dir, self._look = config, run_dir, look
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
        self._begin_or_resume()

    def _begin_or_resume(self) -> None:
        if self.fabric.is_global_zero:
            begin(self.run_dir, self.config)
        self.fabric.barrier()
        checkpoint = self.run_dir / CHECKPOINT_FILE
        if checkpoint.exists():
            state = self._state()
            self.fabric.load(checkpoint, state, weights_only=True)
            self.step = int(state["step"])  # type: ignore[call-overload]
            log.info("going on from step %d", self.step)

    def _state(self) -> dict[str, object]:
        return {
            "network": self.network,
            "average": self.average,
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "step": self.step,
        }

    @property
    def finished(self) -> bool:
        """Whether all steps are made."""
        return self.step >= self.config.steps

    def save(self) -> None:
        """Write the checkpoint; an older one is only replaced by a whole one."""
        save_whole(self.fabric, self._state(), self.run_dir)

    def learn(self, x: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """One step on a batch; returns its loss, detached."""
        # Dropout of a step is the same whether or not the run was stopped before it.
        torch.manual_seed(hash((self.config.seed, self.step, self.fabric.global_rank)))
        self._forward.train()
        logits = self._forward(x)  # (N, T / 4, C)
        each = F.cross_entropy(
            logits.flatten(0, 1),
            target.flatten(),
            reduction="none",
            label_smoothing=self.config.label_smoothing,
        )
        loss: Tensor = (each * weight.flatten()).sum() / weight.sum().clamp_min(1e-6)
        self.optimizer.zero_grad()
        self.fabric.backward(loss)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        self._follow()
        return loss.detach()

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the averaged weights, faster at first (as in Polyak averaging with a warm-up)."""
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
        """The averaged network, on the CPU, in eval mode."""
        on_cpu = self.fabric.device.type == "cpu"
        return self.average if on_cpu else copy.deepcopy(self.average).cpu()

    def look(self) -> dict[str, float]:
        """What the caller's look finds; the first process looks, the others wait."""
        looks = self._look is not None and self.fabric.is_global_zero
        found = self._look(self.averaged()) if self._look is not None and looks else {}
        self.fabric.barrier()
        return found


def _groups(network: ResTCN, config: TrainConfig) -> list[dict[str, object]]:
    """Weight decay on kernels only."""
    kernels = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def train(
    config: TrainConfig,
    make_batch: MakeBatch,
    look: Look,
    run_dir: Path,
    look_every: int = 100,
    hardware: Hardware | None = None,
) -> ResTCN:
    """Train to the end, or go on where the folder's checkpoint stands; returns averaged weights.

    `look` is called every `look_every` steps and at the end; what it finds is only written to
    the curve. On several devices it returns in the first process, the others end here. Ctrl-C
    saves the run before it is raised. Raises ValueError where the folder holds a run with other
    settings.
    """
    run = Run(config, run_dir, hardware, look)
    rank, count = run.fabric.global_rank, run.fabric.world_size

    def share(i: int) -> list[FloatArray | IntArray]:
        return [array[rank::count] for array in make_batch(i)]

    run_steps(run, share, Plan(config.steps, look_every), run_dir)
    leave_others(run.fabric)
    return run.averaged()
