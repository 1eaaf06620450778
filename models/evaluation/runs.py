"""Which models a protocol judges, over seeds and folds: given ones, the shipped one, or its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from models.card import CARD_FILE, DEFAULT_MODEL, load_card
from models.errors import NO_TRAINING, ModelError
from models.evaluation.protocol import Judged, Protocol
from models.scoring.answers import Answers
from models.scoring.scores import FloatArray, rate_figures

TRAINED_FILE = "trained.json"


@dataclass(frozen=True)
class Run:
    """The models of one judgement: the seed they were trained with, and a folder for each fold."""

    seed: int | None
    models: tuple[Path, ...]


class _Trained(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the marker of a finished training holds: the model folders, relative to it."""

    models: list[str]


def runs_of(
    protocol: Protocol,
    given: Sequence[Path],
    seeds: int,
    runs_dir: Path,
    data: Path,
    tell: Callable[[str], None],
) -> list[Run]:
    """The runs to judge.

    Those of the `given` model folders; else the shipped model, where it has learnt from nobody
    who is tested or the protocol trains none; else models that are trained here, `seeds` of
    them, or were trained under `runs_dir` before. `tell` hears what is done, line by line.
    Raises ModelError where they cannot be trained, for torch is missing, and ValueError where
    those that were trained before did not learn from this data.
    """
    if given:
        return [Run(seed_of(folder), (folder,)) for folder in given]
    if protocol.train is None or _shipped_is_fair(protocol, data):
        tell("judging the shipped model")
        return [Run(seed_of(DEFAULT_MODEL), (DEFAULT_MODEL,))]
    return [_trained(protocol, seed, seeds, runs_dir, data, tell) for seed in range(seeds)]


def seed_of(model_dir: Path) -> int | None:
    """The seed that a model's id ends on; None where it says none, or has another kind of card."""
    try:
        found = re.search(r"-(\d{1,9})$", load_card(model_dir).id)
    except ModelError:
        return None
    return int(found[1]) if found else None


def _shipped_is_fair(protocol: Protocol, data: Path) -> bool:
    if protocol.unseen is None or not (DEFAULT_MODEL / CARD_FILE).exists():
        return False
    return protocol.unseen(load_card(DEFAULT_MODEL), data)


def _trained(
    protocol: Protocol,
    seed: int,
    seeds: int,
    runs_dir: Path,
    data: Path,
    tell: Callable[[str], None],
) -> Run:
    assert protocol.train is not None
    run_dir = runs_dir / (protocol.run or protocol.name) / f"seed{seed}"
    marker = run_dir / TRAINED_FILE
    if marker.exists():
        found = msgspec.json.decode(marker.read_bytes(), type=_Trained)
        folders = [run_dir / name for name in found.models]
        if all(folder.is_dir() for folder in folders):
            if protocol.check is not None:
                protocol.check(data, run_dir)
            tell(f"seed {seed}: trained before in {run_dir} (delete it to train anew)")
            return Run(seed, tuple(folders))
    tell(f"seed {seed} ({seed + 1} of {seeds}): training in {run_dir}")
    try:
        folders = protocol.train(data, seed, run_dir)
    except ImportError as error:
        raise ModelError(NO_TRAINING) from error
    names = [str(folder.relative_to(run_dir)) for folder in folders]
    marker.write_bytes(msgspec.json.encode(_Trained(names)) + b"\n")
    return Run(seed, tuple(folders))


def judge_run(protocol: Protocol, run: Run, data: Path) -> Judged:
    """What the protocol says of all folds of a run together."""
    return merged(protocol, [protocol.judge(folder, data) for folder in run.models])


def merged(protocol: Protocol, folds: Sequence[Judged]) -> Judged:
    """Several folds as one: what is counted is summed, all else averaged by `figures["clips"]`."""
    if len(folds) == 1:
        return folds[0]
    clips = np.array([fold.figures.get("clips", np.nan) for fold in folds])
    weights = clips if np.isfinite(clips).all() else np.ones(len(folds))
    answers = [fold.answers for fold in folds if fold.answers is not None]
    return Judged(
        float(np.average([fold.accuracy for fold in folds], weights=weights)),
        _figures_of(protocol, [fold.figures for fold in folds], weights),
        "; ".join(f"fold {i + 1}: {fold.note}" for i, fold in enumerate(folds)),
        answers=pooled(answers) if answers else None,
        delays_s=tuple(delay for fold in folds for delay in fold.delays_s),
        seen_in_training=tuple(sorted({who for fold in folds for who in fold.seen_in_training})),
        data_files=tuple(dict.fromkeys(path for fold in folds for path in fold.data_files)),
    )


def _figures_of(
    protocol: Protocol, folds: Sequence[Mapping[str, float]], weights: FloatArray
) -> dict[str, float]:
    """The figures that all folds have: counts summed, rates those of the sums, else averages."""
    figures = {}
    for name in [name for name in folds[0] if all(name in fold for fold in folds)]:
        values = [fold[name] for fold in folds]
        counted = protocol.counted(name)
        figures[name] = float(sum(values) if counted else np.average(values, weights=weights))
    for rate in protocol.rates:
        count, minutes = figures[rate.count], figures[rate.minutes]
        figures |= rate_figures(rate, round(count), 60 * minutes)
    return figures


def pooled(parts: Sequence[Answers]) -> Answers:
    """Answers of several models together; a label that only some models know is 0 in the others."""
    labels = list(dict.fromkeys(label for part in parts for label in part.labels))
    rows, truth = [], []
    for part in parts:
        at = np.array([labels.index(label) for label in part.labels])
        wide = np.zeros((len(part.truth), len(labels)), np.float32)
        wide[:, at] = part.probabilities
        rows.append(wide)
        truth.append(at[part.truth])
    return Answers(np.concatenate(rows), np.concatenate(truth), labels)
