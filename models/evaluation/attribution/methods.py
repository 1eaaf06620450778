"""Scores of joints and moments that need no gradients: served relevance, motion energy, chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.evaluation.attribution.removal import BATCH
from models.features import CANONICAL_PICKS, STRIDE_FRAMES, FloatArray, IntArray
from models.inference.recognizer import Explanation, Recognizer

Scores = NDArray[np.float64]
"""Scores of N windows by moment and joint, (N, T / 4, 18)."""

RELEVANCE, MOTION, RANDOM = "relevance", "motion energy", "random"
CAM, GRAD_CAM, GRADIENT, INTEGRATED = "cam", "grad-cam", "gradient x input", "integrated gradients"
SMOOTHED = "relevance over 1.2 s"
SMOOTHED_MOMENTS = 9
"""The moments of the running mean of `SMOOTHED`. Chosen by hand among 3, 5, 9 and 15."""
METHODS = (RELEVANCE, SMOOTHED, INTEGRATED, GRADIENT, GRAD_CAM, CAM, MOTION, RANDOM)
"""All methods, in the order of the report."""


def explain(recognizer: Recognizer, windows: FloatArray, labels: IntArray) -> Explanation:
    """Explain one class (N,) of each of N windows, in batches."""
    parts = [
        recognizer.explain(windows[i : i + BATCH], labels[i : i + BATCH])
        for i in range(0, len(windows), BATCH)
    ]
    return Explanation(
        np.concatenate([part.relevance for part in parts]),
        np.concatenate([part.logit for part in parts]),
        np.concatenate([part.reference for part in parts]),
    )


def relevance(recognizer: Recognizer, windows: FloatArray, labels: IntArray) -> Scores:
    """The relevance that the model serves."""
    wide = explain(recognizer, windows, labels).relevance
    return np.asarray(wide[:, :, CANONICAL_PICKS], np.float64)


def smoothed(scores: Scores) -> Scores:
    """The running mean of each joint over `SMOOTHED_MOMENTS` moments, which is for moments only.

    The split over the taps of filters changes its sign from one moment to the next.
    """
    aside = SMOOTHED_MOMENTS // 2
    padded = np.pad(scores, ((0, 0), (aside, aside), (0, 0)), mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, SMOOTHED_MOMENTS, axis=1)
    return np.asarray(views.mean(axis=-1))


def motion_energy(windows: FloatArray) -> Scores:
    """The squared speed of each joint, in features (body size per frame)."""
    speed = np.diff(windows[..., :3].astype(np.float64), axis=1, prepend=windows[:, :1, :, :3])
    return by_moment((speed**2).sum(axis=-1))


def chance(windows: FloatArray, rng: np.random.Generator) -> Scores:
    """Random scores."""
    count, frames, joints, _ = windows.shape
    return rng.random((count, frames // STRIDE_FRAMES, joints))


def by_moment(scores: NDArray[np.floating]) -> Scores:
    """Sum scores of frames (N, T, 18) over each four frames."""
    count, frames, joints = scores.shape
    return np.asarray(
        scores.reshape(count, frames // STRIDE_FRAMES, STRIDE_FRAMES, joints).sum(axis=2),
        np.float64,
    )
