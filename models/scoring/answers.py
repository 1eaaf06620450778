"""Counts of right and wrong answers, and rates made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Answers:
    """A model's answers to N test clips or moments, for calibration, confusion and coverage.

    `probabilities` float32 (N, C) after temperature, `truth` int64 (N,), `labels` the C names.
    """

    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    labels: Sequence[str]


@dataclass(frozen=True)
class Rate:
    """How often something happens, by the names of its figures: how many, and in how many minutes.

    Beside these stand the rate an hour, and the highest one that so short a time does not rule out.
    """

    count: str
    minutes: str

    @property
    def per_hour(self) -> str:
        """The name of the rate."""
        return f"{self.count}_per_hour"

    @property
    def at_most(self) -> str:
        """The name of its upper 95 % bound."""
        return f"{self.count}_per_hour_at_most"
