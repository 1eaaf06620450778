"""Choose temperature and thresholds on validation people, by the live path itself."""

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
from models.live.events import Prediction
from models.live.outcomes import Predictor
from models.progress import shown, steps
from models.scoring.clip_answers import clip_logits
from models.scoring.frame_labels import recorded_parts, spans_by_frame, truth_by_frame
from models.scoring.live_scoring import LiveScore, decided, predictions, score, starts, streams_of
from models.scoring.scores import Matches, match_segments
from models.training.recipes import load_sets
from sensor.formats.recording import Recording

WRONG_COSTS = 0.5
"""A clip during which something else started is half as bad as one that was not found."""
FALSE_COSTS = 5.0
"""A start while nobody does anything is as bad as five: it is what people switch off for."""
OVERLAP = 0.5
"""The share of overlap with the true segment that a told one is asked for."""
RESTS = ((2.0, None), (2.0, 1), (1.0, 2), (1.0, 3), (5.0, 4))
"""Seconds of rest and the seed of the order (none: the file's) of the streams that are tuned on."""

Said = list[Prediction]


def choose_temperature(logits: FloatArray, truth: IntArray) -> float:
    """The temperature of least cross-entropy (Guo et al. 2017, section 4.2).

    `logits` float32 (N, C), `truth` the classes, int64 (N,). 1 where the least tried would be
    best: where nobody is wrong, nothing says how sure is too sure.
    """
    tried = np.exp(np.linspace(np.log(0.2), np.log(5), 97))
    rows = np.arange(len(truth))

    def surprise(temperature: float) -> float:
        sure = softmax(logits / np.float32(temperature))[rows, truth]
        return float(-np.log(np.maximum(sure, 1e-12)).mean())

    best = min(tried, key=surprise)
    return float(best) if best > tried[0] else 1.0


def tuning_streams(data: Path, data_set: str, people: Sequence[int]) -> list[Recording]:
    """The clips of these people as streams with short and long rests, in several orders."""
    return [streams_of(data, data_set, people, rest_s, order) for rest_s, order in RESTS]


TRIED = (
    (0.5, 0.6, 0.7, 0.8),
    (1, 2, 3, 4),
    (1, 2),
    (0.0, 0.3, 0.6),
    (0.0, 0.9, 0.95, 0.98),
)
"""Of `enter`, `patience`, `release`, `smooth` and `again`; all combinations are."""
USUAL = (2, 3, 0, 0, 2)
"""The places of those that suit the shipped model."""


def grid() -> list[Thresholds]:
    """Every combination that is tried."""
    return [
        Thresholds(enter, 0.5 * enter, patience, release, 0.3, smooth, again)
        for enter, patience, release, smooth, again in product(*TRIED)
    ]


class Validated(NamedTuple):
    """A model's folder, and what people did whom it had not learnt from: pieces and streams."""

    folder: Path
    pieces: Sequence[Piece]
    recordings: Sequence[Recording]


def validated(folder: Path, people: Mapping[str, Sequence[int]], data: Path) -> Validated:
    """A model with these people of clip sets, by set. Raises RecordingError, ModelError."""
    sets = load_sets(data, load_card(folder).labels, list(people))
    pieces = [piece for one in sets for piece in one.of(people[one.name])]
    streams = [one for name in people for one in tuning_streams(data, name, people[name])]
    return Validated(folder, pieces, streams)


def tuned_on(models: Sequence[Validated]) -> Tuned:
    """The temperature and thresholds that suit all models on people whom each had not learnt from.

    Their folders stay as they are. Raises ModelError, ValueError for models of different labels.
    """
    recognizers = [Recognizer(one.folder, "cpu") for one in models]
    if len({tuple(each.card.labels) for each in recognizers}) > 1:
        raise ValueError("models of different labels cannot be tuned together")
    pairs = list(zip(recognizers, models, strict=True))
    answers = [clip_logits(each, one.pieces) for each, one in pairs]
    logits, truth = (np.concatenate(part) for part in zip(*answers, strict=True))
    temperature = choose_temperature(logits, truth)
    for each in recognizers:
        each.card = msgspec.structs.replace(each.card, temperature=temperature)
    asked = [(each, recording) for each, one in pairs for recording in one.recordings]
    with shown():
        thresholds, score = choose_thresholds(asked)
    return Tuned(temperature, thresholds, _scores(score))


