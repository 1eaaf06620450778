"""Streams of labelled clips with rests, through the live path: do the right actions start."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.data import plain_label
from models.recipes import PRECOG, UTD
from models.recognizer import Recognizer
from sensor.formats.recording import Recording
from service.evaluation.protocol import Judged, Protocol
from service.evaluation.served import (
    RUN,
    TEST_PEOPLE,
    learnt_from,
    train_served,
    unseen_precog,
    unseen_utd,
)
from service.live_check import predictions, score, starts, streams_of
from service.messages import PredictionMessage


def _judge_live(data_set: str, model_dir: Path, data: Path) -> Judged:
    recognizer = Recognizer(model_dir)
    card = recognizer.card
    recording = streams_of(data, data_set, TEST_PEOPLE[data_set])
    said = predictions(recognizer, recording)
    found = score(recording, starts(said, card, card.thresholds), card.background)
    figures = {
        "clips": float(found.clips),
        "found": float(found.found),
        "rests": float(found.rests),
        "rests_disturbed": float(found.disturbed),
        "rests_disturbed_share": found.disturbed_share,
        "clips_with_a_wrong_start": float(found.wrong),
        "prediction_accuracy": _prediction_accuracy(card, recording, said),
    }
    if found.delays_s:
        figures["start_delay_median_s"] = float(np.median(found.delays_s))
        figures["start_delay_p90_s"] = float(np.percentile(found.delays_s, 90))
    return Judged(
        found.found_share,
        figures,
        f"{found.found} of {found.clips} clips started right by their end + 0.5 s; "
        f"{found.disturbed} of {found.rests} rests disturbed",
        delays_s=found.delays_s,
        seen_in_training=learnt_from(card, data_set, TEST_PEOPLE[data_set]),
        data_files=(data / f"{data_set}.npz",),
    )


def _prediction_accuracy(
    card: ModelCard, recording: Recording, said: list[PredictionMessage]
) -> float:
    """The share of predictions whose top label is the truth of their frame."""
    truth = {frame.captured_ns: frame.truth for frame in recording.frames}
    right = [
        message.label == plain_label(truth[message.captured_ns] or card.background)
        for message in said
        if message.captured_ns in truth
    ]
    return float(np.mean(right))


def judge_utd_live(model_dir: Path, data: Path) -> Judged:
    """The even people's clips in a stream with rests of 2 s, through the live path."""
    return _judge_live(UTD, model_dir, data)


def judge_precog(model_dir: Path, data: Path) -> Judged:
    """The continuous streams of people 7 and 8, through the live path."""
    return _judge_live(PRECOG, model_dir, data)


FIGURES_HELP = {
    "found": "clips whose action started between their beginning and their end + 0.5 s",
    "rests_disturbed": "rests in which an action started that was not the clip's own",
    "clips_with_a_wrong_start": "clips during which another label started",
    "start_delay_median_s": "from a clip's beginning to the start of its action",
    "start_delay_p90_s": "nine of ten starts come sooner",
    "prediction_accuracy": "predictions whose top label is the truth of their frame",
}

PROTOCOLS = [
    Protocol(
        "utd-live",
        "UTD-MHAD's even people live, their clips in a stream with rests",
        judge_utd_live,
        train_served,
        FIGURES_HELP,
        run=RUN,
        unseen=unseen_utd,
    ),
    Protocol(
        "precog-online",
        "PRECOG's people 7 and 8, continuous streams, live",
        judge_precog,
        train_served,
        FIGURES_HELP,
        run=RUN,
        unseen=unseen_precog,
    ),
]
