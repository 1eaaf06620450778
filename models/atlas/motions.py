"""The averaged motions of the classes, as a served model reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.card import ModelCard
from models.features import CANONICAL_PICKS, STRIDE_FRAMES, FloatArray, IntArray, clip_features
from models.gallery.exemplars import Exemplars

_BETWEEN_FRAMES = 2 * STRIDE_FRAMES
"""From one window that is read to the next."""


@dataclass(frozen=True, eq=False)
class Motion:
    """The averaged motion of a class: its features, float32 (T, J, K)."""

    label: str
    features: FloatArray

    def windows(self, frames: int) -> tuple[FloatArray, IntArray]:
        """Windows (N, frames, J, K) and the frame (N,) at which each ends, the last at the end.

        Before the first frame, the first pose is held still.
        """
        count = len(self.features)
        ends = np.arange(count - 1, -1, -_BETWEEN_FRAMES)[::-1]
        held = np.repeat(self.features[:1], frames - 1, axis=0)
        padded = np.concatenate([held, self.features])
        return np.stack([padded[end : end + frames] for end in ends]), ends


def motions_of(exemplars: Exemplars, card: ModelCard) -> list[Motion]:
    """The averaged motion of each class that has one."""
    return [
        Motion(label, _features(clip[:, CANONICAL_PICKS], card))
        for label, clip in zip(exemplars.labels, exemplars.clips, strict=True)
    ]


def _features(joints_m: FloatArray, card: ModelCard) -> FloatArray:
    seen = np.ones((1, *joints_m.shape[:2]), bool)
    features: FloatArray = clip_features(joints_m[None], seen, card.features)[0]
    return features
