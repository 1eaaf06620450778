"""The types that scores and reports share: a model's answers, and the figures of a rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Answers:
    """A model's answers to N test clips, for calibration, confusion and risk-coverage.

    `probabilities` is float32 (N, C), after temperature. `truth` is int64 (N,), indices of
    `labels`. `labels` are the names of the C classes.
    """

    probabilities: NDArray[np.float32]
    truth: NDArray[np.int64]
    labels: Sequence[str]


@dataclass(frozen=True)
class Rate:
    """The names of the figures of a rate: a count of events, and the minutes they were counted in.

    A report also holds the rate per hour and its upper confidence bound, under the names
    `per_hour` and `at_most`.
    """

    count: str
    minutes: str

    @property
    def per_hour(self) -> str:
        """The name of the rate per hour."""
        return f"{self.count}_per_hour"

    @property
    def at_most(self) -> str:
        """The name of the upper 95 % confidence bound of the rate per hour."""
        return f"{self.count}_per_hour_at_most"
