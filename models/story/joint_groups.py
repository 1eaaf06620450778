"""The joints that a first-layer unit reads most, by the weights of its filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.features import FloatArray

CARRIED = 0.5
"""The joints of a group carry this share of a filter's squared norm."""


@dataclass(frozen=True)
class JointGroup:
    """The joints that carry most of a filter's squared norm, largest first, with their shares."""

    joints: tuple[str, ...]
    shares: tuple[float, ...]


def joint_groups(kernel: FloatArray, joints: Sequence[str]) -> list[JointGroup]:
    """The group of each of the U units of a kernel (U, J, K, taps), given the J joints' names.

    It has the fewest joints that carry `CARRIED` of the squared norm; none for a filter of zeros.
    """
    squared = np.square(kernel.astype(np.float64)).sum(axis=(2, 3))  # (U, J)
    shares = squared / np.maximum(squared.sum(axis=1, keepdims=True), 1e-30)
    groups = []
    for row in shares:
        order = np.argsort(-row, kind="stable")
        count = int((np.cumsum(row[order]) < CARRIED).sum()) + 1
        picked = [i for i in order[:count] if row[i] > 0]
        groups.append(
            JointGroup(tuple(joints[i] for i in picked), tuple(float(row[i]) for i in picked))
        )
    return groups
