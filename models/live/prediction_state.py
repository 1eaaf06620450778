"""Makes due predictions; each advances the model's memory of a person by four frames.

After a gap, the memory first takes the frames in which the person was lost.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from models.card import ModelCard
from models.features import FloatArray
from models.inference.recognizer import softmax
from models.inference.window_stepper import Steps
from models.live.person import DuePrediction, Item, Person
from sensor.tracking.rows import side_by_side


class PredictionStates:
    """Each person's row in the model's memory, from their first prediction on.

    The row is closed when nothing refers to the person any more.
    """

    def __init__(self, steps: Steps, card: ModelCard) -> None:
        self._steps = steps
        self._temperature = np.float32(card.temperature)
        self._rows: weakref.WeakKeyDictionary[Person, int] = weakref.WeakKeyDictionary()

    def predict(self, items: Sequence[Item]) -> list[FloatArray]:
        """Return the probabilities (C,) of each due prediction, in order; departures have none.

        The predictions of one person are made one after the other, those of many together.
        """
        batches: list[list[tuple[int, DuePrediction]]] = []
        counts: Counter[Person] = Counter()
        due = [item for item in items if isinstance(item, DuePrediction)]
        if len({item.person for item in due}) == len(due) > 0:
            return list(self._step(due))
        for i, item in enumerate(due):
            turn = counts[item.person]
            counts[item.person] += 1
            if turn == len(batches):
                batches.append([])
            batches[turn].append((i, item))
        rows: dict[int, FloatArray] = {}
        for batch in batches:
            rows |= zip((i for i, _ in batch), self._step([item for _, item in batch]), strict=True)
        return [rows[i] for i in range(len(due))]

    def _step(self, batch: list[DuePrediction]) -> FloatArray:
        """Predict one batch with at most one item for each person, float32 (N, C)."""
        rows = [self._row(item.person) for item in batch]
        returned: dict[int, DuePrediction] = {}
        for row, item in zip(rows, batch, strict=True):
            if item.fresh:
                self._steps.reset(row)
            if item.unseen:
                returned[row] = item
        if returned:
            self._step_unseen(returned)
        logits = self._steps.step(np.array(rows), side_by_side([item.features for item in batch]))
        probabilities = softmax(logits / self._temperature)
        probabilities.setflags(write=False)
        return probabilities

    def _step_unseen(self, returned: Mapping[int, DuePrediction]) -> None:
        """Advance rows by the strides in which their person was lost; nothing is predicted."""
        for turn in range(max(len(item.unseen) for item in returned.values())):
            strides = {
                row: item.unseen[turn] for row, item in returned.items() if turn < len(item.unseen)
            }
            self._steps.step(np.array(list(strides)), side_by_side(list(strides.values())))

    def _row(self, person: Person) -> int:
        row = self._rows.get(person)
        if row is None:
            row = self._rows[person] = self._steps.open()
            weakref.finalize(person, self._steps.close, row)
        return row
