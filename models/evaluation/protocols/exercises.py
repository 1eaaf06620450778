"""`ui-prmd`: whole clips of UI-PRMD's ten exercises, by person."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.card import Tuned
from models.datasets.pieces import labels_of
from models.evaluation.protocol import Judgement, Protocol
from models.inference.recognizer import Recognizer, softmax
from models.labels import UI_PRMD
from models.scoring.answers import Answers
from models.scoring.clip_answers import clip_logits
from models.training.recipe_training import train_by
from models.training.recipes import RECIPES, learnt_from, load_sets
from sensor.formats import clip_set

_RECIPES = tuple(name for name in RECIPES if name.startswith("prmd-"))
_PEOPLE = sorted(who for name in _RECIPES for who in RECIPES[name].test[UI_PRMD])


def judge_exercises(model_dir: Path, data: Path) -> Judgement:
    """Measure the people that the model has not learnt from, or all if there are none.

    The clips are correct and incorrect performances. Raises RecordingError, and ValueError if the
    model does not have the set's own ten classes.
    """
    recognizer, path = Recognizer(model_dir), data / f"{UI_PRMD}.npz"
    card = recognizer.card
    if set(labels_of(clip_set.load(path), own_names=True)) - set(card.labels):
        raise ValueError(f"{card.id} lacks classes of UI-PRMD: judge a model of a recipe prmd-N")
    learnt = learnt_from(card, UI_PRMD, _PEOPLE)
    people = [person for person in _PEOPLE if person not in learnt] or _PEOPLE
    (exercises,) = load_sets(data, card.labels, [UI_PRMD], own_names=True)
    logits, truth = clip_logits(recognizer, exercises.of(people))
    right = logits.argmax(axis=1) == truth
    figures = {"clips": float(len(right))}
    for number in np.unique(truth):
        figures[f"right: {card.labels[number]}"] = float(right[truth == number].mean())
    return Judgement(
        float(right.mean()),
        figures,
        f"{int(right.sum())} of {len(right)} clips of people {people} right, among ten classes",
        answers=Answers(softmax(logits / np.float32(card.temperature)), truth, card.labels),
        seen_in_training=tuple(person for person in people if person in learnt),
        data_files=(path,),
    )


def _train(data: Path, seed: int, run_dir: Path) -> list[Path]:
    """Train the four folds. Whole clips need no thresholds, so none are chosen."""
    return [train_by(name, data, run_dir / name, seed, tuned=Tuned()) for name in _RECIPES]


PROTOCOLS = [
    Protocol(
        "ui-prmd",
        "UI-PRMD's ten exercises, done correctly and incorrectly: whole clips, 4 folds by person",
        judge_exercises,
        _train,
        {"clips": "test clips"},
    ),
]
