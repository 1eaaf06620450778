"""The report of a protocol: `report.json` for machines, `report.md` for people."""

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
from models.evaluation.protocol import Judged, Protocol
from models.evaluation.runs import Run
from models.scoring.scores import confidence_of, reliability, risk_coverage

CALIBRATION_HELP = {
    "expected_calibration_error": "mean gap between confidence and accuracy, 15 bins",
    "risk_coverage_area": "mean share of wrong answers over all confidence thresholds",
}


class ModelNote(msgspec.Struct, frozen=True):
    """A model that was judged: where it lay, its card's id, and the hash of its file."""

    folder: str
    id: str
    sha256: str


class DataNote(msgspec.Struct, frozen=True):
    """A file of test data, named from the folder that holds all of them, and its hash."""

    file: str
    sha256: str


class SeedReport(msgspec.Struct, frozen=True):
    """What was measured of the models of one seed; `seed` is None where a model says none."""

    seed: int | None
    accuracy: float
    figures: dict[str, float]
    note: str
    models: list[ModelNote]
    seen_in_training: list[int]


class Report(msgspec.Struct, frozen=True):
    """What `report.json` holds.

    Shares are 0 to 1. `accuracy` is the protocol's headline, which each run's `note` puts in
    words, and `figures` what else was measured: means over the runs, with their spread (standard
    deviation of a sample, 0 for one run) in `accuracy_spread` and `spread`. The bound of a rate
    has no mean: of several runs each tells its own, in `runs`. `seeds` are those
    the judged models were trained with. `seen_in_training` lists the tested people that a model
    learnt from: where it is not empty, this was no test. `model` and `model_sha256` are those of
    the first model; all are in `runs`. `data_sha256` is one hash of the names and hashes in
    `data`, empty where that is.
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
        """All judged models in words, such as `res-tcn-protocol-0, -1 and -2`."""
        ids = list(dict.fromkeys(model.id for run in self.runs for model in run.models))
        words = zip(*(id.split("-")[:-1] for id in ids), strict=False)
        shared = "-".join(word[0] for word in takewhile(lambda word: len(set(word)) == 1, words))
        endings = [id.removeprefix(shared) for id in ids[1:]]
        return " and ".join([", ".join([ids[0], *endings[:-1]]), *endings[-1:]])


def make_report(
    protocol: Protocol, runs: Sequence[Run], judged: Sequence[Judged], plots: Sequence[str] = ()
) -> Report:
    """One report of what a protocol says of several runs."""
    each = [_seed_report(run, found) for run, found in zip(runs, judged, strict=True)]
    told = CALIBRATION_HELP | protocol.figures_help
    names = [name for name in each[0].figures if all(name in one.figures for one in each)]
    if len(each) > 1:
        names = [name for name in names if name not in {rate.at_most for rate in protocol.rates}]
    values = {name: [one.figures[name] for one in each] for name in names}
    data = _data_notes(list(dict.fromkeys(path for one in judged for path in one.data_files)))
    accuracies = [one.accuracy for one in each]
    return Report(
        protocol=protocol.name,
        about=protocol.about,
        accuracy=float(np.mean(accuracies)),
        accuracy_spread=_spread(accuracies),
        seeds=[one.seed for one in each if one.seed is not None],
        model=each[0].models[0].id,
        model_sha256=each[0].models[0].sha256,
        data_sha256=_hash_of((note.file, note.sha256) for note in data) if data else "",
        seen_in_training=sorted({who for one in each for who in one.seen_in_training}),
        figures={name: float(np.mean(found)) for name, found in values.items()},
        spread={name: _spread(found) for name, found in values.items()},
        figures_help={name: told.get(name, "") for name in names},
        note=each[0].note,
        runs=each,
        data=data,
        plots=list(plots),
        versions=_versions(),
    )


def _versions() -> dict[str, str]:
    """What the figures were made with."""
    found = {"python": platform.python_version()}
    for package in ("jointwise", "numpy", "onnxruntime", "torch"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _seed_report(run: Run, found: Judged) -> SeedReport:
    return SeedReport(
        run.seed,
        found.accuracy,
        found.figures | _calibration(found),
        found.note,
        [_model_note(folder) for folder in run.models],
        sorted(found.seen_in_training),
    )


def _calibration(found: Judged) -> dict[str, float]:
    """How far confidence can be trusted, where a protocol gives its answers."""
    if found.answers is None:
        return {}
    sure, right = confidence_of(found.answers)
    return {
        "expected_calibration_error": reliability(sure, right).error,
        "risk_coverage_area": risk_coverage(sure, right).area,
    }


def _model_note(folder: Path) -> ModelNote:
    try:
        card = load_card(folder)
    except ModelError:  # a protocol may judge models that are not served
        return ModelNote(str(folder), folder.name, _all(folder))
    return ModelNote(str(folder), card.id, card.sha256)


def _all(folder: Path) -> str:
    """The hash of the names and hashes of all files of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return _hash_of((path.relative_to(folder).as_posix(), sha256_of(path)) for path in files)


def _data_notes(paths: Sequence[Path]) -> list[DataNote]:
    """Files by their way from the folder that holds all of them: bare names may be alike."""
    root = os.path.commonpath([path.parent for path in paths]) if paths else ""
    return [DataNote(path.relative_to(root).as_posix(), sha256_of(path)) for path in paths]


def _hash_of(files: Iterable[tuple[str, str]]) -> str:
    """One hash of the names and hashes of files."""
    lines = "".join(f"{name} {sha256}\n" for name, sha256 in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _spread(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
