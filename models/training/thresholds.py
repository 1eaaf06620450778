"""Chooses the thresholds of the decision stage on streams of validation people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard, Thresholds
from models.live.events import Prediction
from models.live.outcomes import Predictor
from models.progress import steps
from models.scoring.frame_labels import labelled_ranges, spans_by_frame, truth_by_frame
from models.scoring.live_scoring import (
    LiveScore,
    decide,
    decide_starts,
    predict,
    score_starts,
    wrong_starts,
)
from models.scoring.scores import Matches, match_segments
from sensor.formats.recording import Recording

WRONG_COST = 0.5
"""The cost of a clip during which another action started; a missed clip costs 1."""
FALSE_START_COST = 5.0
"""The cost of a false start, likewise. It is high: false starts drive users away."""
OVERLAP = 0.5
"""The overlap at which segments are matched to choose the lag."""
STAGES: tuple[dict[str, tuple[float, ...]], ...] = (
    {"enter": (0.5, 0.6, 0.7, 0.8, 0.9), "patience": (1, 2, 3, 4, 5), "smooth": (0.0, 0.3, 0.6)},
    {"release": (1, 2), "again": (0.0, 0.9, 0.95, 0.98)},
)
"""The values tried for the fields of `Thresholds`, in all combinations of a stage.

The second stage keeps the values that the first one has chosen. `leave` is half of `enter`.
"""
USUAL = Thresholds(enter=0.7, leave=0.35, patience=4, release=1, smooth=0.0, again=0.95)
"""The first stage tries these values of `release` and `again`. Among equal merits, the values
nearest to these win."""
ENTER_BY_LABEL = (0.8, 0.9, 0.95, 0.98)
"""The values tried for `enter_by_label`, if they are above `enter`."""
LAGS_S = tuple(lag / 10 for lag in range(7))
"""The values tried for `lag_s`, seconds."""


def choose_thresholds(
    streams: Sequence[tuple[Predictor, Recording]],
) -> tuple[Thresholds, LiveScore]:
    """Choose the thresholds that find the most clips with the fewest wrong and false starts.

    Each recording is of people that the model beside it has not learnt from. The models have the
    same labels, and their temperature is already set. Also returns the score of the thresholds.

    The merit of thresholds is averaged with that of their neighbours in a stage, because a good
    value between bad ones is luck. Among equal ones the nearest to `USUAL` is chosen. Then each
    label that started by mistake gets an `enter` of its own if that raises the merit. `lag_s` is
    chosen last, by segment F1.
    """
    card, recordings = streams[0][0].card, [recording for _, recording in streams]
    predictions = [
        predict(model, recording)
        for model, recording in steps(streams, "validation streams", len(streams))
    ]
    best = USUAL
    for number, values in enumerate(STAGES):
        tried = combinations(best, values)
        merits = [
            _merit(_live_score(card, thresholds, recordings, predictions))
            for thresholds in steps(tried, f"thresholds, stage {number + 1}", len(tried))
        ]
        shaped = np.array(merits).reshape([len(each) for each in values.values()])
        best = tried[usual_best(neighbour_mean(shaped), usual_place(values))]
    best, score = _raise_labels(card, best, recordings, predictions)
    lagged = [msgspec.structs.replace(best, lag_s=lag_s) for lag_s in LAGS_S]
    chosen = max(lagged, key=lambda each: _segment_f1(card, each, recordings, predictions))
    return chosen, score


def combinations(thresholds: Thresholds, values: Mapping[str, Sequence[float]]) -> list[Thresholds]:
    """Replace fields of thresholds by every combination of `values`, in `product`'s order."""
    changed = [dict(zip(values, each, strict=True)) for each in product(*values.values())]
    made = [msgspec.structs.replace(thresholds, **fields) for fields in changed]
    return [msgspec.structs.replace(each, leave=0.5 * each.enter) for each in made]


def usual_place(values: Mapping[str, Sequence[float]]) -> list[int]:
    """Where the values of `USUAL` stand in a stage."""
    return [list(tried).index(getattr(USUAL, name)) for name, tried in values.items()]


def _raise_labels(
    card: ModelCard,
    thresholds: Thresholds,
    recordings: Sequence[Recording],
    predictions: Sequence[Sequence[Prediction]],
) -> tuple[Thresholds, LiveScore]:
    """Give each label that starts by mistake its own `enter` if that raises the merit.

    Labels are taken in the order of their false starts, most first. Of equal merits the lowest
    `enter` is kept. Returns the thresholds and their score.
    """
    score = _live_score(card, thresholds, recordings, predictions)
    false: Counter[str] = Counter()
    for recording, made in zip(recordings, predictions, strict=True):
        false.update(wrong_starts(recording, decide_starts(made, card, thresholds)))
    for label, _ in steps(false.most_common(), "thresholds of labels", len(false)):
        for enter in ENTER_BY_LABEL:
            if enter <= thresholds.enter:
                continue
            by_label = thresholds.enter_by_label | {label: enter}
            tried = msgspec.structs.replace(thresholds, enter_by_label=by_label)
            tried_score = _live_score(card, tried, recordings, predictions)
            if _merit(tried_score) > _merit(score) + 1e-9:
                thresholds, score = tried, tried_score
    return thresholds, score


def _merit(score: LiveScore) -> float:
    costs = WRONG_COST * score.wrong_clips + FALSE_START_COST * score.false_starts
    return score.found_share - costs / max(score.clips, 1)


def neighbour_mean(merits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average each value with its direct neighbours along every axis."""
    total, count = merits.copy(), np.ones_like(merits)
    for axis in range(merits.ndim):
        sums, counts, own = (np.moveaxis(each, axis, 0) for each in (total, count, merits))
        sums[1:] += own[:-1]
        sums[:-1] += own[1:]
        counts[1:] += 1
        counts[:-1] += 1
    return np.asarray(total / count)


def usual_best(merits: NDArray[np.float64], usual: Sequence[int]) -> int:
    """Return the flat index of the greatest value; among equal ones, of the nearest to `usual`.

    Nearly all thresholds find the clips of easy recordings, so equal values are common.
    """
    equal = np.argwhere(merits >= merits.max() - 1e-9)
    nearest = equal[np.abs(equal - np.array(usual)).sum(axis=1).argmin()]
    return int(np.ravel_multi_index(tuple(nearest), merits.shape))


def _live_score(
    card: ModelCard,
    thresholds: Thresholds,
    recordings: Sequence[Recording],
    predictions: Sequence[Sequence[Prediction]],
) -> LiveScore:
    """The score of thresholds over all recordings, given the predictions of each."""
    total = LiveScore(0, 0, 0, 0, 0)
    for recording, made in zip(recordings, predictions, strict=True):
        total += score_starts(recording, decide_starts(made, card, thresholds), card.background)
    return total


def _segment_f1(
    card: ModelCard,
    thresholds: Thresholds,
    recordings: Sequence[Recording],
    predictions: Sequence[Sequence[Prediction]],
) -> float:
    """The segment F1 of the spans that end decisions estimate, over all recordings."""
    total = Matches()
    for recording, made in zip(recordings, predictions, strict=True):
        spans = [
            (card.labels[decision.label], decision.started_ns, decision.ended_ns)
            for _, _, decisions in decide(made, card, thresholds)
            for decision in decisions
            if decision.ended_ns is not None
        ]
        estimated = spans_by_frame(recording, spans, card.background)
        truth = truth_by_frame(recording, card.background)
        for each in labelled_ranges(recording):
            total += match_segments(estimated[each], truth[each], OVERLAP, card.background)
    return total.f1
