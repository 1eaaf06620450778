"""The test people of the published split, and the runs that several protocols share."""

from __future__ import annotations

from pathlib import Path

from models.card import ModelCard
from models.training.recipes import RECIPES, UTD, learnt_from

RUN = "served"
"""The run folder of all protocols that judge a model of the recipe `protocol`."""
TEST_PEOPLE = {name: tuple(people) for name, people in RECIPES["protocol"].test.items()}
"""The test people of the recipe `protocol`, by data set."""


def unseen_utd(card: ModelCard, data: Path) -> bool:
    """Whether the model has learnt from none of UTD-MHAD's test people."""
    return not learnt_from(card, UTD, TEST_PEOPLE[UTD])
