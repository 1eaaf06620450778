"""Chooses one label for a whole clip: the action with the highest smoothed probability in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard

MEMORY = 0.7
"""The share of the old mean in the moving average, so that one prediction does not decide."""
MIN_LED = 2
"""A clip is background unless actions lead in this many predictions, or in its only one."""


def label_clip(probabilities: NDArray[np.float32], card: ModelCard) -> tuple[int, float]:
    """Return the index of a clip's label, and its highest smoothed probability.

    `probabilities` float32 (P, C) are the clip's P predictions. The whole clip counts and not only
    its last prediction, because a clip may continue long after its action is over. A clip without
    predictions is background with 0.0.
    """
    background = card.labels.index(card.background)
    if not len(probabilities):
        return background, 0.0
    mean, smooth = probabilities[0], np.empty_like(probabilities)
    for i, row in enumerate(probabilities):
        smooth[i] = mean = np.float32(MEMORY) * mean + np.float32(1 - MEMORY) * row
    highest = smooth.max(axis=0)
    best = background
    needed = min(MIN_LED, len(probabilities))
    if np.count_nonzero(probabilities.argmax(axis=1) != background) >= needed:
        best = int(np.where(np.arange(len(highest)) == background, -1, highest).argmax())
    return best, float(highest[best])
