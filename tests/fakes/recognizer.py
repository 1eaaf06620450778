"""A model without a file: its label is the raised hand, and so is the relevance."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard, Thresholds
from models.features import JOINTS_USED, FeatureSettings
from models.inference.window_stepper import WindowStepper
from sensor.skeleton import KINECT_V2, FloatArray

LABELS = ["background", "raise_right", "raise_left"]
HANDS = ["HandRight", "HandLeft"]
BINS = 12

CARD = ModelCard(
    id="fake",
    labels=LABELS,
    background="background",
    layout="kinect-v2",
    joints_used=JOINTS_USED,
    actors=1,
    rate_hz=30.0,
    window_frames=48,
    receptive_frames=40,
    stride_frames=4,
    features=FeatureSettings(),
    trained_on=[],
    scores={},
    temperature=1.0,
    thresholds=Thresholds(),
    relevance="exact",
    sha256="",
)


@dataclass(frozen=True, eq=False)
class FakeExplanation:
    relevance: FloatArray
    logit: FloatArray
    reference: FloatArray


class FakeRecognizer:
    """A model for tests. `broken` makes it fail to predict, `mute` makes it fail to explain.

    `calls` are the sizes of the predicted batches, `explained` those of the explained ones.
    """

    provider = "fake"

    def __init__(self, thresholds: Thresholds | None = None) -> None:
        self.card = CARD
        if thresholds is not None:
            self.card = msgspec.structs.replace(CARD, thresholds=thresholds)
        self.calls: list[int] = []
        self.explained: list[int] = []
        self.broken = False
        self.mute = False

    def _logits(self, windows: FloatArray) -> FloatArray:
        picks = [JOINTS_USED.index(name) for name in HANDS]
        heights = [window[-8:, picks, 1].mean(axis=0) for window in windows]
        rows = [(2.0, 12 * right, 12 * left) for right, left in heights]
        return np.array(rows, np.float32)

    def logits(self, windows: FloatArray) -> FloatArray:
        if self.broken:
            raise RuntimeError("the fake model is broken")
        self.calls.append(len(windows))
        return self._logits(windows)

    def steps(self) -> WindowStepper:
        return WindowStepper(self, capacity=1)

    def explain(self, windows: FloatArray, labels: NDArray[np.int64]) -> FakeExplanation:
        if self.mute:
            raise RuntimeError("the fake model cannot explain")
        self.explained.append(len(windows))
        logit = self._logits(windows)[np.arange(len(labels)), labels]
        relevance = np.zeros((len(windows), BINS, len(KINECT_V2.joints)), np.float32)
        for i, label in enumerate(labels):
            hand = HANDS[max(int(label) - 1, 0)]
            relevance[i, :, KINECT_V2.index[hand]] = logit[i] / BINS
        return FakeExplanation(relevance, logit, np.zeros_like(logit))


def load_fake(folder: str | None) -> tuple[FakeRecognizer, None]:
    """Load the fake model for uploaded clips; it needs no folder and has no exemplars."""
    return FakeRecognizer(), None
