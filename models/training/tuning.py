"""Chooses temperature and thresholds on validation people, by running the live path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from models.augmentation.validation_streams import between_from, validation_streams
from models.card import Tuned, load_card
from models.datasets.pieces import Piece
from models.features import FloatArray, IntArray
from models.inference.recognizer import Recognizer, softmax
from models.labels import CMU, FALLS, UI_PRMD
from models.progress import shown
from models.scoring.clip_answers import clip_logits
from models.scoring.live_scoring import (
    LiveScore,
    load_stream,
)
from models.training.recipes import load_sets
from models.training.thresholds import choose_thresholds
from sensor.formats.recording import Recording

RESTS = ((2.0, None), (2.0, 1), (1.0, 2), (1.0, 3), (5.0, 4))
"""The streams to tune on: seconds of rest, and the seed of the order (None: the file's order)."""
ONE_STREAM = {UI_PRMD, CMU, FALLS}
"""Sets that are tuned on with the first of `RESTS` only: they have more minutes than the others."""


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
    return Validated(folder, pieces, [*streams, *_room_streams(folder, pieces)])


def _room_streams(folder: Path, pieces: Sequence[Piece]) -> list[Recording]:
    """Streams of people who move freely between their actions; empty without motions of CMU."""
    labels = load_card(folder).labels
    free = [piece for piece in pieces if piece.data_set == CMU]
    acted = [piece for piece in pieces if piece.data_set not in (CMU, FALLS)]
    return validation_streams(acted, labels, between_from(free, labels)) if free else []


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
