"""Chooses one label for a whole clip, from its predictions and the actions that started in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard

MEMORY = 0.7
"""The share of the old mean in the moving average, so that one prediction does not decide."""
MIN_LED = 2
"""A clip is background unless actions lead in this many predictions, or in its only one."""


def label_clip(probabilities: NDArray[np.float32], card: ModelCard) -> tuple[int, float]:
    """Return the index of the network's label of a clip, and its highest smoothed probability.

    `probabilities` float32 (P, C) are the clip's P predictions. The whole clip counts and not only
    its last prediction, because a clip may continue long after its action is over. Whether an
    action started does not count. A clip without predictions is background with 0.0.
    """
    background = card.labels.index(card.background)
    highest = _highest(probabilities)
    best = background
    needed = max(1, min(MIN_LED, len(probabilities)))
    if np.count_nonzero(probabilities.argmax(axis=1) != background) >= needed:
        best = int(np.where(np.arange(len(highest)) == background, -1, highest).argmax())
    return best, float(highest[best])


def choose_label(
    probabilities: NDArray[np.float32], started: Sequence[tuple[str, float]], card: ModelCard
) -> tuple[str, float]:
    """Return the label of a clip and its confidence. The label never contradicts the actions.

    `probabilities` float32 (P, C) are the clip's P predictions. `started` holds the label and the
    confidence of each action. The label is the background if no action started. Else it is that of
    `label_clip` if this action started, or that of the action with the highest confidence.
    """
    best, confidence = label_clip(probabilities, card)
    if not started:
        background = card.labels.index(card.background)
        return card.background, float(_highest(probabilities)[background])
    if card.labels[best] in {label for label, _ in started}:
        return card.labels[best], confidence
    return max(started, key=lambda action: action[1])


def _highest(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the highest smoothed probability of each label, float32 (C,); 0 without predictions.

    The probabilities are smoothed by an exponential moving average.
    """
    highest = np.zeros(probabilities.shape[1], np.float32)
    mean = probabilities[0] if len(probabilities) else highest
    for row in probabilities:
        mean = np.float32(MEMORY) * mean + np.float32(1 - MEMORY) * row
        np.maximum(highest, mean, out=highest)
    return highest
