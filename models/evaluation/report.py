"""The content of `report.json`: the figures of several runs, and the models and data behind them.

`report_files` writes it.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from itertools import takewhile
from pathlib import Path

import msgspec
import numpy as np

from models.card import load_card, sha256_of
from models.errors import ModelError
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.runs import Run
from models.scoring.scores import confidence_of, reliability, risk_coverage

CALIBRATION_HELP = {
    "expected_calibration_error": "mean gap between confidence and accuracy, 15 bins",
    "risk_coverage_area": "mean share of wrong answers over all confidence thresholds",
}


class ModelNote(msgspec.Struct, frozen=True):
    """A judged model: its folder, the id of its card, and the SHA-256 of its file."""

    folder: str
    id: str
    sha256: str


class DataNote(msgspec.Struct, frozen=True):
    """A file of test data: its path below the folder common to all of them, and its SHA-256."""

    file: str
    sha256: str


class SeedReport(msgspec.Struct, frozen=True):
    """The measurements of one run; `seed` is None if unknown."""

    seed: int | None
    accuracy: float
    figures: dict[str, float]
    note: str
    models: list[ModelNote]
    seen_in_training: list[int]


class Report(msgspec.Struct, frozen=True):
    """The content of `report.json`.

    Shares are 0 to 1. `figures` and `accuracy` are means over the runs. `spread` and
    `accuracy_spread` are their sample standard deviations, 0 for one run. The upper bound of a rate
    has no mean, so it is in `figures` only if there is one run. Each entry of `runs` has its own.

    - `accuracy`: the protocol's headline; the `note` of each run says what it counts
    - `seeds`: the seeds that the models were trained with, where known
    - `model`, `model_sha256`: of the first model; `runs` holds all of them
    - `data_sha256`: one hash over the names and hashes in `data`; empty if there are none
    - `seen_in_training`: the test people that a model has learnt from; the figures are those of a
      valid test only if the list is empty
    - `figures_help`: what each figure means
    - `plots`: the names of the PNG files beside the report
    - `versions`: of Python and the packages used
    """

    protocol: str
    about: str
    accuracy: float
    accuracy_spread: float
    seeds: list[int]
    model: str
    model_sha256: str
    data_sha256: str
    seen_in_training: list[int]
    figures: dict[str, float]
    spread: dict[str, float]
    figures_help: dict[str, str]
    note: str
    runs: list[SeedReport]
    data: list[DataNote]
    plots: list[str]
    versions: dict[str, str] = {}

    @property
    def models(self) -> str:
        """The ids of all judged models in words, such as `res-tcn-protocol-0, -1 and -2`."""
        ids = list(dict.fromkeys(model.id for run in self.runs for model in run.models))
        words = zip(*(id.split("-")[:-1] for id in ids), strict=False)
        shared = "-".join(word[0] for word in takewhile(lambda word: len(set(word)) == 1, words))
        endings = [id.removeprefix(shared) for id in ids[1:]]
        return " and ".join([", ".join([ids[0], *endings[:-1]]), *endings[-1:]])


def make_report(
    protocol: Protocol,
    runs: Sequence[Run],
    judgements: Sequence[Judgement],
    plots: Sequence[str] = (),
) -> Report:
    """Make one report of the judgements of several runs, given in the same order."""
    seed_reports = [_seed_report(*pair) for pair in zip(runs, judgements, strict=True)]
    values = _values_by_figure(protocol, seed_reports)
    help_texts = CALIBRATION_HELP | protocol.figures_help
    data = _data_notes(list(dict.fromkeys(path for one in judgements for path in one.data_files)))
    accuracies = [one.accuracy for one in seed_reports]
    first = seed_reports[0]
    return Report(
        protocol=protocol.name,
        about=protocol.about,
        accuracy=float(np.mean(accuracies)),
        accuracy_spread=_spread(accuracies),
        seeds=[one.seed for one in seed_reports if one.seed is not None],
        model=first.models[0].id,
        model_sha256=first.models[0].sha256,
        data_sha256=_hash_of((note.file, note.sha256) for note in data) if data else "",
        seen_in_training=sorted({n for one in seed_reports for n in one.seen_in_training}),
        figures={name: float(np.mean(found)) for name, found in values.items()},
        spread={name: _spread(found) for name, found in values.items()},
        figures_help={name: help_texts.get(name, "") for name in values},
        note=first.note,
        runs=seed_reports,
        data=data,
        plots=list(plots),
        versions=_versions(),
    )


def _values_by_figure(
    protocol: Protocol, seed_reports: Sequence[SeedReport]
) -> dict[str, list[float]]:
    """The values of each figure that all runs have; bounds of rates only if there is one run."""
    first, *others = seed_reports
    names = [name for name in first.figures if all(name in one.figures for one in others)]
    if others:
        bounds = {rate.at_most for rate in protocol.rates}
        names = [name for name in names if name not in bounds]
    return {name: [one.figures[name] for one in seed_reports] for name in names}


def _versions() -> dict[str, str]:
    """The versions of Python and of the packages that the figures depend on."""
    found = {"python": platform.python_version()}
    for package in ("jointwise", "numpy", "onnxruntime", "torch"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _seed_report(run: Run, judgement: Judgement) -> SeedReport:
    return SeedReport(
        run.seed,
        judgement.accuracy,
        judgement.figures | _calibration(judgement),
        judgement.note,
        [_model_note(folder) for folder in run.models],
        sorted(judgement.seen_in_training),
    )


def _calibration(judgement: Judgement) -> dict[str, float]:
    """The calibration error and the area under the risk-coverage curve, if there are answers."""
    starts = judgement.confidences
    if starts is not None:
        return {"risk_coverage_area": risk_coverage(starts.confidence, starts.right).area}
    if judgement.answers is None:
        return {}
    confidence, right = confidence_of(judgement.answers)
    return {
        "expected_calibration_error": reliability(confidence, right).error,
        "risk_coverage_area": risk_coverage(confidence, right).area,
    }


def _model_note(folder: Path) -> ModelNote:
    try:
        card = load_card(folder)
    except ModelError:  # Models of other networks have no card of this kind.
        return ModelNote(str(folder), folder.name, _folder_hash(folder))
    return ModelNote(str(folder), card.id, card.sha256)


def _folder_hash(folder: Path) -> str:
    """One hash over the names and hashes of all files of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return _hash_of((path.relative_to(folder).as_posix(), sha256_of(path)) for path in files)


def _data_notes(paths: Sequence[Path]) -> list[DataNote]:
    """Name and hash files. Names are paths below the common folder, as file names may repeat."""
    root = os.path.commonpath([path.parent for path in paths]) if paths else ""
    return [DataNote(path.relative_to(root).as_posix(), sha256_of(path)) for path in paths]


def _hash_of(files: Iterable[tuple[str, str]]) -> str:
    """One SHA-256 over the names and hashes of files."""
    lines = "".join(f"{name} {sha256}\n" for name, sha256 in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _spread(values: Sequence[float]) -> float:
    """The sample standard deviation; 0 for one value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
