"""Dynamic time warping (DTW) of motions, and averages of motions along it.

A plain average at equal times blurs an action that people do at different paces. The elastic
average is DTW barycentre averaging (Petitjean, Ketterlin and Gancarski 2011): align each motion
to the average by DTW, average along the alignment, and repeat.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.features import FloatArray
from models.motion import resampled

ROUNDS = 6
"""Rounds of alignment and averaging. Chosen by hand: no measurement is recorded."""


def warp_cost(average: FloatArray, motions: FloatArray) -> NDArray[np.float64]:
    """Accumulated DTW costs between one motion (T, D) and each of N motions (N, T, D).

    Returns (N, T + 1, T + 1): rows are frames of `average`, columns frames of the other motion.
    Row 0 and column 0 stand before the first frame. Steps are (1, 1), (1, 0) and (0, 1), the
    local cost is the squared distance (Sakoe and Chiba 1978).
    """
    count, frames = len(motions), len(average)
    far = ((average[None, :, None] - motions[:, None]) ** 2).sum(axis=3)  # (N, T, T)
    cost = np.full((count, frames + 1, frames + 1), np.inf)
    cost[:, 0, 0] = 0
    for total in range(2, 2 * frames + 1):  # anti-diagonals: each depends on the two before it
        i = np.arange(max(1, total - frames), min(frames, total - 1) + 1)
        j = total - i
        before = np.minimum(np.minimum(cost[:, i - 1, j], cost[:, i, j - 1]), cost[:, i - 1, j - 1])
        cost[:, i, j] = far[:, i - 1, j - 1] + before
    return cost


def warp_path(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The cheapest path through one (T + 1, T + 1) table of `warp_cost`, from end to start.

    Each step is a pair of matching frames, counted from 0.
    """
    i, j = cost.shape[0] - 1, cost.shape[1] - 1
    path = []
    while i > 0 and j > 0:
        path.append((i - 1, j - 1))
        ways = ((i - 1, j - 1), (i - 1, j), (i, j - 1))
        i, j = min(ways, key=lambda way: cost[way])
    return path


def elastic_average(motions: Sequence[FloatArray], rounds: int = ROUNDS) -> FloatArray:
    """The DTW barycentre of motions (T_n, J, 3): float32 (T, J, 3), T the median of all T_n.

    Starts from the medoid, the motion with the least total DTW cost to all others. Raises
    ValueError without motions.
    """
    if not motions:
        raise ValueError("no motions to average")
    frames = int(np.median([len(motion) for motion in motions]))
    even = np.stack([resampled(motion, frames) for motion in motions])
    flat = even.reshape(len(even), frames, -1)
    average = flat[_medoid(flat)]
    for _ in range(rounds):
        costs = warp_cost(average, flat)
        total, count = np.zeros_like(average), np.zeros((frames, 1), np.float32)
        for motion, cost in zip(flat, costs, strict=True):
            mine, its = np.array(warp_path(cost)).T
            np.add.at(total, mine, motion[its])
            np.add.at(count, mine, 1)
        average = total / count
    return np.asarray(average.reshape(frames, *even.shape[2:]), np.float32)


def _medoid(flat: FloatArray) -> int:
    """The index of the motion with the least total DTW cost to all others, `flat` (N, T, D)."""
    sums = [warp_cost(motion, flat)[:, -1, -1].sum() for motion in flat]
    return int(np.argmin(sums))
