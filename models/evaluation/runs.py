"""Chooses or trains the models that a protocol judges, and joins the judgements of folds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from models.card import CARD_FILE, DEFAULT_MODEL, load_card
from models.errors import NO_TRAINING, ModelError
from models.evaluation.protocol import Judgement, Protocol
from models.scoring.answers import Answers
from models.scoring.scores import FloatArray, rate_figures

TRAINED_FILE = "trained.json"
"""Marks the folder of a finished run."""


@dataclass(frozen=True)
class Run:
    """The models that are judged together: one folder, or one per fold.

    `seed` is the seed they were trained with, None if unknown.
    """

    seed: int | None
    models: tuple[Path, ...]


class _Trained(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `TRAINED_FILE`: the model folders, relative to the run folder."""

    models: list[str]


def runs_of(
    protocol: Protocol,
    given: Sequence[Path],
    seeds: int,
    runs_dir: Path,
    data: Path,
    tell: Callable[[str], None],
) -> list[Run]:
    """Return the runs to judge.

    - If model folders are `given`, there is one run for each.
    - Else the shipped model is judged, if it has learnt from no test person or the protocol
      trains no models.
    - Else there are `seeds` runs under `runs_dir`. Runs that are not finished are trained.

    `tell` receives a line of text for each step. Raises ModelError if torch is needed and missing,
    and ValueError if a finished run learnt from other data.
    """
    if given:
        return [Run(seed_of(folder), (folder,)) for folder in given]
    if protocol.train is None or _shipped_is_unseen(protocol, data):
        tell("judging the shipped model")
        return [Run(seed_of(DEFAULT_MODEL), (DEFAULT_MODEL,))]
    return [_trained(protocol, seed, seeds, runs_dir, data, tell) for seed in range(seeds)]


def seed_of(model_dir: Path) -> int | None:
    """Return the seed at the end of a model's id; None without such a number or a model card."""
    try:
        found = re.search(r"-(\d{1,9})$", load_card(model_dir).id)
    except ModelError:
        return None
    return int(found[1]) if found else None


def _shipped_is_unseen(protocol: Protocol, data: Path) -> bool:
    """Whether the shipped model exists and has learnt from no test person of the protocol."""
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
    """The run of one seed; trains it if it is not finished."""
    run_dir = runs_dir / (protocol.run or protocol.name) / f"seed{seed}"
    folders = _finished(run_dir)
    if folders is not None:
        if protocol.check is not None:
            protocol.check(data, run_dir)
        tell(f"seed {seed}: using the models in {run_dir} (delete the folder to train again)")
        return Run(seed, tuple(folders))
    tell(f"seed {seed} ({seed + 1} of {seeds}): training in {run_dir}")
    return Run(seed, tuple(_train(protocol, data, seed, run_dir)))


def _finished(run_dir: Path) -> list[Path] | None:
    """The model folders of a finished run; None if it is not finished or lacks a folder."""
    marker = run_dir / TRAINED_FILE
    if not marker.exists():
        return None
    found = msgspec.json.decode(marker.read_bytes(), type=_Trained)
    folders = [run_dir / name for name in found.models]
    return folders if all(folder.is_dir() for folder in folders) else None


def _train(protocol: Protocol, data: Path, seed: int, run_dir: Path) -> list[Path]:
    """Train the models of a run and mark it as finished. Raises ModelError without torch."""
    assert protocol.train is not None
    try:
        folders = protocol.train(data, seed, run_dir)
    except ImportError as error:
        raise ModelError(NO_TRAINING) from error
    names = [str(folder.relative_to(run_dir)) for folder in folders]
    (run_dir / TRAINED_FILE).write_bytes(msgspec.json.encode(_Trained(names)) + b"\n")
    return folders


def judge_run(protocol: Protocol, run: Run, data: Path) -> Judgement:
    """Judge every fold of a run and join the judgements."""
    return merge_folds(protocol, [protocol.judge(folder, data) for folder in run.models])


def merge_folds(protocol: Protocol, folds: Sequence[Judgement]) -> Judgement:
    """Join the judgements of folds: counts are summed, other figures averaged by clips.

    The averages are weighted by `figures["clips"]`, or equally if a fold lacks that figure.
    """
    if len(folds) == 1:
        return folds[0]
    clips = np.array([fold.figures.get("clips", np.nan) for fold in folds])
    weights = clips if np.isfinite(clips).all() else np.ones(len(folds))
    answers = [fold.answers for fold in folds if fold.answers is not None]
    seen = {person for fold in folds for person in fold.seen_in_training}
    return Judgement(
        float(np.average([fold.accuracy for fold in folds], weights=weights)),
        _merge_figures(protocol, [fold.figures for fold in folds], weights),
        "; ".join(f"fold {i + 1}: {fold.note}" for i, fold in enumerate(folds)),
        answers=pool_answers(answers) if answers else None,
        delays_s=tuple(delay for fold in folds for delay in fold.delays_s),
        seen_in_training=tuple(sorted(seen)),
        data_files=tuple(dict.fromkeys(path for fold in folds for path in fold.data_files)),
    )


def _merge_figures(
    protocol: Protocol, folds: Sequence[Mapping[str, float]], weights: FloatArray
) -> dict[str, float]:
    """The figures that all folds have. Counts are summed, and rates are computed from the sums."""
    figures = {}
    for name in [name for name in folds[0] if all(name in fold for fold in folds)]:
        values = [fold[name] for fold in folds]
        summed = protocol.is_count(name)
        figures[name] = float(sum(values) if summed else np.average(values, weights=weights))
    for rate in protocol.rates:
        count, minutes = figures[rate.count], figures[rate.minutes]
        figures |= rate_figures(rate, round(count), 60 * minutes)
    return figures


def pool_answers(parts: Sequence[Answers]) -> Answers:
    """Concatenate the answers of several models, with the union of their labels.

    A label that a model does not know has the probability 0 in its answers.
    """
    labels = list(dict.fromkeys(label for part in parts for label in part.labels))
    probabilities, truth = [], []
    for part in parts:
        columns = np.array([labels.index(label) for label in part.labels])
        wide = np.zeros((len(part.truth), len(labels)), np.float32)
        wide[:, columns] = part.probabilities
        probabilities.append(wide)
        truth.append(columns[part.truth])
    return Answers(np.concatenate(probabilities), np.concatenate(truth), labels)
