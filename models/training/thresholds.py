"""Chooses the thresholds of the decision stage on streams of validation people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard, Thresholds
from models.labels import FALLS
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
LEAST_GAIN = 20.0
"""A label is raised if that is worth this many found clips (four false starts). Labels raised for
less would fit the validation people only.
"""
OVERLAP = 0.5
"""The overlap at which segments are matched to choose the lag."""
START: dict[str, tuple[float, ...]] = {"enter": (0.5, 0.6, 0.7, 0.8, 0.9), "patience": (2, 3, 4, 5)}
"""The values tried first for fields of `Thresholds`, in all combinations. `leave` is half of
`enter`."""
END: dict[str, tuple[float, ...]] = {
    "smooth": (0.0, 0.3, 0.6),
    "release": (1, 2),
    "again": (0.0, 0.9, 0.95, 0.98),
}
"""The values tried last, in all combinations."""
USUAL = Thresholds(enter=0.7, leave=0.35, patience=4, release=1, smooth=0.0, again=0.95)
"""While `START` is tried, the fields of `END` have these values. Among equal merits, the values
nearest to these win."""
ENTER_BY_LABEL = (0.8, 0.9)
"""The values tried for `enter_by_label`, if they are above `enter`. Greater ones are hardly ever
reached by people and sensors that a model has not learnt from."""
LAGS_S = tuple(lag / 10 for lag in range(7))
"""The values tried for `lag_s`, seconds."""


Stream = tuple[Recording, Sequence[Prediction]]
"""A recording, and the predictions of a model that has not learnt from its people."""


def choose_thresholds(
    streams: Sequence[tuple[Predictor, Recording]],
) -> tuple[Thresholds, LiveScore]:
    """Choose the thresholds that find the most clips with the fewest wrong and false starts.

    Each recording is of people that the model beside it has not learnt from. The models have the
    same labels, and their temperature is already set. Also returns the score of the thresholds.

    The merit of thresholds is averaged with that of their neighbours in the grid, because a good
    value between bad ones is luck. Among equal ones the nearest to `USUAL` is chosen. For each
    value of `enter`, labels that started by mistake get an `enter` of their own if that raises the
    merit; the best result stays. `lag_s` is chosen last, by segment F1.
    """
    card, recordings = streams[0][0].card, [recording for _, recording in streams]
    predictions = [
        predict(model, recording)
        for model, recording in steps(streams, "validation streams", len(streams))
    ]
    streams_of = list(zip(recordings, predictions, strict=True))
    starts = combinations(USUAL, START)
    merits = _smooth_merits(card, starts, START, streams_of)
    by_enter = [
        starts[n * row.size + usual_best(row, usual_place(START)[1:])]
        for n, row in enumerate(merits)
    ]
    refined = [_raise_labels(card, thresholds, streams_of) for thresholds in by_enter]
    best = max(refined, key=lambda each: _merit(each[1]))[0]
    ends = combinations(best, END)
    place = usual_best(_smooth_merits(card, ends, END, streams_of), usual_place(END))
    best = ends[place]
    score = _live_score(card, best, streams_of)
    lagged = [msgspec.structs.replace(best, lag_s=lag_s) for lag_s in LAGS_S]
    chosen = max(lagged, key=lambda each: _segment_f1(card, each, streams_of))
    return chosen, score


def combinations(thresholds: Thresholds, values: Mapping[str, Sequence[float]]) -> list[Thresholds]:
    """Replace fields of thresholds by every combination of `values`, in `product`'s order."""
    changed = [dict(zip(values, each, strict=True)) for each in product(*values.values())]
    made = [msgspec.structs.replace(thresholds, **fields) for fields in changed]
    return [msgspec.structs.replace(each, leave=0.5 * each.enter) for each in made]


def usual_place(values: Mapping[str, Sequence[float]]) -> list[int]:
    """Where the values of `USUAL` stand in a stage."""
    return [list(tried).index(getattr(USUAL, name)) for name, tried in values.items()]


def _smooth_merits(
    card: ModelCard,
    tried: Sequence[Thresholds],
    values: Mapping[str, Sequence[float]],
    streams: Sequence[Stream],
) -> NDArray[np.float64]:
    """The merits of `combinations` of values, each averaged with its neighbours."""
    merits = [
        _merit(_live_score(card, thresholds, streams))
        for thresholds in steps(tried, f"thresholds: {', '.join(values)}", len(tried))
    ]
    return neighbour_mean(np.array(merits).reshape([len(each) for each in values.values()]))


def _raise_labels(
    card: ModelCard, thresholds: Thresholds, streams: Sequence[Stream]
) -> tuple[Thresholds, LiveScore]:
    """Give each label that often starts by mistake its own `enter`, if that is worth it.

    Labels are taken in the order of their false starts, most first. Returns the thresholds and
    their score.
    """
    scores = [stream_score(card, thresholds, stream) for stream in streams]
    false: Counter[str] = Counter()
    for recording, made in streams:
        if not _simulated(recording):
            false.update(wrong_starts(recording, decide_starts(made, card, thresholds)))
    for label, _ in steps(false.most_common(), f"labels at {thresholds.enter}", len(false)):
        for enter in ENTER_BY_LABEL:
            if enter <= thresholds.enter:
                continue
            by_label = thresholds.enter_by_label | {label: enter}
            tried = msgspec.structs.replace(thresholds, enter_by_label=by_label)
            tried_scores = [
                stream_score(card, tried, stream)
                if _starts(card, label, thresholds, stream)
                else old
                for stream, old in zip(streams, scores, strict=True)
            ]
            gain = _merit(_total(tried_scores)) - _merit(_total(scores))
            if gain * _total(scores).clips >= LEAST_GAIN:
                thresholds, scores = tried, tried_scores
    return thresholds, _total(scores)


def _starts(card: ModelCard, label: str, thresholds: Thresholds, stream: Stream) -> bool:
    """Whether a label is ever sure enough to start; otherwise a higher `enter` changes nothing."""
    index = card.labels.index(label)
    enter = thresholds.enter_by_label.get(label, thresholds.enter)
    return any(prediction.probabilities[index] >= enter for prediction in stream[1])


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


def _live_score(card: ModelCard, thresholds: Thresholds, streams: Sequence[Stream]) -> LiveScore:
    """The score of thresholds over all streams."""
    return _total([stream_score(card, thresholds, stream) for stream in streams])


def stream_score(card: ModelCard, thresholds: Thresholds, stream: Stream) -> LiveScore:
    """The score over one stream.

    False starts in simulated clips do not count. A body that lies at the end of one clip and
    stands at the beginning of the next seems to get up between them, and nobody is disturbed.
    """
    recording, made = stream
    score = score_starts(recording, decide_starts(made, card, thresholds), card.background)
    return replace(score, false_starts=0) if _simulated(recording) else score


def _simulated(recording: Recording) -> bool:
    return recording.name == FALLS


def _total(scores: Sequence[LiveScore]) -> LiveScore:
    return sum(scores, LiveScore(0, 0, 0, 0, 0))


def _segment_f1(card: ModelCard, thresholds: Thresholds, streams: Sequence[Stream]) -> float:
    """The segment F1 of the spans that end decisions estimate, over all recordings."""
    total = Matches()
    for recording, made in streams:
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
