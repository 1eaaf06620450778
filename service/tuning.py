"""Choose temperature and thresholds on validation people, by the live path itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard, Thresholds
from models.recognizer import softmax
from sensor.formats.recording import Recording
from service.inference import Predictor
from service.live_check import LiveScore, predictions, score, starts
from service.messages import PredictionMessage

MOST_DISTURBED = 0.02
"""Thresholds that let more rests than this be disturbed are only a last resort."""
NEARLY = 0.01
"""Merits that differ by less are taken as equal: a clip or two of the validation people."""


def choose_temperature(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """The temperature of least cross-entropy (Guo et al. 2017, section 4.2).

    `logits` float32 (N, C), `truth` the classes, int64 (N,).
    """
    tried = np.exp(np.linspace(np.log(0.2), np.log(5), 97))
    rows = np.arange(len(truth))

    def surprise(temperature: float) -> float:
        sure = softmax(logits / np.float32(temperature))[rows, truth]
        return float(-np.log(np.maximum(sure, 1e-12)).mean())

    return float(min(tried, key=surprise))


def grid() -> list[Thresholds]:
    """Every combination that is tried."""
    return [
        Thresholds(enter, leave * enter, patience, release, 0.3, smooth)
        for enter, leave, patience, release, smooth in product(
            (0.4, 0.5, 0.6, 0.7, 0.8, 0.9), (0.5, 0.8), (1, 2, 3), (2,), (0.0, 0.3, 0.6)
        )
    ]


def choose_thresholds(
    model: Predictor, recordings: Sequence[Recording]
) -> tuple[Thresholds, LiveScore]:
    """The thresholds that find most clips while rests stay quiet, and their score.

    The model's temperature must be set. Of nearly equal ones the quickest are taken, and of
    these the least strict: of people unlike the validation people the model is less sure.
    """
    said = [predictions(model, recording) for recording in recordings]
    scored = [(t, _total(model.card, t, recordings, said)) for t in grid()]

    def merit(item: tuple[Thresholds, LiveScore]) -> float:
        found = item[1]
        over = max(found.disturbed_share - MOST_DISTURBED, 0)
        wrong = found.wrong / max(found.clips, 1)
        return found.found_share - 0.5 * wrong - 3 * over

    best = max(map(merit, scored))
    good = [item for item in scored if merit(item) > best - NEARLY]
    return min(good, key=lambda item: (round(_delay_s(item[1]), 2), item[0].enter))


def _delay_s(found: LiveScore) -> float:
    return float(np.median(found.delays_s)) if found.delays_s else float("inf")


def _total(
    card: ModelCard,
    thresholds: Thresholds,
    recordings: Sequence[Recording],
    said: Sequence[list[PredictionMessage]],
) -> LiveScore:
    total = LiveScore(0, 0, 0, 0, 0)
    for recording, messages in zip(recordings, said, strict=True):
        found = starts(messages, card, thresholds)
        total += score(recording, found, card.background)
    return total
