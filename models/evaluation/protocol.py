"""What a protocol is, and what it says of one model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from models.card import ModelCard
from models.scoring.answers import Answers, Rate


@dataclass(frozen=True, eq=False)
class Judged:
    """What a protocol measured of one model.

    `accuracy` is the headline, 0 to 1. `figures` go into the report by name, averaged over seeds
    with their spread; a rate's bound has no mean, and is told of one run alone. `delays_s` are
    times from an action's onset to its start event. `note` says in a sentence what the headline
    counts.
    """

    accuracy: float
    figures: dict[str, float]
    note: str
    answers: Answers | None = None
    delays_s: tuple[float, ...] = ()
    seen_in_training: tuple[int, ...] = ()
    data_files: tuple[Path, ...] = ()


COUNTS = frozenset({"clips", "people"})
"""Figures that count something in every protocol."""


@dataclass(frozen=True)
class Protocol:
    """A named way of training and judging.

    `judge(model_dir, data)` measures the model of a folder on test data; it never trains.
    `train(data, seed, run_dir)` trains one seed (or goes on where it stopped) and returns the
    folder of each model that one judgement needs: one, or one for each fold. Folds are judged
    one by one. Over them `COUNTS`, the protocol's own `counts` and what its `rates` are made of
    are summed, rates are those of the sums, and all other figures are averaged with the weights
    `figures["clips"]`, equal ones where that figure is missing.

    `run` names the runs that protocols share which judge the same models; empty, it is `name`.
    `unseen(card, data)` says whether a model has learnt from nobody who is tested, so that the
    shipped model may be judged; without it the protocol's own models always are.
    `check(data, run_dir)` raises ValueError where models that were trained before did not learn
    from this data. `of_people(people)` is the same protocol with other people tested, and
    `of_steps(steps)` with trainings of other length; without these there is no choice.
    `figures_help` says of a figure what it counts.
    """

    name: str
    about: str
    judge: Callable[[Path, Path], Judged]
    train: Callable[[Path, int, Path], list[Path]] | None = None
    figures_help: dict[str, str] = field(default_factory=dict)
    run: str = ""
    unseen: Callable[[ModelCard, Path], bool] | None = None
    check: Callable[[Path, Path], None] | None = None
    of_people: Callable[[tuple[int, ...]], Protocol] | None = None
    of_steps: Callable[[int], Protocol] | None = None
    counts: frozenset[str] = frozenset()
    rates: tuple[Rate, ...] = ()

    def counted(self, name: str) -> bool:
        """Whether a figure is summed over folds."""
        parts = [part for rate in self.rates for part in (rate.count, rate.minutes)]
        return name in {*COUNTS, *self.counts, *parts}
