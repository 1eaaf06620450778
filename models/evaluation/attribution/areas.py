"""Deletion and insertion: the area under P(label) while joints are removed, or are put back.

Petsiuk et al. 2018. Deletion removes the highest scores first: a low area is good. Insertion begins
with the mean pose and puts the highest scores back first: a high area is good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from models.evaluation.attribution.methods import SMOOTHED, Scores
from models.evaluation.attribution.removal import Logits, probability, removed
from models.evaluation.attribution.samples import Samples
from models.features import BoolArray, FloatArray
from models.progress import steps

JOINTS, MOMENTS = "joints", "joint_moments"
DELETION, INSERTION = "deletion", "insertion"
_MOMENT_STEPS = 10
"""Joint-moments are removed in this many steps of equal size; joints are removed one by one."""

Areas = dict[str, dict[str, NDArray[np.float64]]]
"""The areas (N,) of each test, such as `deletion_joints`, by method."""


def areas_of(
    samples: Samples, scores: Mapping[str, Scores], logits: Logits, temperature: float
) -> Areas:
    """Measure deletion and insertion, over joints and joint-moments, of each method's scores."""
    found: dict[str, dict[str, list[float]]] = {}
    for i in steps(range(len(samples.labels)), "deletion and insertion", len(samples.labels)):
        window, label = samples.windows[i], int(samples.labels[i])
        for players in (JOINTS, MOMENTS):
            orders = {name: one[i] for name, one in scores.items()}
            if players == JOINTS:  # Over time its sums hardly differ from those of relevance.
                orders.pop(SMOOTHED, None)
            for test, name, cells in _tests(orders, players):
                shares = probability(logits(removed(window, cells)), label, temperature)
                found.setdefault(f"{test}_{players}", {}).setdefault(name, []).append(area(shares))
    return {
        test: {name: np.array(values) for name, values in by_method.items()}
        for test, by_method in found.items()
    }


def _tests(
    orders: Mapping[str, NDArray[np.float64]], players: str
) -> Iterator[tuple[str, str, BoolArray]]:
    """Each test and method, with the cells (K, T / 4, 18) that are removed step by step."""
    for name, scores in orders.items():
        gone = first_cells(scores, players)
        yield DELETION, name, gone
        yield INSERTION, name, ~gone


def first_cells(scores: NDArray[np.float64], players: str) -> BoolArray:
    """The cells with the highest scores (T / 4, 18), none to all, in K - 1 steps: (K, T / 4, 18).

    Over joints, the scores of a joint are summed, and whole joints are chosen.
    """
    values = scores.sum(axis=0) if players == JOINTS else scores.ravel()
    count = len(values) if players == JOINTS else _MOMENT_STEPS
    place = np.empty(len(values), np.int64)
    place[np.argsort(-values, kind="stable")] = np.arange(len(values))
    limits = np.round(np.linspace(0, len(values), count + 1))
    chosen = place < limits[:, None]  # (K, joints or cells)
    if players == JOINTS:
        return np.broadcast_to(chosen[:, None, :], (len(limits), *scores.shape))
    return chosen.reshape(len(limits), *scores.shape)


def area(shares: FloatArray) -> float:
    """The area under values at equal steps from 0 to 1."""
    return float(np.trapezoid(shares, dx=1 / (len(shares) - 1)))
