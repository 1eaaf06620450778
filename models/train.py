"""Train a Res-TCN on composed streams: resumable, seeded, with progress and early validation."""

from __future__ import annotations

import copy
import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import Tensor

from models.clips import clip_input, whole_clips
from models.data import Piece, Target
from models.features import CHANNELS, JOINTS_USED, FeatureSettings
from models.network import ResTCN
from models.streams import Composer, Mirror, Variation, batch

log = logging.getLogger(__name__)

CHECKPOINT_FILE, CONFIG_FILE, CURVE_FILE = "checkpoint.pt", "config.json", "curve.jsonl"


class TrainConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides a run, apart from the data."""

    recipe: str
    labels: list[str]
    seed: int = 0
    steps: int = 1000
    streams: int = 32
    frames: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    dropout: float = 0.3
    label_smoothing: float = 0.1
    averaging: float = 0.998
    pool: int = 8
    set_share: dict[str, float] = msgspec.field(
        default_factory=lambda: {"utd_mhad": 0.75, "precog2016_s1to8": 0.25}
    )
    features: FeatureSettings = FeatureSettings()
    variation: Variation = Variation()


def new_network(config: TrainConfig) -> ResTCN:
    """The served Res-TCN of a configuration, untrained."""
    return ResTCN(
        len(JOINTS_USED) * CHANNELS, len(config.labels), pool=config.pool, dropout=config.dropout
    )


def composer(config: TrainConfig, pieces: list[Piece]) -> Composer:
    """The pieces by person, each set with its share of the streams, its people with equal ones."""
    people: dict[tuple[str, int], list[Piece]] = {}
    for piece in pieces:
        people.setdefault((piece.data_set, piece.subject), []).append(piece)
    count = {name: sum(of == name for of, _ in people) for name in config.set_share}
    share = {name: config.set_share[name] / max(count[name], 1) for name in config.set_share}
    return Composer(people, config.variation, Mirror.of(config.labels), share)


def batches(config: TrainConfig, source: Composer, first: int) -> Iterator[list[Tensor]]:
    """Batches `first` to the last, made by a thread while the network learns."""
    ready: queue.Queue[list[Tensor] | BaseException] = queue.Queue(4)

    def make() -> None:
        try:
            for i in range(first, config.steps):
                size = (config.streams, config.frames)
                made = batch(source, config.features, Target(), (config.seed, i), size)
                ready.put([torch.from_numpy(array) for array in made])
        except BaseException as error:  # carried over to the thread that trains
            ready.put(error)

    threading.Thread(target=make, daemon=True, name="batches").start()
    for _ in range(first, config.steps):
        item = ready.get()
        if isinstance(item, BaseException):
            raise item
        yield item


class Run:
    """A training run in a folder; made again with the same configuration, it goes on."""

    def __init__(self, config: TrainConfig, run_dir: Path) -> None:
        self.config, self.run_dir = config, run_dir
        torch.manual_seed(config.seed)
        self.network = new_network(config)
        self.average = copy.deepcopy(self.network).eval()
        self.optimizer = torch.optim.AdamW(_groups(self.network, config), lr=config.learning_rate)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, config.learning_rate, total_steps=config.steps + 1, pct_start=0.15
        )
        self.step = 0
        self._begin_or_resume()

    def _begin_or_resume(self) -> None:
        self.run_dir.mkdir(parents=True, exist_ok=True)
        path = self.run_dir / CONFIG_FILE
        text = msgspec.json.format(msgspec.json.encode(self.config), indent=2)
        if path.exists() and path.read_bytes() != text:
            raise ValueError(
                f"{self.run_dir} holds a run with other settings: choose another --out, "
                "or delete that folder"
            )
        path.write_bytes(text)
        checkpoint = self.run_dir / CHECKPOINT_FILE
        if checkpoint.exists():
            self._load(torch.load(checkpoint, weights_only=True))
            log.info("going on from step %d", self.step)

    def _parts(self) -> dict[str, torch.nn.Module | torch.optim.Optimizer]:
        return {
            "network": self.network,
            "average": self.average,
            "optimizer": self.optimizer,
        }

    def _load(self, saved: dict[str, object]) -> None:
        for name, part in self._parts().items():
            part.load_state_dict(saved[name])  # type: ignore[arg-type]
        self.schedule.load_state_dict(saved["schedule"])  # type: ignore[arg-type]
        torch.set_rng_state(saved["random"])  # type: ignore[arg-type]
        self.step = int(saved["step"])  # type: ignore[call-overload]

    def save(self) -> None:
        """Write the checkpoint; an older one is only replaced by a whole one."""
        state: dict[str, object] = {k: part.state_dict() for k, part in self._parts().items()}
        state |= {
            "schedule": self.schedule.state_dict(),
            "random": torch.get_rng_state(),
            "step": self.step,
        }
        partial = self.run_dir / (CHECKPOINT_FILE + ".partial")
        torch.save(state, partial)
        partial.replace(self.run_dir / CHECKPOINT_FILE)

    def learn(self, x: Tensor, target: Tensor, weight: Tensor) -> float:
        """One step on a batch; returns its loss."""
        self.network.train()
        logits = self.network(x)  # (N, T / 4, C)
        each = F.cross_entropy(
            logits.flatten(0, 1),
            target.flatten(),
            reduction="none",
            label_smoothing=self.config.label_smoothing,
        )
        loss = (each * weight.flatten()).sum() / weight.sum()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        self._follow()
        return float(loss.detach())

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
    pieces: list[Piece],
    validation: list[Piece],
    run_dir: Path,
    validate_every: int = 100,
) -> ResTCN:
    """Train to the end, or go on where the folder's checkpoint stands; returns averaged weights.

    `validation` pieces are only looked at, every `validate_every` steps, and written to the curve.
    Raises ValueError where the folder holds a run with other settings.
    """
    run = Run(config, run_dir)
    losses: list[float] = []
    columns = (
        TextColumn("training"), BarColumn(), TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[note]}"),
    )  # fmt: skip
    with Progress(*columns) as progress:
        task = progress.add_task("", total=config.steps, completed=run.step, note="")
        for x, target, weight in batches(config, composer(config, pieces), run.step):
            losses.append(run.learn(x, target, weight))
            progress.update(task, completed=run.step)
            if run.step % validate_every == 0 or run.step == config.steps:
                note = _look(run, validation, float(np.mean(losses)))
                progress.update(task, note=note)
                losses.clear()
    return run.average


@torch.no_grad()
def clip_accuracy(network: ResTCN, pieces: Sequence[Piece], settings: FeatureSettings) -> float:
    """The share of whole clips whose newest answer, at the end of the clip, is right."""
    network.eval()
    right = [
        int(network(torch.from_numpy(clip_input(piece, settings)).flatten(1)[None])[0, -1].argmax())
        == piece.labels[0]
        for piece in whole_clips(pieces)
    ]
    return float(np.mean(right)) if right else float("nan")


def _look(run: Run, validation: list[Piece], loss: float) -> str:
    point = {"step": float(run.step), "loss": loss}
    if validation:
        point["validation_accuracy"] = clip_accuracy(run.average, validation, run.config.features)
    with (run.run_dir / CURVE_FILE).open("ab") as curve:
        curve.write(msgspec.json.encode(point) + b"\n")
    run.save()
    return " ".join(f"{name} {value:.3f}" for name, value in point.items() if name != "step")
