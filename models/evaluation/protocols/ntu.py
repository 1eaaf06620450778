"""`ntu60-*` and `ntu120-*`: the published network on the published splits of NTU RGB+D.

The network is trained by its published recipe. The data folder holds `.skeleton` files; they are
packed into one file the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from models.errors import ModelError
from models.evaluation.protocol import Judgement, Protocol
from models.inference.recognizer import softmax
from models.public_sets.ntu_config import PublishedConfig
from models.public_sets.ntu_pack import pack
from models.public_sets.ntu_split import NTU_PROTOCOLS
from models.scoring.answers import Answers

PUBLISHED = {"ntu60-cs": 0.743, "ntu60-cv": 0.831}
"""The accuracy that Kim and Reiter report for this network."""


def _train(name: str, data: Path, seed: int, run_dir: Path) -> list[Path]:
    from models.public_sets.ntu_model import train_ntu

    return [train_ntu(PublishedConfig(name, seed=seed), data, run_dir)]


def _judge(name: str, model_dir: Path, data: Path) -> Judgement:
    """Measure accuracy on whole test samples, one answer each. Needs torch.

    Raises ModelError for a model of another protocol, and ValueError without a test sample.
    """
    import torch

    from models.public_sets.ntu_batches import Split
    from models.public_sets.ntu_model import load_published
    from models.public_sets.ntu_training import clip_logits

    card, network = load_published(model_dir)
    if card.config.protocol != name:
        raise ModelError(f"{model_dir} was trained by {card.config.protocol}, not by {name}")
    clips = pack(data)
    split = Split(card.config, clips)
    if not len(split.test):
        raise ValueError(f"{data} holds no test sample of {name}: {NTU_PROTOCOLS[name].about}")
    network.to("cuda" if torch.cuda.is_available() else "cpu")
    logits = clip_logits(network, clips, split.test)
    truth = split.target[split.test]
    right = logits.argmax(axis=1) == truth
    top5 = (np.argsort(-logits, axis=1)[:, :5] == truth[:, None]).any(axis=1)
    return Judgement(
        float(right.mean()),
        {
            "clips": float(len(truth)),
            "top_5": float(top5.mean()),
            "parameters": float(card.parameters),
            "learnt_from": float(card.learnt_from),
        },
        f"{int(right.sum())} of {len(right)} test samples right; {_published(name)}",
        Answers(softmax(logits / np.float32(card.temperature)), truth, card.labels),
        seen_in_training=_seen(
            name, card.learnt_people, (clips.ids[i].performer for i in split.test)
        ),
        data_files=(clips.index_file,),
    )


def _published(name: str) -> str:
    if name not in PUBLISHED:
        return "the network's authors report no result for this protocol"
    return f"the network's authors report {PUBLISHED[name]:.1%}"


def _seen(name: str, learnt: Sequence[int], tested: Iterable[int]) -> tuple[int, ...]:
    """The test performers that the model has learnt from, if the split is by performer."""
    by_person = name in ("ntu60-cs", "ntu120-xsub")
    return tuple(sorted(set(learnt).intersection(tested))) if by_person else ()


PROTOCOLS = [
    Protocol(
        name,
        protocol.about,
        judge=partial(_judge, name),
        train=partial(_train, name),
        figures_help={
            "clips": "test samples",
            "top_5": "samples whose action is among the five most likely",
            "parameters": "trainable parameters of the network",
            "learnt_from": "samples that the model learnt from, without validation performers",
        },
    )
    for name, protocol in NTU_PROTOCOLS.items()
]
