"""Predicts due items: the model state of each person advances by four frames."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Sequence

import numpy as np

from models.card import ModelCard
from models.features import FloatArray
from models.inference.recognizer import softmax
from models.inference.window_stepper import Steps
from models.live.person import Due, Item, Person
from sensor.tracking.rows import side_by_side


class PredictionStates:
    """The row in the model's memory of each person, from the first prediction until they leave."""

    def __init__(self, steps: Steps, card: ModelCard) -> None:
        self._steps = steps
        self._temperature = np.float32(card.temperature)
        self._rows: weakref.WeakKeyDictionary[Person, int] = weakref.WeakKeyDictionary()

    def predict(self, items: Sequence[Item]) -> list[FloatArray]:
        """Probabilities (C,) of each `Due`, in order; one person's predictions in sequence."""
        waves: list[list[tuple[int, Due]]] = []
        had: Counter[Person] = Counter()
        due = [item for item in items if isinstance(item, Due)]
        if len({item.person for item in due}) == len(due) > 0:
            return list(self._step(due))
        for i, item in enumerate(due):
            turn = had[item.person]
            had[item.person] += 1
            if turn == len(waves):
                waves.append([])
            waves[turn].append((i, item))
        made: dict[int, FloatArray] = {}
        for wave in waves:
            made |= zip((i for i, _ in wave), self._step([item for _, item in wave]), strict=True)
        return [made[i] for i in range(len(due))]

    def _step(self, wave: list[Due]) -> FloatArray:
        rows = [self._row(item.person) for item in wave]
        for row, item in zip(rows, wave, strict=True):
            if item.fresh:
                self._steps.reset(row)
        logits = self._steps.step(np.array(rows), side_by_side([item.features for item in wave]))
        probabilities = softmax(logits / self._temperature)
        probabilities.setflags(write=False)
        return probabilities

    def _row(self, person: Person) -> int:
        row = self._rows.get(person)
        if row is None:
            row = self._rows[person] = self._steps.open()
            weakref.finalize(person, self._steps.close, row)
        return row
