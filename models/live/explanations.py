"""Explains labels by the relevance of each joint and moment, which the model computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.live.events import Explanation, JointShare
from sensor.skeleton import LAYOUTS

FloatArray = NDArray[np.float32]
TOP_JOINTS = 5
"""An action names at most this many joints."""


class Relevances(Protocol):
    """Relevance float32 (N, R, J) of N windows; each sums up to logit (N,) - reference (N,)."""

    @property
    def relevance(self) -> FloatArray: ...  # noqa: D102
    @property
    def logit(self) -> FloatArray: ...  # noqa: D102
    @property
    def reference(self) -> FloatArray: ...  # noqa: D102


class Explains(Protocol):
    """A model with relevance; `models.inference.recognizer.Recognizer` is one."""

    @property
    def card(self) -> ModelCard: ...  # noqa: D102

    def explain(self, windows: FloatArray, labels: NDArray[np.int64]) -> Relevances:
        """Explain one label of each window: indices (N,) and float32 (N, T, J, 4)."""
        ...


def explain_windows(
    model: Explains, windows: Sequence[FloatArray], labels: Sequence[int]
) -> list[Explanation]:
    """Explain one label, given by its index, of each window, float32 (T, J, 4)."""
    answer = model.explain(np.stack(windows), np.array(labels, np.int64))
    step_frames = model.card.window_frames // answer.relevance.shape[1]
    return [
        Explanation(
            model.card.labels[label],
            float(answer.logit[i]),
            float(answer.reference[i]),
            answer.relevance[i].astype(np.float64),
            step_frames,
        )
        for i, label in enumerate(labels)
    ]


def top_joints(explanation: Explanation, card: ModelCard) -> tuple[JointShare, ...]:
    """Return the joints with the largest shares of the positive relevance, largest first.

    Shares are computed from relevance rounded as in a message, so that a client gets the same.
    """
    names = LAYOUTS[card.layout].joints
    positive = np.maximum(np.round(explanation.joints, 6), 0.0)
    total = float(positive.sum())
    order = np.argsort(-positive, kind="stable")[:TOP_JOINTS]
    return tuple(JointShare(names[i], float(positive[i]) / total) for i in order if positive[i] > 0)
