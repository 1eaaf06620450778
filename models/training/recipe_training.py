"""Trains the recipes of `RECIPES`, and takes temperature and thresholds from validation runs.

Modules that need torch are imported inside functions, because `jointwise tune` runs without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from models.card import CARD_FILE, ModelCard, Tuned, load_card, save_card
from models.training.recipes import (
    CREDITS,
    RECIPES,
    STEM_SPARSITY,
    VALIDATIONS,
    data_credits,
    learnt_from,
    load_sets,
    sets_in,
    vocabulary,
    without_classes,
)
from models.training.tuning import tuned_on, validated

TUNED_FILE = "tuned"
"""An empty file in the last validation run: all of them were tuned together."""


def train_by(
    recipe: str,
    data: Path,
    out: Path,
    seed: int = 0,
    steps: int | None = None,
    devices: int = 1,
    tuned: Tuned | None = None,
    tell: Callable[[str], None] = print,
) -> Path:
    """Train one of `RECIPES` in a run folder, or continue there. Returns the model folder.

    `steps` None takes the recipe's. Without `tuned`, temperature and thresholds are chosen on the
    validation people of the recipe. `tell` receives a line for each thing that is done. Needs
    torch. Raises RecordingError, ModelError, ValueError, OSError.
    """
    from models.training.config import TrainConfig
    from models.training.hardware import Hardware
    from models.training.stream_training import train_model

    rule, model_dir = RECIPES[recipe], out / "model"
    names = sets_in(data, rule.train)
    for name in set(rule.train) - set(names):
        tell(f"{name}.npz is not in {data}: the model learns nothing from it")
    labels = vocabulary(data, names, rule.own_names)
    sets = load_sets(data, labels, names, rule.own_names)
    sets, labels = without_classes(sets, labels, rule.left_out)
    pieces = [piece for one in sets for piece in one.of(rule.train[one.name])]
    held = [piece for one in sets for piece in one.of(rule.validation.get(one.name, []))]
    tell(f"{rule.about}: {len(pieces)} recordings to learn from, {len(held)} to validate on")
    config = TrainConfig(
        recipe, labels, seed=seed, steps=steps or rule.steps, stem_sparsity=STEM_SPARSITY
    )
    trained_on = data_credits({name: rule.train[name] for name in names})
    card = train_model(config, pieces, held, trained_on, out, tuned, Hardware(devices))
    if tuned is None:
        card = card.tuned_to(tuned_on([validated(model_dir, _only(rule.validation, names), data)]))
        save_card(card, model_dir)
        tell(f"chosen on validation people: {settings_of(card)}")
    return model_dir


def tune_by(model_dir: Path, tuned_by: Sequence[Path], data: Path) -> ModelCard:
    """Give a model the temperature and thresholds of another. Returns its new card.

    With several others, these settings are chosen anew on the people held out of each of them.
    Raises RecordingError, ModelError, ValueError, OSError.
    """
    card, cards = load_card(model_dir), [load_card(folder) for folder in tuned_by]
    found = cards[0].tuned
    if len(cards) > 1:
        held = zip(tuned_by, map(held_out, cards), strict=True)
        found = tuned_on([validated(folder, people, data) for folder, people in held])
    card = card.tuned_to(found)
    save_card(card, model_dir)
    return card


def _only(people: dict[str, list[int]], sets: Sequence[str]) -> dict[str, list[int]]:
    return {name: who for name, who in people.items() if name in sets}


def held_out(card: ModelCard) -> dict[str, list[int]]:
    """The people of the protocols' training part that a model did not learn from, by data set.

    Only sets that it learnt from count, because it may lack the classes of the others. Raises
    ValueError if the model learnt from all people of a set, or from own recordings.
    """
    learnt_names = {credit.name for credit in card.trained_on}
    if learnt_names.isdisjoint(CREDITS[name][0] for name in RECIPES["protocol"].train):
        raise ValueError(
            f"{card.id} was trained by no recipe that holds out people to choose thresholds on"
        )
    people = {
        name: [who for who in every if who not in learnt_from(card, name, every)]
        for name, every in RECIPES["protocol"].train.items()
        if CREDITS[name][0] in learnt_names
    }
    if not all(people.values()):
        raise ValueError(
            f"{card.id} has nobody left to choose thresholds on: take a validation run"
        )
    return people


def settings_of(card: ModelCard) -> str:
    """A model's temperature and thresholds as readable text."""
    return f"temperature {card.temperature:.2f}, {card.thresholds}"


def tuned_on_validation(data: Path, run_dir: Path) -> Path:
    """The model folder whose temperature and thresholds the protocols share.

    They are chosen on the people held out of two validation models of seed 0. The two runs lie
    beside the folder of the protocol (`run_dir` is one seed of it), and are trained if they are
    not there.
    """
    runs = [run_dir.parents[1] / recipe for recipe in VALIDATIONS]
    models = [run / "model" for run in runs]
    marker = runs[-1] / TUNED_FILE
    if not (marker.exists() and all((model / CARD_FILE).exists() for model in models)):
        marker.unlink(missing_ok=True)
        for run in runs:
            train_by(run.name, data, run)
        tune_by(models[0], models, data)
        marker.touch()
    return models[0]


def train_recipe(recipe: str, data: Path, seed: int, run_dir: Path) -> Path:
    """Train a recipe with one seed, or continue it, tuned on validation people.

    Returns the model folder.
    """
    tuned = load_card(tuned_on_validation(data, run_dir)).tuned
    return train_by(recipe, data, run_dir / recipe, seed, tuned=tuned)


def train_served(data: Path, seed: int, run_dir: Path) -> list[Path]:
    """Train the recipe of the published protocols with one seed. Returns its model folder."""
    return [train_recipe("protocol", data, seed, run_dir)]
