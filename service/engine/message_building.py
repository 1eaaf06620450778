"""What is due becomes messages: one batch through the model, then each body's decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.live.outcomes import Outcome, actions, prediction, rounded
from service.wire.messages import ActionMessage, PredictionMessage, Timings

FloatArray = NDArray[np.float32]


@dataclass(slots=True)
class Stages:
    """What the clock said, in nanoseconds, as one batch went through its stages."""

    clock_ns: Callable[[], int]
    taken_ns: int
    featured_ns: int = 0
    predicted_ns: int = 0
    _shared: tuple[float, float] | None = None

    def timings(self, captured_ns: int) -> Timings:
        """The stages of a message whose frame was captured at `captured_ns`."""
        shared = self._shared
        if shared is None:
            shared = self._shared = (
                milliseconds(self.featured_ns - self.taken_ns),
                milliseconds(self.predicted_ns - self.featured_ns),
            )
        total_ms = milliseconds(self.predicted_ns - captured_ns)
        return Timings(milliseconds(self.taken_ns - captured_ns), *shared, 0.0, total_ms)


def milliseconds(duration_ns: int) -> float:
    """A duration for `Timings`; none is below 0."""
    return round(max(duration_ns, 0) / 1e6, 3)


def messages(
    outcomes: Sequence[Outcome], card: ModelCard, stages: Stages
) -> list[PredictionMessage | ActionMessage]:
    """What outcomes have to say at once: no action waits for its joints."""
    told: list[PredictionMessage | ActionMessage] = []
    rows = iter(rounded(outcomes))
    for outcome in outcomes:
        timings = Timings()
        if outcome.due is not None:
            timings = stages.timings(outcome.due.captured_ns)
            told.append(prediction(outcome.due, next(rows), card, timings))
        if outcome.decisions:
            told += actions(outcome, card, timings)
    return told
