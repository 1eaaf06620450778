"""The results of the live path: predictions, explanations and actions.

Times are nanoseconds on the host's monotonic clock. Numbers are not rounded; `service/wire` rounds
them when it turns events into messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.features import FloatArray

Phase = Literal["start", "update", "end"]


@dataclass(frozen=True, eq=False, slots=True)
class Prediction:
    """The model's prediction for one moment, before the decision stage.

    `sequence` is the number of the frame that made it due, `captured_ns` its time on the model's
    even time grid. `probabilities` is float32 (C,); `label` is the label with the highest.
    """

    stream: str
    body_ids: tuple[int, ...]
    sequence: int
    captured_ns: int
    label: str
    probabilities: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Explanation:
    """The relevance of joints and moments for `label`.

    `relevance` is float64 (R, J): one row for each `step_frames` frames of the window, oldest
    first. Its sum is `logit - reference`, where `reference` is the logit of a person who holds the
    window's mean pose.
    """

    label: str
    logit: float
    reference: float
    relevance: NDArray[np.float64]
    step_frames: int

    @property
    def residual(self) -> float:
        """The difference between `logit - reference` and the sum of the relevance."""
        return self.logit - self.reference - float(self.relevance.sum())

    @property
    def joints(self) -> NDArray[np.float64]:
        """The relevance of each joint, summed over time, float64 (J,)."""
        return np.asarray(self.relevance.sum(axis=0))


@dataclass(frozen=True, slots=True)
class JointShare:
    """A joint and its share of the positive relevance, 0-1."""

    joint: str
    share: float


@dataclass(frozen=True, slots=True)
class Action:
    """The start, an update or the end of an action. Every start is followed by exactly one end.

    `at_ns` is the time of this decision and `started_ns` the estimated start of the action. An end
    also has `ended_ns`, the estimated end of the action, at or before `at_ns`. `joints` are the
    joints with the largest shares of the positive relevance; empty if none were explained yet.
    """

    stream: str
    body_ids: tuple[int, ...]
    label: str
    phase: Phase
    at_ns: int
    started_ns: int
    confidence: float
    joints: tuple[JointShare, ...] = ()
    ended_ns: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Explained:
    """A prediction with its explanation."""

    prediction: Prediction
    explanation: Explanation


Event = Prediction | Explained | Action
"""Any result of the live path."""
