"""Chooses temperature and thresholds on validation people, by running the live path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard, Thresholds, Tuned, load_card
from models.datasets.pieces import Piece
from models.features import FloatArray, IntArray
from models.inference.recognizer import Recognizer, softmax
from models.labels import CMU, FALLS, UI_PRMD
from models.live.events import Prediction
from models.live.outcomes import Predictor
from models.progress import shown, steps
from models.scoring.clip_answers import clip_logits
from models.scoring.frame_labels import labelled_ranges, spans_by_frame, truth_by_frame
from models.scoring.live_scoring import (
    LiveScore,
    decide,
    decide_starts,
    load_stream,
    predict,
    score_starts,
)
from models.scoring.scores import Matches, match_segments
from models.training.recipes import load_sets
from sensor.formats.recording import Recording

WRONG_COST = 0.5
"""The cost of a clip during which another action started; a missed clip costs 1."""
FALSE_START_COST = 5.0
"""The cost of a false start, likewise. It is high: false starts drive users away."""
OVERLAP = 0.5
"""The overlap at which segments are matched to choose the lag."""
RESTS = ((2.0, None), (2.0, 1), (1.0, 2), (1.0, 3), (5.0, 4))
"""The streams to tune on: seconds of rest, and the seed of the order (None: the file's order)."""
ONE_STREAM = {UI_PRMD, CMU, FALLS}
"""Sets that are tuned on with the first of `RESTS` only: they have more minutes than the others."""
GRID = (
    (0.5, 0.6, 0.7, 0.8),
    (1, 2, 3, 4),
    (1, 2),
    (0.0, 0.3, 0.6),
    (0.0, 0.9, 0.95, 0.98),
)
"""The values tried for `enter`, `patience`, `release`, `smooth` and `again`, in all combinations.

`enter` and `again` are probabilities, `patience` and `release` counts of predictions, and `smooth`
is the share of the old average that is kept.
"""
USUAL = (2, 3, 0, 0, 2)
"""The indices into `GRID` of the shipped model's thresholds."""
LAGS_S = tuple(lag / 10 for lag in range(7))
"""The values tried for `lag_s`, seconds."""


class Validated(NamedTuple):
    """A model folder, and clips and streams of people that the model has not learnt from."""

    folder: Path
    pieces: Sequence[Piece]
    recordings: Sequence[Recording]


def validated(folder: Path, people: Mapping[str, Sequence[int]], data: Path) -> Validated:
    """Load the clips of a model's validation people, given by clip set.

    Raises RecordingError or ModelError.
    """
    sets = load_sets(data, load_card(folder).labels, list(people))
    pieces = [piece for each in sets for piece in each.of(people[each.name])]
    streams = [stream for name in people for stream in tuning_streams(data, name, people[name])]
    return Validated(folder, pieces, streams)


def tuning_streams(data: Path, data_set: str, people: Sequence[int]) -> list[Recording]:
    """Load the clips of these people as streams with short and long rests, in several orders."""
    rests = RESTS[:1] if data_set in ONE_STREAM else RESTS
    return [load_stream(data, data_set, people, rest_s, order) for rest_s, order in rests]


def tuned_on(models: Sequence[Validated]) -> Tuned:
    """Choose one temperature and one set of thresholds for several models together.

    Each model is run on its own validation people only. The model folders are not changed. Raises
    ModelError, and ValueError if the models have different labels.
    """
    recognizers = [Recognizer(model.folder, "cpu") for model in models]
    if len({tuple(recognizer.card.labels) for recognizer in recognizers}) > 1:
        raise ValueError("models of different labels cannot be tuned together")
    pairs = list(zip(recognizers, models, strict=True))
    answers = [clip_logits(recognizer, model.pieces) for recognizer, model in pairs]
    logits, truth = (np.concatenate(arrays) for arrays in zip(*answers, strict=True))
    temperature = choose_temperature(logits, truth)
    for recognizer in recognizers:
        recognizer.card = msgspec.structs.replace(recognizer.card, temperature=temperature)
    streams = [
        (recognizer, recording) for recognizer, model in pairs for recording in model.recordings
    ]
    with shown():
        thresholds, score = choose_thresholds(streams)
    return Tuned(temperature, thresholds, _scores(score))


def _scores(score: LiveScore) -> dict[str, float]:
    clips = max(score.clips, 1)
    return {
        "validation_clips_found_live": round(score.found_share, 4),
        "validation_rests_disturbed": round(score.disturbed_share, 4),
        "validation_false_starts_per_clip": round(score.false_starts / clips, 4),
    }


def choose_temperature(logits: FloatArray, truth: IntArray) -> float:
    """Choose the temperature with the least cross-entropy (Guo et al. 2017, section 4.2).

    `logits` is float32 (N, C), `truth` int64 (N,), the true classes. Returns 1 if the lowest
    temperature tried is the best: without a wrong answer any lower temperature would be better
    still.
    """
    temperatures = np.exp(np.linspace(np.log(0.2), np.log(5), 97))
    rows = np.arange(len(truth))

    def cross_entropy(temperature: float) -> float:
        probabilities = softmax(logits / np.float32(temperature))[rows, truth]
        return float(-np.log(np.maximum(probabilities, 1e-12)).mean())

    best = min(temperatures, key=cross_entropy)
    return float(best) if best > temperatures[0] else 1.0


def grid() -> list[Thresholds]:
    """Return every combination of `GRID`, in the order of `itertools.product`."""
    return [
        Thresholds(enter, 0.5 * enter, patience, release, 0.3, smooth, again)
        for enter, patience, release, smooth, again in product(*GRID)
    ]


def choose_thresholds(
    streams: Sequence[tuple[Predictor, Recording]],
) -> tuple[Thresholds, LiveScore]:
    """Choose the thresholds that find the most clips with the fewest wrong and false starts.

    Each recording is of people that the model beside it has not learnt from. The models have the
    same labels, and their temperature is already set. Also returns the score of the thresholds.

    The merit of thresholds is averaged with that of their neighbours in `GRID`, because a good
    value between bad ones is luck. Among equal ones the nearest to `USUAL` is chosen. `lag_s` is
    chosen last, by segment F1.
    """
    card, recordings = streams[0][0].card, [recording for _, recording in streams]
    candidates = grid()
    predictions = [
        predict(model, recording)
        for model, recording in steps(streams, "validation streams", len(streams))
    ]
    scores = [
        _live_score(card, thresholds, recordings, predictions)
        for thresholds in steps(candidates, "thresholds", len(candidates))
    ]
    merits = np.array([_merit(score) for score in scores]).reshape([len(each) for each in GRID])
    best = usual_best(neighbour_mean(merits))
    lagged = [msgspec.structs.replace(candidates[best], lag_s=lag_s) for lag_s in LAGS_S]
    chosen = max(lagged, key=lambda each: _segment_f1(card, each, recordings, predictions))
    return chosen, scores[best]


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


def usual_best(merits: NDArray[np.float64]) -> int:
    """Return the flat index of the greatest value; among equal ones, of the nearest to `USUAL`.

    Nearly all thresholds find the clips of easy recordings, so equal values are common.
    """
    equal = np.argwhere(merits >= merits.max() - 1e-9)
    nearest = equal[np.abs(equal - USUAL).sum(axis=1).argmin()]
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