def _scores(found: LiveScore) -> dict[str, float]:
    clips = max(found.clips, 1)
    return {
        "validation_clips_found_live": round(found.found_share, 4),
        "validation_rests_disturbed": round(found.disturbed_share, 4),
        "validation_false_starts_per_clip": round(found.false / clips, 4),
    }


def choose_thresholds(
    asked: Sequence[tuple[Predictor, Recording]],
) -> tuple[Thresholds, LiveScore]:
    """The thresholds that find most clips while rests stay quiet, and their score.

    Each recording is of people whom the model beside it had not learnt from; models have the same
    labels, and their temperature must be set. Thresholds that differ by one step of `TRIED` count
    as much as those chosen: where only one of them is quiet, that is luck. Of equal ones those
    nearest to the usual ones are chosen. By how much predictions lag is chosen last: so that
    segments are best told.
    """
    card, recordings = asked[0][0].card, [recording for _, recording in asked]
    streams, tried = steps(asked, "validation streams", len(asked)), grid()
    said = [predictions(model, recording) for model, recording in streams]
    settings = steps(tried, "thresholds", len(tried))
    scores = [_total(card, t, recordings, said) for t in settings]
    merits = np.array([_merit(one) for one in scores]).reshape([len(each) for each in TRIED])
    best = usual_best(steadied(merits))
    chosen, found = tried[best], scores[best]
    lags = [msgspec.structs.replace(chosen, lag_s=lag / 10) for lag in range(7)]
    return max(lags, key=lambda t: _told_f1(card, t, recordings, said)), found


def _merit(found: LiveScore) -> float:
    costs = WRONG_COSTS * found.wrong + FALSE_COSTS * found.false
    return found.found_share - costs / max(found.clips, 1)


def steadied(merits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each merit averaged with those one step from it along any axis."""
    total, count = merits.copy(), np.ones_like(merits)
    for axis in range(merits.ndim):
        sums, counts, own = (np.moveaxis(each, axis, 0) for each in (total, count, merits))
        sums[1:] += own[:-1]
        sums[:-1] += own[1:]
        counts[1:] += 1
        counts[:-1] += 1
    return np.asarray(total / count)


def usual_best(merits: NDArray[np.float64]) -> int:
    """The place of the greatest, in a flat array; of equal ones, that nearest to `USUAL`.

    Easy recordings are found by nearly all settings, and only harder ones tell how strict to be.
    """
    equal = np.argwhere(merits >= merits.max() - 1e-9)
    nearest = equal[np.abs(equal - USUAL).sum(axis=1).argmin()]
    return int(np.ravel_multi_index(tuple(nearest), merits.shape))


def _total(
    card: ModelCard, thresholds: Thresholds, recordings: Sequence[Recording], said: Sequence[Said]
) -> LiveScore:
    total = LiveScore(0, 0, 0, 0, 0)
    for recording, messages in zip(recordings, said, strict=True):
        found = starts(messages, card, thresholds)
        total += score(recording, found, card.background)
    return total


def _told_f1(
    card: ModelCard, thresholds: Thresholds, recordings: Sequence[Recording], said: Sequence[Said]
) -> float:
    total = Matches()
    for recording, messages in zip(recordings, said, strict=True):
        spans = [
            (card.labels[decision.label], decision.started_ns, decision.ended_ns)
            for _, _, decisions in decided(messages, card, thresholds)
            for decision in decisions
            if decision.ended_ns is not None
        ]
        told = spans_by_frame(recording, spans, card.background)
        truth = truth_by_frame(recording, card.background)
        for part in recorded_parts(recording):
            total += match_segments(told[part], truth[part], OVERLAP, card.background)
    return total.f1
