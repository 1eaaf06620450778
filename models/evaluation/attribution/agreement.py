"""How the served relevance agrees with itself on noisy and mirrored clips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.datasets.pieces import Piece
from models.evaluation.attribution.methods import Scores, relevance
from models.evaluation.attribution.samples import Samples
from models.features import IntArray
from models.inference.recognizer import Recognizer
from models.mirroring import MIRROR_INDEX, Mirror, mirror_bodies
from models.scoring.clip_answers import last_windows

Values = NDArray[np.float64]


def under_noise(
    recognizer: Recognizer,
    samples: Samples,
    scores: Scores,
    deviation_m: float,
    rng: np.random.Generator,
) -> Values:
    """The rank correlation of joints with those of the same clips with noise.

    The noise is independent on each axis of each joint and frame.
    """
    noisy = [_with_noise(piece, deviation_m, rng) for piece in samples.pieces]
    windows = last_windows(noisy, recognizer.card)
    return rank_correlations(
        by_joint(scores), by_joint(relevance(recognizer, windows, samples.labels))
    )


def _with_noise(piece: Piece, deviation_m: float, rng: np.random.Generator) -> Piece:
    noise = rng.normal(0, deviation_m, piece.joints_m.shape).astype(np.float32)
    return replace(piece, joints_m=piece.joints_m + noise)


def mirrored(recognizer: Recognizer, samples: Samples, scores: Scores) -> tuple[Scores, Scores]:
    """The scores of clips, and those of the mirrored clips, mirrored back.

    Clips of classes without a mirrored class are left out.
    """
    labels = Mirror.of(recognizer.card.labels).labels[samples.labels]
    named = labels >= 0
    pieces = [_mirrored(piece) for piece in samples.where(named).pieces]
    if not pieces:
        return scores[:0], scores[:0]
    windows = last_windows(pieces, recognizer.card)
    there = relevance(recognizer, windows, labels[named])[:, :, MIRROR_INDEX]
    return scores[named], there


def _mirrored(piece: Piece) -> Piece:
    measured = piece.measured[MIRROR_INDEX]
    return replace(piece, joints_m=mirror_bodies(piece.joints_m), measured=measured)


def by_joint(scores: Scores) -> Values:
    """The sum of each joint over time, (N, 18)."""
    return np.asarray(scores.sum(axis=1))


def top_joints(scores: Scores) -> IntArray:
    """The joint with the highest sum of each window, (N,)."""
    return np.asarray(by_joint(scores).argmax(axis=1), np.int64)


def correlations(first: Values, second: Values) -> Values:
    """Pearson's correlation of each of N pairs of arrays (N, ...); 0 if one does not vary."""
    a, b = (one.reshape(len(one), -1) - one.reshape(len(one), -1).mean(1, keepdims=True)
            for one in (first, second))  # fmt: skip
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.where(size > 0, (a * b).sum(axis=1) / np.where(size > 0, size, 1.0), 0.0)


def rank_correlations(first: Values, second: Values) -> Values:
    """Spearman's rank correlation of each of N pairs of rows (N, K)."""
    return correlations(_ranks(first), _ranks(second))


def _ranks(values: Values) -> Values:
    """The rank of each value in its row; equal values share their mean rank."""
    ranks = np.empty(values.shape)
    for row, out in zip(values, ranks, strict=True):
        _, place, count = np.unique(row, return_inverse=True, return_counts=True)
        out[:] = (np.cumsum(count) - (count - 1) / 2)[place]
    return ranks
