"""`BodyWindow`: the newest features of one body, and when the next prediction is due."""

from __future__ import annotations

import numpy as np

from models.card import ModelCard
from models.features import CHANNELS, FeatureStream, FloatArray


class BodyWindow:
    """The sliding window of one body, at the card's rate.

    Before the first frame it holds the first pose still, as the network does.
    """

    def __init__(self, card: ModelCard) -> None:
        self._stride = card.stride_frames
        self._frames = card.window_frames
        # Twice as long, and each frame written twice: the window is then one slice, never moved.
        self._ring = np.zeros((2 * self._frames, len(card.joints_used), CHANNELS), np.float32)
        self._features = FeatureStream(card.features)
        self._count = 0

    def reset(self) -> None:
        """Forget the body: the next frame is the first."""
        self._features.reset()
        self._count = 0

    def push(self, joints_m: FloatArray, confidence: FloatArray) -> bool:
        """Add one frame, float32 (25, 3) metres and (25,); True when a prediction is due."""
        features = self._features.step(joints_m, confidence)
        if self._count == 0:
            self._ring[:] = features
        at = self._count % self._frames
        self._ring[at] = self._ring[at + self._frames] = features
        self._count += 1
        return self._count % self._stride == 0

    def input(self) -> FloatArray:
        """The network's input, float32 (T, J, 4), the newest frame last. A copy."""
        end = (self._count - 1) % self._frames + self._frames + 1
        return self._ring[end - self._frames : end].copy()
