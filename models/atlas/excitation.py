"""The moments of averaged motions that excite units of the first layer most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.atlas.entries import AtlasMoment
from models.atlas.motions import Motion
from models.inference.first_layer import FirstLayer

MOST_MOMENTS = 5


def exciting_moments(
    layer: FirstLayer, motions: Sequence[Motion], rate_hz: float
) -> list[list[AtlasMoment]]:
    """For each unit, the moments with the highest answers, at most one of each motion.

    Highest first; of equal answers, the earlier one.
    """
    if not motions:
        return [[] for _ in layer.bias]
    answers = [layer.answers(motion.features) for motion in motions]  # (T, U) each
    every = np.concatenate(answers)
    mean, spread = every.mean(axis=0), np.maximum(every.std(axis=0), 1e-9)
    highest = np.stack([one.max(axis=0) for one in answers])  # (motions, U)

    def moment(motion: int, unit: int) -> AtlasMoment:
        answer = float(highest[motion, unit])
        return AtlasMoment(
            motions[motion].label,
            round(int(answers[motion][:, unit].argmax()) / rate_hz, 3),
            round(answer, 4),
            round(float((answer - mean[unit]) / spread[unit]), 2),
        )

    order = np.argsort(-highest, axis=0, kind="stable")[:MOST_MOMENTS]
    return [[moment(int(m), unit) for m in order[:, unit]] for unit in range(len(layer.bias))]
