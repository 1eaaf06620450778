"""The served model in the protocols: how it is trained for them, and whom it has learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.card import ModelCard
from models.recipes import CREDITS, RECIPES, UTD, VALIDATIONS

RUN = "served"
"""Protocols that judge the served model share its runs."""

TUNED_FILE = "tuned"
"""Marks the last validation run when temperature and thresholds were chosen on all of them."""

TEST_PEOPLE = {name: tuple(who) for name, who in RECIPES["protocol"].test.items()}


def learnt_from(card: ModelCard, data_set: str, people: Sequence[int]) -> tuple[int, ...]:
    """Those of `people` of a data set that the model learnt from."""
    learnt = {who for c in card.trained_on if c.name == CREDITS[data_set][0] for who in c.people}
    return tuple(sorted(learnt.intersection(people)))


def unseen_utd(card: ModelCard, data: Path) -> bool:
    """Whether the model has learnt from none of UTD-MHAD's test people."""
    return not learnt_from(card, UTD, TEST_PEOPLE[UTD])


def held_out(card: ModelCard) -> dict[str, list[int]]:
    """The people of the protocols' training part, by data set, that a model has not learnt from.

    Raises ValueError where it has learnt from all of a set.
    """
    people = {
        name: [who for who in every if who not in learnt_from(card, name, every)]
        for name, every in RECIPES["protocol"].train.items()
    }
    if not all(people.values()):
        raise ValueError(
            f"{card.id} has nobody left to choose thresholds on: take a validation run"
        )
    return people


def tuned_on_validation(data: Path, run_dir: Path) -> Path:
    """The model whose temperature and thresholds are taken; trained where it is not there yet.

    They are chosen on the people whom each of two models of seed 0 has not learnt from; all
    protocols beside that of `run_dir`, which is of one seed, share them.
    """
    from service.commands.train import train
    from service.commands.tune import tune

    runs = [run_dir.parents[1] / recipe for recipe in VALIDATIONS]
    models = [run / "model" for run in runs]
    marker = runs[-1] / TUNED_FILE
    if not marker.exists():
        for run in runs:
            train(run.name, data=data, out=run)
        tune(models[0], models, data)
        marker.touch()
    return models[0]


def train_recipe(recipe: str, data: Path, seed: int, run_dir: Path) -> Path:
    """Train a recipe with one seed, tuned on validation people; its model folder.

    Goes on where it stopped.
    """
    from service.commands.train import train

    tuned_by, out = tuned_on_validation(data, run_dir), run_dir / recipe
    train(recipe, data=data, out=out, seed=seed, tuned_by=tuned_by)
    return out / "model"


def train_served(data: Path, seed: int, run_dir: Path) -> list[Path]:
    """Train the published splits with one seed."""
    return [train_recipe("protocol", data, seed, run_dir)]
