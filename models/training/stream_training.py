"""Training on composed streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from models.augmentation.stream_composer import Composer, batch
from models.datasets.pieces import Piece, by_person
from models.datasets.targets import TargetRule
from models.features import FeatureSettings
from models.mirroring import Mirror
from models.network.res_tcn import ResTCN
from models.scoring.clip_answers import clip_input, whole_clips
from models.synthesis.gestures import SYNTHETIC, synthesise
from models.training.config import TrainConfig
from models.training.hardware import Hardware
from models.training.run import MakeBatch, train


def composer(config: TrainConfig, pieces: list[Piece]) -> Composer:
    """The pieces by person, each set with its share of the streams, its people with equal ones."""
    people = {who: balanced(own) for who, own in by_person(pieces).items()}
    count = {name: sum(of == name for of, _ in people) for name in config.set_share}
    share = {name: config.set_share[name] / max(count[name], 1) for name in config.set_share}
    return Composer(people, config.variation, Mirror.of(config.labels), share, config.labels)


def balanced(pieces: list[Piece]) -> list[Piece]:
    """One person's pieces, those of rarer classes several times: each class about as often.

    Recordings of several actions are together a class of their own.
    """
    by_class: dict[int, list[Piece]] = {}
    for piece in pieces:
        named = np.unique(piece.labels[piece.labels > 0])
        by_class.setdefault(int(named[0]) if len(named) == 1 else 0, []).append(piece)
    most = max(map(len, by_class.values()))
    return [piece for like in by_class.values() for piece in like * round(most / len(like))]


def stream_batches(config: TrainConfig, pieces: list[Piece]) -> MakeBatch:
    """Batches of streams composed of pieces, and of gestures made for these people."""
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
    look_every: int = 100,
    hardware: Hardware | None = None,
) -> ResTCN:
    """`train` on streams composed of pieces; `validation` pieces are only looked at."""

    def look(network: ResTCN) -> dict[str, float]:
        if not validation:
            return {}
        return {"validation_accuracy": clip_accuracy(network, validation, config.features)}

    return train(config, stream_batches(config, pieces), look, run_dir, look_every, hardware)


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
