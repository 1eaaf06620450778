"""`explanations`: whether the relevance that a model serves says what its labels come from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from models.datasets.pieces import Piece
from models.evaluation.attribution.findings import Findings, figures_help
from models.evaluation.attribution.judging import Judging
from models.evaluation.attribution.samples import ending_with_actions
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.test_people import RUN, TEST_PEOPLE, unseen_utd
from models.inference.recognizer import Recognizer
from models.labels import PRECOG
from models.scoring.clip_answers import whole_clips
from models.training.recipe_training import train_served
from models.training.recipes import UTD, learnt_from, load_sets

if TYPE_CHECKING:
    from models.network.res_tcn import ResTCN

_NO_NETWORK = (
    "; gradients are left out, because they need torch: pip install 'jointwise[cpu,train]'"
)
_COUNTS = frozenset({"clips_right", "distracted_clips", "shapley_clips", "targets_missed"})


def judge(model_dir: Path, data: Path, people: tuple[int, ...] | None = None) -> Judgement:
    """Measure the explanations of UTD-MHAD's test clips; `people` None: all test people."""
    recognizer = Recognizer(model_dir)
    chosen = TEST_PEOPLE[UTD] if people is None else people
    labels = recognizer.card.labels
    names = [UTD, *(name for name in (PRECOG,) if (data / f"{name}.npz").is_file())]
    sets = {one.name: one for one in load_sets(data, labels, names)}
    clips = whole_clips(sets[UTD].of(chosen))
    if not clips:
        raise ValueError(f"{UTD}.npz has no clip of the people {', '.join(map(str, chosen))}")
    others: list[Piece] = []
    if PRECOG in sets:
        streams = sets[PRECOG].of(TEST_PEOPLE[PRECOG])
        others = [clip for stream in streams for clip in ending_with_actions(stream, labels)]
    network = _network(model_dir)
    findings = Judging(recognizer, network).judge(clips, others)
    return Judgement(
        1 - len(findings.missed) / findings.targets,
        findings.figures,
        _note(findings) + ("" if network else _NO_NETWORK),
        seen_in_training=learnt_from(recognizer.card, UTD, chosen),
        data_files=tuple(data / f"{name}.npz" for name in names),
    )


def _network(model_dir: Path) -> ResTCN | None:
    """The network of a model folder in torch; None without torch."""
    try:
        from models.network.onnx_weights import network_of
    except ImportError:
        return None
    return network_of(model_dir)


def _note(findings: Findings) -> str:
    met = findings.targets - len(findings.missed)
    return (
        f"{met} of {findings.targets} targets met; missed: {', '.join(findings.missed) or 'none'}"
    )


def _of_people(people: tuple[int, ...]) -> Protocol:
    return replace(EXPLANATIONS, judge=partial(judge, people=people), of_people=None)


EXPLANATIONS = Protocol(
    "explanations",
    "UTD-MHAD's even people: whether relevance says what labels come from, and other methods",
    judge,
    train_served,
    figures_help(),
    run=RUN,
    unseen=unseen_utd,
    of_people=_of_people,
    counts=_COUNTS,
)
PROTOCOLS = [EXPLANATIONS]
