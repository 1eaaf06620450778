"""What is measured: calibration, coverage, confusion, segments, and false alarms. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.scoring.answers import Answers, Rate

BINS = 15
"""Bins of the calibration error, as in Guo et al. 2017."""

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Reliability:
    """How sure answers were and how often right, in B bins of equal width from 0 to 1.

    `count` int64 (B,); `confidence` and `accuracy` float64 (B,), NaN in an empty bin. `error` is
    the expected calibration error: the mean gap between the two, weighted by count.
    """

    count: IntArray
    confidence: FloatArray
    accuracy: FloatArray
    error: float


@dataclass(frozen=True, eq=False)
class Coverage:
    """The share of wrong answers among the surest ones, for every share of answers kept.

    `coverage` and `risk` float64 (N,), the surest answer first. `area` is the mean risk over all
    coverages (AURC: Geifman, Uziel and El-Yaniv 2019).
    """

    coverage: FloatArray
    risk: FloatArray
    area: float


@dataclass(frozen=True)
class Matches:
    """How many segments were found, made up, and missed. They add up over streams."""

    found: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: Matches) -> Matches:
        return Matches(
            self.found + other.found, self.false + other.false, self.missed + other.missed
        )

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 where there was nothing and none said."""
        total = 2 * self.found + self.false + self.missed
        return 2 * self.found / total if total else 1.0


def confidence_of(answers: Answers) -> tuple[FloatArray, BoolArray]:
    """How sure the top label of each answer was, and whether it was right: (N,) and (N,)."""
    top = answers.probabilities.argmax(axis=1)
    return answers.probabilities.max(axis=1).astype(np.float64), top == answers.truth


def reliability(confidence: ArrayLike, right: ArrayLike, bins: int = BINS) -> Reliability:
    """Calibration of N answers (Guo et al. 2017, section 2): confidence 0 to 1, and right or not.

    Bin b holds the answers of confidence in (b / bins, (b + 1) / bins].
    """
    sure, correct = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    which = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    count = np.bincount(which, minlength=bins)
    each = np.where(count > 0, count, np.nan)
    mean_sure = np.bincount(which, sure, bins) / each
    mean_right = np.bincount(which, correct, bins) / each
    gaps = np.abs(mean_sure - mean_right)[count > 0]
    error = float((gaps * count[count > 0]).sum() / max(len(sure), 1))
    return Reliability(count, mean_sure, mean_right, error)


def risk_coverage(confidence: ArrayLike, right: ArrayLike) -> Coverage:
    """What a threshold on confidence buys. Answers of the same confidence are kept together."""
    sure, correct = np.asarray(confidence, np.float64), np.asarray(right, bool)
    order = np.argsort(-sure, kind="stable")
    kept = np.arange(1, len(sure) + 1)
    wrong = np.cumsum(~correct[order])
    # Equal confidences have no order: all of them share the risk of taking all of them.
    values, first, size = np.unique(-sure[order], return_index=True, return_counts=True)
    last = np.repeat(first + size - 1, size) if len(values) else np.zeros(0, np.int64)
    risk = (wrong / np.maximum(kept, 1))[last]
    return Coverage(kept / max(len(sure), 1), risk, float(risk.mean()) if len(risk) else 0.0)


def auroc(unknown: ArrayLike, known: ArrayLike) -> float:
    """How often a score is higher for an unknown than for a known one; ties count half.

    Both are scores, (N,) and (M,), the higher the stranger. The area under the ROC curve, by the
    rank sum. Raises ValueError where one is empty.
    """
    strange, familiar = np.asarray(unknown, np.float64), np.asarray(known, np.float64)
    if not len(strange) or not len(familiar):
        raise ValueError("auroc needs scores of both unknown and known answers")
    values = np.concatenate([strange, familiar])
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    won = ranks[: len(strange)].sum() - len(strange) * (len(strange) + 1) / 2
    return float(won / (len(strange) * len(familiar)))


def confusion(truth: IntArray, said: IntArray, classes: int) -> IntArray:
    """How often each class (row) was taken for each (column), int64 (C, C)."""
    return np.bincount(truth * classes + said, minlength=classes**2).reshape(classes, classes)


def frame_accuracy(said: Sequence[str], truth: Sequence[str]) -> float:
    """The share of frames whose label is the truth."""
    return float(np.mean(np.asarray(said) == np.asarray(truth))) if len(truth) else 1.0


def segments(labels: Sequence[str], background: str) -> list[tuple[str, int, int]]:
    """Stretches of one label: (label, first frame, frame after the last), background left out."""
    found: list[tuple[str, int, int]] = []
    start = 0
    for i in range(1, len(labels) + 1):
        if i == len(labels) or labels[i] != labels[start]:
            if labels[start] != background:
                found.append((labels[start], start, i))
            start = i
    return found


def match_segments(
    said: Sequence[str], truth: Sequence[str], overlap: float, background: str
) -> Matches:
    """Compare the segments of two label sequences of one length (Lea et al. 2017, section 4.1).

    A segment is found where the true one of its label that it overlaps most, by intersection
    over union, is overlapped by at least `overlap` and not yet found by another.
    """
    true = segments(truth, background)
    taken = [False] * len(true)
    found = false = 0
    for label, start, end in segments(said, background):
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
    """The figures of a rate by name; for the bound no time counts as less than a second."""
    return {
        rate.minutes: seconds / 60,
        rate.count: float(count),
        rate.per_hour: per_hour(count, seconds),
        rate.at_most: most_per_hour(count, max(seconds, 1.0)),
    }


def per_hour(count: int, seconds: float) -> float:
    """Events an hour; 0 where no time passed."""
    return 3600 * count / seconds if seconds > 0 else 0.0


def most_per_hour(count: int, seconds: float, sure: float = 0.95) -> float:
    """The highest rate an hour that `count` events in `seconds` do not rule out.

    The upper confidence bound of a Poisson rate (Garwood 1936): with 0 events in an hour, 3.0.
    """
    if seconds <= 0:
        return float("inf")
    low, high = 0.0, count + 10 * np.sqrt(count + 1) + 10
    for _ in range(60):
        middle = (low + high) / 2
        terms = np.cumsum(np.r_[0.0, np.log(middle) - np.log(np.arange(1, count + 1))])
        at_most = float(np.exp(terms - middle).sum())
        low, high = (middle, high) if at_most > 1 - sure else (low, middle)
    return float(3600 * high / seconds)
