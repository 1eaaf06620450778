"""A whole clip's one name: that of the action that was ever surest in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard

MEMORY = 0.7
"""The share that the running average of probabilities keeps, so that one moment is not enough."""
LEAST = 2
"""A clip of more predictions in which actions led fewer than this is background."""


def whole_answer(probabilities: NDArray[np.float32], card: ModelCard) -> tuple[int, float]:
    """The index of a clip's one label and how sure it was, of all its predictions, (P, C).

    Where a clip is cut says nothing of what is done in it. So it is named by its surest moment,
    not by its last one, by which an action may be long over.
    """
    background = card.labels.index(card.background)
    if not len(probabilities):
        return background, 0.0
    mean, means = probabilities[0], np.empty_like(probabilities)
    for i, row in enumerate(probabilities):
        means[i] = mean = np.float32(MEMORY) * mean + np.float32(1 - MEMORY) * row
    surest = means.max(axis=0)
    best = background
    least = min(LEAST, len(probabilities))
    if np.count_nonzero(probabilities.argmax(axis=1) != background) >= least:
        best = int(np.where(np.arange(len(surest)) == background, -1, surest).argmax())
    return best, float(surest[best])
