"""Removes joints from a window: a joint that is removed takes its mean pose of the window.

This is the reference of the served relevance, and it keeps the body plausible: the joint stands
still where it mostly was. A joint that is removed for some moments moves there and back within
`FADE_FRAMES`, because a jump would itself be a strong motion.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.features import STRIDE_FRAMES, BoolArray, FloatArray
from models.inference.recognizer import Recognizer, softmax

Logits = Callable[[FloatArray], FloatArray]
"""Classifies windows float32 (N, T, 18, 4): logits float32 (N, C), for any N."""
FADE_FRAMES = 9
"""Frames in which a joint moves to its mean pose and back. Chosen by hand: 0.3 s."""
BATCH = 64
"""Windows of one batch."""


def batched(logits: Logits) -> Logits:
    """Run a classifier in batches."""

    def run(windows: FloatArray) -> FloatArray:
        parts = [logits(windows[i : i + BATCH]) for i in range(0, len(windows), BATCH)]
        return np.concatenate(parts)

    return run


def served_logits(recognizer: Recognizer) -> Logits:
    """The logits of the served model, in batches."""
    return batched(recognizer.logits)


def removed(window: FloatArray, cells: BoolArray) -> FloatArray:
    """Remove cells (K, T / 4, 18) from a window (T, 18, 4): float32 (K, T, 18, 4)."""
    share = _faded(np.repeat(cells, STRIDE_FRAMES, axis=1))[..., None]
    return np.asarray(window + share * (window.mean(axis=0) - window), np.float32)


def _faded(gone: BoolArray) -> FloatArray:
    """How far each joint has moved to its mean pose, 0 to 1: a running mean of (K, T, 18)."""
    aside = FADE_FRAMES // 2
    padded = np.pad(gone.astype(np.float32), ((0, 0), (aside, aside), (0, 0)), mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, FADE_FRAMES, axis=1)
    return np.asarray(views.mean(axis=-1), np.float32)


def removed_joints(window: FloatArray, joints: BoolArray) -> FloatArray:
    """Remove joints (K, 18) from the whole of a window: float32 (K, T, 18, 4)."""
    return np.where(joints[:, None, :, None], window.mean(axis=0), window)


def probability(logits: FloatArray, label: int, temperature: float) -> FloatArray:
    """The probability of one class, (N,), from logits (N, C)."""
    return softmax(logits / np.float32(temperature))[:, label]
