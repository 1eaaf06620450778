"""Elastic averages of motions: DTW barycentre averaging (Petitjean, Ketterlin and Gancarski 2011).

An average at equal times would blur what people do at different paces. Here each motion is first
aligned to the average by dynamic time warping, then averaged along the alignment, a few times
over.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.features import FloatArray

ROUNDS = 6


def smoothed(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Each of values (T,) averaged over five, the ends held."""
    return np.convolve(np.pad(values, 2, mode="edge"), np.ones(5) / 5, "valid")


def resampled(motion: FloatArray, frames: int) -> FloatArray:
    """A motion (T, ...) stretched or pressed to `frames` by linear interpolation."""
    return at_times(motion, np.linspace(0, len(motion) - 1, frames))


def at_times(motion: FloatArray, frames: NDArray[np.float64]) -> FloatArray:
    """A motion (T, ...) at fractional frames (N,) from 0 on, by linear interpolation: (N, ...)."""
    last = len(motion) - 1
    low = np.minimum(frames.astype(int), max(last - 1, 0))
    part = (frames - low).reshape(-1, *[1] * (motion.ndim - 1)).astype(np.float32)
    mixed: FloatArray = motion[low] * (1 - part) + motion[np.minimum(low + 1, last)] * part
    return mixed


def warp_cost(average: FloatArray, motions: FloatArray) -> NDArray[np.float64]:
    """Accumulated DTW costs of (T, D) against each of (N, T, D): (N, T + 1, T + 1), row: average.

    Steps are (1, 1), (1, 0) and (0, 1), squared distances (Sakoe and Chiba 1978).
    """
    count, frames = len(motions), len(average)
    far = ((average[None, :, None] - motions[:, None]) ** 2).sum(axis=3)  # (N, T, T)
    cost = np.full((count, frames + 1, frames + 1), np.inf)
    cost[:, 0, 0] = 0
    for total in range(2, 2 * frames + 1):  # anti-diagonals: each depends on the two before
        i = np.arange(max(1, total - frames), min(frames, total - 1) + 1)
        j = total - i
        before = np.minimum(np.minimum(cost[:, i - 1, j], cost[:, i, j - 1]), cost[:, i - 1, j - 1])
        cost[:, i, j] = far[:, i - 1, j - 1] + before
    return cost


def warp_path(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """The cheapest path through one (T + 1, T + 1) table, from its end to its start."""
    i, j = cost.shape[0] - 1, cost.shape[1] - 1
    path = []
    while i > 0 and j > 0:
        path.append((i - 1, j - 1))
        ways = ((i - 1, j - 1), (i - 1, j), (i, j - 1))
        i, j = min(ways, key=lambda way: cost[way])
    return path


def elastic_average(motions: Sequence[FloatArray], rounds: int = ROUNDS) -> FloatArray:
    """The DTW barycentre of motions (T_n, J, 3): float32 (median of T_n, J, 3).

    Starts from the motion that is nearest to all others. Raises ValueError without motions.
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
    """The motion whose DTW costs to all others are smallest in sum."""
    sums = [warp_cost(motion, flat)[:, -1, -1].sum() for motion in flat]
    return int(np.argmin(sums))
