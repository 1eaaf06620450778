"""Trains on streams that are composed of recordings, and writes the model folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from models.augmentation.stream_composer import Composer, batch
from models.card import DataCredit, ModelCard, Tuned
from models.datasets.pieces import Piece, by_person
from models.datasets.targets import TargetRule
from models.features import FeatureSettings
from models.gallery.averaging import make_exemplars, save_exemplars
from models.mirroring import Mirror
from models.network.res_tcn import ResTCN
from models.scoring.clip_answers import clip_input, whole_clips
from models.synthesis.gestures import SYNTHETIC, synthesise
from models.training.config import TrainConfig
from models.training.hardware import Hardware
from models.training.model_folder import write_model
from models.training.run import MakeBatch, train


def composer(config: TrainConfig, pieces: list[Piece]) -> Composer:
    """A composer of streams. Each set has its share of streams, split equally among its people."""
    people = {who: balanced(own) for who, own in by_person(pieces).items()}
    count = {name: sum(of == name for of, _ in people) for name in config.set_share}
    share = {name: config.set_share[name] / max(count[name], 1) for name in config.set_share}
    return Composer(people, config.variation, Mirror.of(config.labels), share, config.labels)


def balanced(pieces: list[Piece]) -> list[Piece]:
    """Repeat one person's pieces of rare classes, so that all classes are about equally frequent.

    Recordings of several actions count as a class of their own.
    """
    by_class: dict[int, list[Piece]] = {}
    for piece in pieces:
        named = np.unique(piece.labels[piece.labels > 0])
        by_class.setdefault(int(named[0]) if len(named) == 1 else 0, []).append(piece)
    most = max(map(len, by_class.values()))
    return [piece for like in by_class.values() for piece in like * round(most / len(like))]


def stream_batches(config: TrainConfig, pieces: list[Piece]) -> MakeBatch:
    """Make batches of streams composed of the pieces, and of synthetic gestures of these people."""
    wanted = config.set_share.get(SYNTHETIC, 0) > 0
    gestures = synthesise(pieces, config.labels, config.seed) if wanted else []
    source = composer(config, pieces + gestures)
    size = (config.streams, config.frames)
    return lambda i: batch(source, config.features, TargetRule(), (config.seed, i), size)


def train_on_streams(
    config: TrainConfig,
    pieces: list[Piece],
    validation: list[Piece],
    run_dir: Path,
    validate_every: int = 100,
    hardware: Hardware | None = None,
) -> ResTCN:
    """Call `train` with streams composed of pieces. `validation` pieces are only measured."""

    def validate(network: ResTCN) -> dict[str, float]:
        if not validation:
            return {}
        return {"validation_accuracy": clip_accuracy(network, validation, config.features)}

    make_batch = stream_batches(config, pieces)
    return train(config, make_batch, validate, run_dir, validate_every, hardware)


def train_model(
    config: TrainConfig,
    pieces: list[Piece],
    validation: list[Piece],
    trained_on: list[DataCredit],
    run_dir: Path,
    tuned: Tuned | None = None,
    hardware: Hardware | None = None,
) -> ModelCard:
    """Train on streams, and write the model and its exemplars to `run_dir/model`.

    Returns the card. Without `tuned`, it has the default temperature and thresholds.
    """
    network = train_on_streams(config, pieces, validation, run_dir, hardware=hardware)
    model_dir = run_dir / "model"
    card = write_model(network, config, trained_on, tuned or Tuned(), model_dir)
    save_exemplars(*make_exemplars(pieces, config.labels, config.features), model_dir)
    return card


@torch.no_grad()
def clip_accuracy(network: ResTCN, pieces: Sequence[Piece], settings: FeatureSettings) -> float:
    """The share of whole clips whose last prediction is right; NaN without clips."""
    network.eval()
    right = [
        int(network(torch.from_numpy(clip_input(piece, settings)).flatten(1)[None])[0, -1].argmax())
        == piece.labels[0]
        for piece in whole_clips(pieces)
    ]
    return float(np.mean(right)) if right else float("nan")
