"""Which joints' movement made a label: the model's answer as it goes on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.live.events import JointShare, Relevance
from sensor.skeleton import LAYOUTS

FloatArray = NDArray[np.float32]
TOP_JOINTS = 5


class Explained(Protocol):
    """Relevance float32 (N, R, J) that adds up to logit (N,) - reference (N,)."""

    @property
    def relevance(self) -> FloatArray: ...  # noqa: D102
    @property
    def logit(self) -> FloatArray: ...  # noqa: D102
    @property
    def reference(self) -> FloatArray: ...  # noqa: D102


class Explains(Protocol):
    """A model that can say why; `models.recognizer.Recognizer` is one."""

    @property
    def card(self) -> ModelCard: ...  # noqa: D102

    def explain(self, windows: FloatArray, labels: NDArray[np.int64]) -> Explained:
        """Which joints' movement makes `labels` (N,) of the windows (N, T, J, 4)."""
        ...


def explain_windows(
    model: Explains, windows: Sequence[FloatArray], labels: Sequence[int]
) -> list[Relevance]:
    """Why windows, float32 (T, J, 4) each, have these labels, given by their index."""
    answer = model.explain(np.stack(windows), np.array(labels, np.int64))
    step_frames = model.card.window_frames // answer.relevance.shape[1]
    return [
        _relevance(
            model.card.labels[label],
            answer.relevance[i].astype(np.float64),
            float(answer.logit[i]),
            float(answer.reference[i]),
            step_frames,
        )
        for i, label in enumerate(labels)
    ]


def _relevance(
    label: str, values: NDArray[np.float64], logit: float, reference: float, step_frames: int
) -> Relevance:
    return Relevance(
        label=label,
        logit=round(logit, 6),
        reference=round(reference, 6),
        residual=round(logit - reference - float(values.sum()), 9),
        step_frames=step_frames,
        joints=np.round(values.sum(axis=0), 6).tolist(),
        map=np.round(values, 6).tolist(),
    )


def top_joints(relevance: Relevance, card: ModelCard) -> list[JointShare]:
    """The joints with most of the positive relevance, and their shares of all of it."""
    names = LAYOUTS[card.layout].joints
    positive = np.maximum(np.asarray(relevance.joints, np.float64), 0.0)
    total = float(positive.sum())
    order = np.argsort(-positive, kind="stable")[:TOP_JOINTS]
    return [
        JointShare(names[i], round(float(positive[i]) / total, 4)) for i in order if positive[i] > 0
    ]
