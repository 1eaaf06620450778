"""The types of the evaluation: a protocol, and its judgement of one model.

To add a protocol, see `models/evaluation/protocols/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.scoring.answers import Answers, Rate


@dataclass(frozen=True, eq=False)
class Confidences:
    """The confidence of N decisions, float64 (N,), and whether each was right, bool (N,)."""

    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, bool]]) -> Confidences:
        """Make them of pairs of a confidence and whether the decision was right."""
        found = list(pairs)
        return cls(np.array([c for c, _ in found]), np.array([r for _, r in found], bool))


@dataclass(frozen=True, eq=False)
class Judgement:
    """The measurements of a protocol on one model.

    - `accuracy`: the headline, 0 to 1; `note` says in a sentence what it counts
    - `figures`: all other measurements, by name
    - `answers`: the answers to all clips, for calibration and the confusion matrix
    - `delays_s`: seconds from the beginning of each found action to its start event
    - `confidences`: of the starts of actions in a stream, for the risk-coverage curve
    - `seen_in_training`: the test people that the model has learnt from
    - `data_files`: the files that the test data come from
    """

    accuracy: float
    figures: dict[str, float]
    note: str
    answers: Answers | None = None
    delays_s: tuple[float, ...] = ()
    confidences: Confidences | None = None
    seen_in_training: tuple[int, ...] = ()
    data_files: tuple[Path, ...] = ()


COUNTS = frozenset({"clips", "people"})
"""Figures that are counts in every protocol."""


@dataclass(frozen=True)
class Protocol:
    """A named way to train and judge models.

    - `name`, `about`: the name on the command line, and a line of description
    - `judge(model_dir, data)`: measures the model of a folder on the test data; never trains
    - `train(data, seed, run_dir)`: trains with one seed, or continues an interrupted training, and
      returns the model folders of one run: one folder, or one for each fold; None if the protocol
      only judges models that exist
    - `figures_help`: what each figure means, for the report
    - `run`: the folder of the runs, for protocols that judge the same models; `name` if empty
    - `unseen(card, data)`: whether the model has learnt from none of the test people. If so, the
      shipped model is judged. Without this function, models are always trained.
    - `check(data, run_dir)`: raises ValueError if the models in `run_dir` learnt from other data
    - `of_people(people)`: the same protocol with other test people; None if they are fixed
    - `of_steps(steps)`: the same protocol with this number of training steps; None if it is fixed
    - `counts`: figures that are counts in this protocol, besides `COUNTS`
    - `rates`: figures that are rates

    Folds are judged one by one and then joined: counts and the parts of rates are summed, rates are
    computed from the sums, and all other figures are averaged, weighted by `figures["clips"]`, or
    equally if a fold lacks that figure.
    """

    name: str
    about: str
    judge: Callable[[Path, Path], Judgement]
    train: Callable[[Path, int, Path], list[Path]] | None = None
    figures_help: dict[str, str] = field(default_factory=dict)
    run: str = ""
    unseen: Callable[[ModelCard, Path], bool] | None = None
    check: Callable[[Path, Path], None] | None = None
    of_people: Callable[[tuple[int, ...]], Protocol] | None = None
    of_steps: Callable[[int], Protocol] | None = None
    counts: frozenset[str] = frozenset()
    rates: tuple[Rate, ...] = ()

    def is_count(self, name: str) -> bool:
        """Whether a figure is summed over folds."""
        parts = [part for rate in self.rates for part in (rate.count, rate.minutes)]
        return name in {*COUNTS, *self.counts, *parts}
