"""Score functions: calibration, risk-coverage, AUROC, confusion, segments, rates. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.scoring.answers import Answers, Rate

BINS = 15
"""Bins of the expected calibration error, as in Guo et al. 2017."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Confidence and accuracy of answers in B bins of equal width from 0 to 1.

    `count` is int64 (B,). `confidence` and `accuracy` are the means of each bin, float64 (B,), NaN
    in an empty bin. `error` is the expected calibration error (ECE): the mean gap between
    confidence and accuracy, weighted by count.
    """

    count: IntArray
    confidence: FloatArray
    accuracy: FloatArray
    error: float


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The share of wrong answers (risk) for every share of answers kept (coverage).

    `coverage` and `risk` are float64 (N,). Row i keeps the i + 1 most confident answers. `area` is
    the mean risk over all coverages (AURC: Geifman, Uziel and El-Yaniv 2019).
    """

    coverage: FloatArray
    risk: FloatArray
    area: float


@dataclass(frozen=True)
class Matches:
    """Counts of segments found, false and missed. Counts of several streams can be added."""

    found: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: Matches) -> Matches:
        return Matches(
            self.found + other.found, self.false + other.false, self.missed + other.missed
        )

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 if there are no segments at all."""
        total = 2 * self.found + self.false + self.missed
        return 2 * self.found / total if total else 1.0


def confidence_of(answers: Answers) -> tuple[FloatArray, BoolArray]:
    """Return the confidence of each top label, float64 (N,), and whether it is right, bool (N,)."""
    top = answers.probabilities.argmax(axis=1)
    return answers.probabilities.max(axis=1).astype(np.float64), top == answers.truth


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = BINS) -> Reliability:
    """Compute the calibration of N answers (Guo et al. 2017, section 2).

    `confidence` is (N,), 0 to 1. `right` is (N,), true for a right answer. Bin b holds the answers
    with a confidence in (b / bins, (b + 1) / bins].
    """
    confidences, correct = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    bin_of = np.clip(np.ceil(confidences * bins).astype(np.int64) - 1, 0, bins - 1)
    count = np.bincount(bin_of, minlength=bins)
    divisor = np.where(count > 0, count, np.nan)
    mean_confidence = np.bincount(bin_of, confidences, bins) / divisor
    accuracy = np.bincount(bin_of, correct, bins) / divisor
    gaps = np.abs(mean_confidence - accuracy)[count > 0]
    error = float((gaps * count[count > 0]).sum() / max(len(confidences), 1))
    return Reliability(count, mean_confidence, accuracy, error)


def risk_coverage(confidence: ArrayLike, right: ArrayLike) -> RiskCoverage:
    """Compute the risk of keeping only answers above a confidence, for every such threshold.

    `confidence` is (N,), `right` is (N,), true for a right answer. Answers of equal confidence are
    kept together.
    """
    confidences, correct = np.asarray(confidence, np.float64), np.asarray(right, bool)
    order = np.argsort(-confidences, kind="stable")
    kept = np.arange(1, len(confidences) + 1)
    wrong = np.cumsum(~correct[order])
    # Equal confidences have no order: each gets the risk of keeping all of them.
    values, first, size = np.unique(-confidences[order], return_index=True, return_counts=True)
    last = np.repeat(first + size - 1, size) if len(values) else np.zeros(0, np.int64)
    risk = (wrong / np.maximum(kept, 1))[last]
    area = float(risk.mean()) if len(risk) else 0.0
    return RiskCoverage(kept / max(len(confidences), 1), risk, area)


def auroc(unknown: ArrayLike, known: ArrayLike) -> float:
    """Compute the area under the ROC curve from the rank sum.

    It is the probability that a score of `unknown`, (N,), is higher than one of `known`, (M,); ties
    count half. Raises ValueError if either is empty.
    """
    positive, negative = np.asarray(unknown, np.float64), np.asarray(known, np.float64)
    if not len(positive) or not len(negative):
        raise ValueError("auroc needs scores of both unknown and known answers")
    values = np.concatenate([positive, negative])
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    won = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(won / (len(positive) * len(negative)))


def confusion(truth: IntArray, predicted: IntArray, classes: int) -> IntArray:
    """Count how often each true class (row) was predicted as each class (column), int64 (C, C)."""
    return np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)


def frame_accuracy(predicted: Sequence[str], truth: Sequence[str]) -> float:
    """Return the share of frames with the true label; 1 if there are no frames."""
    return float(np.mean(np.asarray(predicted) == np.asarray(truth))) if len(truth) else 1.0


def segments(labels: Sequence[str], background: str) -> list[tuple[str, int, int]]:
    """Return the runs of equal labels as (label, first frame, frame after the last).

    Background is left out.
    """
    found: list[tuple[str, int, int]] = []
    start = 0
    for i in range(1, len(labels) + 1):
        if i == len(labels) or labels[i] != labels[start]:
            if labels[start] != background:
                found.append((labels[start], start, i))
            start = i
    return found


def match_segments(
    predicted: Sequence[str], truth: Sequence[str], overlap: float, background: str
) -> Matches:
    """Match the segments of two label sequences of equal length (Lea et al. 2017, section 4.1).

    Each predicted segment is compared with the true segment of its label that it overlaps most,
    by intersection over union. It counts as found if that overlap is at least `overlap` and no
    earlier predicted segment found the same true segment.
    """
    true = segments(truth, background)
    taken = [False] * len(true)
    found = false = 0
    for label, start, end in segments(predicted, background):
        shares = [
            max(min(end, e) - max(start, s), 0) / (max(end, e) - min(start, s))
            if name == label
            else 0.0
            for name, s, e in true
        ]
        best = int(np.argmax(shares)) if shares else -1
        if best >= 0 and shares[best] >= overlap and not taken[best]:
            taken[best] = True
            found += 1
        else:
            false += 1
    return Matches(found, false, len(true) - sum(taken))


def rate_figures(rate: Rate, count: int, seconds: float) -> dict[str, float]:
    """Compute the figures of a rate, by name. The bound uses a time of at least one second."""
    return {
        rate.minutes: seconds / 60,
        rate.count: float(count),
        rate.per_hour: per_hour(count, seconds),
        rate.at_most: upper_bound_per_hour(count, max(seconds, 1.0)),
    }


def per_hour(count: int, seconds: float) -> float:
    """Return the events per hour; 0 if no time passed."""
    return 3600 * count / seconds if seconds > 0 else 0.0


def upper_bound_per_hour(count: int, seconds: float, confidence: float = 0.95) -> float:
    """Compute the one-sided upper confidence bound of the events per hour.

    This is the bound of a Poisson rate (Garwood 1936): 3.0 per hour for 0 events in one hour.
    """
    if seconds <= 0:
        return float("inf")
    low, high = 0.0, count + 10 * np.sqrt(count + 1) + 10
    for _ in range(60):
        middle = (low + high) / 2
        terms = np.cumsum(np.r_[0.0, np.log(middle) - np.log(np.arange(1, count + 1))])
        at_most = float(np.exp(terms - middle).sum())
        low, high = (middle, high) if at_most > 1 - confidence else (low, middle)
    return float(3600 * high / seconds)


def rate_interval_per_hour(
    count: int, seconds: float, confidence: float = 0.95
) -> tuple[float, float]:
    """Compute the two-sided confidence interval of the events per hour (Garwood 1936)."""
    tail = (1 - confidence) / 2
    low, high = 0.0, float(count)
    for _ in range(60):  # The rate at which `count` or more events have the probability `tail`.
        middle = (low + high) / 2
        terms = np.cumsum(np.r_[0.0, np.log(middle + 1e-300) - np.log(np.arange(1, count))])
        fewer = float(np.exp(terms - middle).sum()) if count else 0.0
        low, high = (middle, high) if 1 - fewer < tail else (low, middle)
    lower = 3600 * low / seconds if count and seconds > 0 else 0.0
    return lower, upper_bound_per_hour(count, seconds, 1 - tail)
