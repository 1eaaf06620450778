"""A published Res-TCN in a folder: its weights, and a card that says how they came about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.public_sets.ntu_pack import pack
from models.training.tuning import choose_temperature

if TYPE_CHECKING:
    from models.training.hardware import Hardware

import pickle
from pathlib import Path

import msgspec
import torch

from models.card import CARD_FILE, sha256_of
from models.errors import ModelError
from models.network.res_tcn import ResTCN
from models.public_sets.ntu_pack import NtuClips
from models.public_sets.ntu_training import PublishedConfig, PublishedRun, labels_of, new_published

WEIGHTS_FILE = "weights.pt"


class PublishedCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the folder's weights are. Counts are of samples; `*_people` are performers.

    `temperature` divides the logits before the softmax; it is chosen on validation performers.
    """

    id: str
    labels: list[str]
    config: PublishedConfig
    parameters: int
    receptive_frames: int
    epochs: int
    learnt_from: int
    learnt_people: list[int]
    validated_on: int
    validation_people: list[int]
    validation_accuracy: float | None
    temperature: float
    data_sha256: str
    sha256: str


def save_published(run: PublishedRun, model_dir: Path, temperature: float = 1.0) -> PublishedCard:
    """Write a run's weights and their card into a folder."""
    model_dir.mkdir(parents=True, exist_ok=True)
    path = model_dir / WEIGHTS_FILE
    torch.save({k: v.cpu() for k, v in run.network.state_dict().items()}, path)
    config, split = run.config, run.split
    people = {run.clips.ids[i].performer for i in split.learn}
    card = PublishedCard(
        id=f"res-tcn-{config.protocol}-{config.seed}",
        labels=labels_of(config),
        config=config,
        parameters=parameters(run.network),
        receptive_frames=run.network.receptive_frames,
        epochs=run.epochs,
        learnt_from=len(split.learn),
        learnt_people=sorted(people),
        validated_on=len(split.validation),
        validation_people=split.validation_people,
        validation_accuracy=run.accuracy if len(split.validation) else None,
        temperature=temperature,
        data_sha256=data_sha256(run.clips),
        sha256=sha256_of(path),
    )
    text = msgspec.json.format(msgspec.json.encode(card), indent=2)
    (model_dir / CARD_FILE).write_bytes(text + b"\n")
    return card


def load_published(model_dir: Path) -> tuple[PublishedCard, ResTCN]:
    """Read a folder that `save_published` wrote. Raises ModelError."""
    card_path, path = model_dir / CARD_FILE, model_dir / WEIGHTS_FILE
    try:
        card = msgspec.json.decode(card_path.read_bytes(), type=PublishedCard)
        network = new_published(card.config)
        if sha256_of(path) != card.sha256:
            raise ModelError(f"{path} is not what its card says: train again, or copy it again")
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except OSError as error:
        raise ModelError(
            f"no published model in {model_dir} ({error.strerror}): give the folder that "
            "`jointwise train ntu60-cs` wrote, OUT/model"
        ) from error
    except (msgspec.MsgspecError, pickle.UnpicklingError, RuntimeError, KeyError) as error:
        raise ModelError(f"{card_path} is not a published model's: {error}") from error
    return card, network


def parameters(network: ResTCN) -> int:
    """How many numbers the network learns, those that its normalisations measure among them."""
    means = [name for name, _ in network.named_buffers() if "running" in name]
    return sum(p.numel() for p in network.parameters()) + sum(
        network.get_buffer(name).numel() for name in means
    )


def data_sha256(clips: NtuClips) -> str:
    """The hash of the index, which holds a checksum of every clip."""
    return sha256_of(clips.index_file)


def train_ntu(
    config: PublishedConfig, data: Path, run_dir: Path, hardware: Hardware | None = None
) -> Path:
    """Train to the end, or go on; returns the folder of the model, `run_dir/model`."""
    pass
    from models.public_sets.ntu_training import clip_logits, train_published

    run = train_published(config, pack(data), run_dir, hardware)
    held, temperature = run.split.validation, 1.0
    if len(held):
        logits = clip_logits(run.network, run.clips, held)
        temperature = choose_temperature(logits, run.split.target[held])
    save_published(run, run_dir / "model", temperature)
    return run_dir / "model"
