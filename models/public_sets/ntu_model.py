"""The model folder of a published Res-TCN: its weights, and a card that describes them."""

from __future__ import annotations

import pickle
from pathlib import Path

import msgspec
import torch

from models.card import CARD_FILE, sha256_of
from models.errors import ModelError
from models.network.res_tcn import ResTCN
from models.public_sets.ntu_config import PublishedConfig, labels_of
from models.public_sets.ntu_pack import NtuClips, pack
from models.public_sets.ntu_training import (
    PublishedRun,
    clip_logits,
    new_published,
    train_published,
)
from models.training.hardware import Hardware
from models.training.tuning import choose_temperature

WEIGHTS_FILE = "weights.pt"


class PublishedCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The description of the weights in a folder.

    `learnt_from` and `validated_on` are numbers of samples; `learnt_people` and
    `validation_people` are performers. `temperature` divides the logits before the softmax; it is
    chosen on validation performers.
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


def train_ntu(
    config: PublishedConfig, data: Path, run_dir: Path, hardware: Hardware | None = None
) -> Path:
    """Train to the end, or continue a run. Returns the model folder, `run_dir/model`."""
    run = train_published(config, pack(data), run_dir, hardware)
    held, temperature = run.split.validation, 1.0
    if len(held):
        logits = clip_logits(run.network, run.clips, held)
        temperature = choose_temperature(logits, run.split.target[held])
    save_published(run, run_dir / "model", temperature)
    return run_dir / "model"


def save_published(run: PublishedRun, model_dir: Path, temperature: float = 1.0) -> PublishedCard:
    """Write the weights of a run and their card into a folder. Returns the card."""
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
    """The number of parameters; like the paper, it counts the running statistics too."""
    means = [name for name, _ in network.named_buffers() if "running" in name]
    return sum(p.numel() for p in network.parameters()) + sum(
        network.get_buffer(name).numel() for name in means
    )


def data_sha256(clips: NtuClips) -> str:
    """The hash of the index, which has a checksum of every clip."""
    return sha256_of(clips.index_file)
