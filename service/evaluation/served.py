"""The served model in the protocols: how it is trained for them, and whom it has learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.card import ModelCard
from models.recipes import CREDITS, PRECOG, RECIPES, UTD

RUN = "served"
"""Protocols that judge the served model share its runs."""

TEST_PEOPLE = {name: tuple(who) for name, who in RECIPES["protocol"].test.items()}


def learnt_from(card: ModelCard, data_set: str, people: Sequence[int]) -> tuple[int, ...]:
    """Those of `people` of a data set that the model learnt from."""
    learnt = {who for c in card.trained_on if c.name == CREDITS[data_set][0] for who in c.people}
    return tuple(sorted(learnt.intersection(people)))


def unseen_utd(card: ModelCard, data: Path) -> bool:
    """Whether the model has learnt from none of UTD-MHAD's test people."""
    return not learnt_from(card, UTD, TEST_PEOPLE[UTD])


def unseen_precog(card: ModelCard, data: Path) -> bool:
    """Whether the model has learnt from none of PRECOG's test people."""
    return not learnt_from(card, PRECOG, TEST_PEOPLE[PRECOG])


def train_served(data: Path, seed: int, run_dir: Path) -> list[Path]:
    """Train the published splits with one seed, tuned on validation people; its model folder.

    Temperature and thresholds are those of a model of the same seed that has not learnt from
    the validation people. Goes on where it stopped.
    """
    from service.commands.train import train

    tuned_by, out = run_dir / "validation", run_dir / "protocol"
    train("validation", data=data, out=tuned_by, seed=seed)
    train("protocol", data=data, out=out, seed=seed, tuned_by=tuned_by / "model")
    return [out / "model"]
