"""The test people of the published split, and the runs that several protocols share."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from models.card import ModelCard
from models.labels import CMU, UI_PRMD
from models.public_sets.clip_data import MSR, NW_UCLA
from models.training.recipes import RECIPES, UTD, learnt_from

RUN = "served"
"""The run folder of all protocols that judge a model of the recipe `protocol`."""
TEST_PEOPLE = {name: tuple(people) for name, people in RECIPES["protocol"].test.items()}
"""The test people of the recipe `protocol`, by data set."""

CMU_TEST_PEOPLE = TEST_PEOPLE[CMU]
"""The people of CMU whose walks and other motions test models."""
_TITLES = {CMU: "CMU", UI_PRMD: "UI-PRMD", MSR: "MSR-Action3D", NW_UCLA: "NW-UCLA"}
"""How a model card begins the title of each set."""


def learnt_people(
    card: ModelCard, data_set: str, people: Collection[int] | None = None
) -> tuple[int, ...]:
    """Which people of a set a model learnt from, of `people` if given, by the titles of its card.

    Unlike `learnt_from`, this also knows sets without a recipe.
    """
    learnt = {
        who
        for credit in card.trained_on
        if credit.name.startswith(_TITLES[data_set])
        for who in credit.people
    }
    return tuple(sorted(learnt if people is None else learnt.intersection(people)))


def unseen_utd(card: ModelCard, data: Path) -> bool:
    """Whether the model has learnt from none of UTD-MHAD's test people."""
    return not learnt_from(card, UTD, TEST_PEOPLE[UTD])
