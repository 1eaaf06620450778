"""Shapley values of joints, estimated by sampled permutations (Castro et al. 2009).

Joints are the players; those that do not play keep their mean pose. The value is the logit.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.evaluation.attribution.removal import Logits, removed_joints
from models.evaluation.attribution.samples import Samples
from models.features import FloatArray, IntArray
from models.progress import steps

PERMUTATIONS = 200
"""Half of them are the other half backwards, which lowers the variance."""
_AT_ONCE = 4


def shapley_values(
    window: FloatArray,
    label: int,
    logits: Logits,
    rng: np.random.Generator,
    permutations: int,
) -> NDArray[np.float64]:
    """The Shapley value of each joint of a window (T, 18, 4) for the logit of a class, (18,).

    The values add up to the logit minus that of the mean pose.
    """
    joints = window.shape[1]
    nothing, everything = np.ones((1, joints), bool), np.zeros((1, joints), bool)
    ends = logits(removed_joints(window, np.concatenate([nothing, everything])))[:, label]
    total = np.zeros(joints)
    for orders in _orders(joints, permutations, rng):
        place = orders.argsort(axis=1)  # (P, 18)
        absent = place[:, None, :] >= np.arange(1, joints)[:, None]  # (P, 17, 18)
        between = logits(removed_joints(window, absent.reshape(-1, joints)))[:, label]
        values = np.empty((len(orders), joints + 1))
        values[:, 0], values[:, -1] = ends
        values[:, 1:-1] = between.reshape(len(orders), -1)
        np.add.at(total, orders, np.diff(values, axis=1))
    return total / permutations


def _orders(joints: int, permutations: int, rng: np.random.Generator) -> Iterator[IntArray]:
    """Yield random orders of joints, and each of them backwards: (2 * `_AT_ONCE` or less, 18)."""
    for first in range(0, permutations // 2, _AT_ONCE):
        count = min(_AT_ONCE, permutations // 2 - first)
        orders = np.array([rng.permutation(joints) for _ in range(count)])
        yield np.concatenate([orders, orders[:, ::-1]])


def sampled_shapley(
    samples: Samples, logits: Logits, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The Shapley values of the joints of N samples, (N, 18)."""
    count = len(samples.labels)
    pairs = zip(samples.windows, samples.labels, strict=True)
    return np.array(
        [
            shapley_values(window, int(label), logits, rng, PERMUTATIONS)
            for window, label in steps(pairs, "Shapley values", count)
        ]
    ).reshape(count, samples.windows.shape[2])
