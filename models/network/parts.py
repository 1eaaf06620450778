"""The way from a held pose to a window, cut into parts."""

from __future__ import annotations

import torch
from torch import Tensor

from models.network.multipliers import Pair


class Way:
    """S parts of the way from the held poses to N windows.

    A value at the ends of all parts is (S N, ...): all windows at the end of the first part, then
    all at the end of the second, and so on. `cuts` (S,) are the ends, 1 the last one.
    """

    def __init__(self, cuts: Tensor, count: int) -> None:
        self._cuts, self._count = cuts, count
        rows = torch.arange(cuts.shape[0] * count)
        self._window = torch.arange(count).expand(cuts.shape[0], count).flatten()
        self._begins = (rows < count)[:, None, None]
        self._before = (rows - count).clamp_min(0)

    def points(self, x: Tensor, held: Tensor) -> Tensor:
        """The ends of all parts, (S N, D, F), from windows (N, D, F) and poses (N, D, 1)."""
        return (held + self._cuts[:, None, None, None] * (x - held)).flatten(0, 1)

    def repeated(self, value: Tensor) -> Tensor:
        """A value of each window (N, ...) for all parts, (S N, ...)."""
        return value[self._window]

    def ends(self, pair: Pair) -> Pair:
        """The end and the beginning of each part, (S N, C, F) each.

        The pair holds a value at the ends of all parts, (S N, C, F), and at the pose, (N, C, 1).
        """
        ends, held = pair
        return ends, torch.where(self._begins, held[self._window], ends[self._before])

    def mean(self, multipliers: Tensor) -> Tensor:
        """The mean of the parts' multipliers by their lengths: (S N, C, F) to (N, C, F)."""
        lengths = torch.diff(self._cuts, prepend=torch.zeros_like(self._cuts[:1]))
        return (self._apart(multipliers) * lengths[:, None, None, None]).sum(dim=0)

    def last(self, value: Tensor) -> Tensor:
        """A value at the window itself: (S N, ...) to (N, ...)."""
        return value[value.shape[0] - self._count :]

    def total(self, value: Tensor) -> Tensor:
        """The sum over the parts: (S N, ...) to (N, ...)."""
        return self._apart(value).sum(dim=0)

    def _apart(self, value: Tensor) -> Tensor:
        return torch.unflatten(value, 0, (self._cuts.shape[0], self._count))
