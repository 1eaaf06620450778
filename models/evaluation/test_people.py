"""The test people of UTD-MHAD."""

from __future__ import annotations

from pathlib import Path

from models.card import ModelCard
from models.training.recipes import RECIPES, UTD, learnt_from

RUN = "served"
"""Protocols that judge the served model share its runs."""


TEST_PEOPLE = {name: tuple(who) for name, who in RECIPES["protocol"].test.items()}


def unseen_utd(card: ModelCard, data: Path) -> bool:
    """Whether the model has learnt from none of UTD-MHAD's test people."""
    return not learnt_from(card, UTD, TEST_PEOPLE[UTD])
