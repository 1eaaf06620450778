"""The served model in the protocols: how it is trained for them, and whom it has learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from models.card import CARD_FILE, ModelCard, Tuned, load_card, save_card
from models.training.recipes import (
    CREDITS,
    RECIPES,
    VALIDATIONS,
    credits,
    learnt_from,
    load_sets,
    vocabulary,
    without,
)
from models.training.tuning import tuned_on, validated

TUNED_FILE = "tuned"
"""Marks the last validation run when temperature and thresholds were chosen on all of them."""


def held_out(card: ModelCard) -> dict[str, list[int]]:
    """The people of the protocols' training part, by data set, that a model has not learnt from.

    Raises ValueError where it has learnt from all of a set, or is of own recordings.
    """
    learnt_names = {credit.name for credit in card.trained_on}
    if learnt_names.isdisjoint(CREDITS[name][0] for name in RECIPES["protocol"].train):
        raise ValueError(f"{card.id} is of no recipe that keeps people to choose thresholds on")
    people = {
        name: [who for who in every if who not in learnt_from(card, name, every)]
        for name, every in RECIPES["protocol"].train.items()
    }
    if not all(people.values()):
        raise ValueError(
            f"{card.id} has nobody left to choose thresholds on: take a validation run"
        )
    return people


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
    """Train one of `RECIPES` in the folder of a run, or go on there; its model folder.

    `steps` None: the recipe's. Without `tuned` temperature and thresholds are chosen on the people
    whom the recipe keeps to validate on. `tell` hears what is done, line by line. Needs torch.
    Raises RecordingError, ModelError, ValueError, OSError.
    """
    from models.gallery.averaging import make_exemplars, save_exemplars
    from models.training.config import TrainConfig
    from models.training.hardware import Hardware
    from models.training.model_folder import write_model
    from models.training.stream_training import train_on_streams

    rule, model_dir = RECIPES[recipe], out / "model"
    labels = vocabulary(data, list(rule.train))
    sets, labels = without(load_sets(data, labels, list(rule.train)), labels, rule.left_out)
    learnt = [piece for one in sets for piece in one.of(rule.train[one.name])]
    held = [piece for one in sets for piece in one.of(rule.validation.get(one.name, []))]
    tell(f"{rule.about}: {len(learnt)} recordings to learn from, {len(held)} to validate on")
    config = TrainConfig(recipe, labels, seed=seed, steps=steps or rule.steps)
    network = train_on_streams(config, learnt, held, out, hardware=Hardware(devices))
    card = write_model(network, config, credits(rule.train), tuned or Tuned(), model_dir)
    save_exemplars(*make_exemplars(learnt, labels, config.features), model_dir)
    if tuned is None:
        card = card.tuned_to(tuned_on([validated(model_dir, rule.validation, data)]))
        save_card(card, model_dir)
        tell(f"chosen on validation people: {settings_of(card)}")
    return model_dir


def tune_by(model_dir: Path, tuned_by: Sequence[Path], data: Path) -> ModelCard:
    """Give a model the temperature and thresholds of another; its card, as it is now.

    Of several others they are chosen anew, on the people whom each of these has not learnt from.
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


def settings_of(card: ModelCard) -> str:
    """A model's temperature and thresholds, to be read."""
    return f"temperature {card.temperature:.2f}, {card.thresholds}"


def tuned_on_validation(data: Path, run_dir: Path) -> Path:
    """The model whose temperature and thresholds are taken; trained where it is not there yet.

    They are chosen on the people whom each of two models of seed 0 has not learnt from; all
    protocols beside that of `run_dir`, which is of one seed, share them.
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
    """Train a recipe with one seed, tuned on validation people; its model folder.

    Goes on where it stopped.
    """
    tuned = load_card(tuned_on_validation(data, run_dir)).tuned
    return train_by(recipe, data, run_dir / recipe, seed, tuned=tuned)


def train_served(data: Path, seed: int, run_dir: Path) -> list[Path]:
    """Train the published splits with one seed."""
    return [train_recipe("protocol", data, seed, run_dir)]
