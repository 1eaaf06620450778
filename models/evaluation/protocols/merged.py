"""`merged`: three data sets in one vocabulary, judged on people held out of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from models.card import ModelCard
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.protocols.cross_dataset import (
    leading_label,
    ongoing_actions,
    streams_by_person,
)
from models.evaluation.protocols.live_streams import judge_utd_live
from models.evaluation.protocols.precog_online import judge_precog_live
from models.evaluation.protocols.whole_clips import judge_clips
from models.inference.recognizer import Recognizer
from models.labels import KINDER, plain_label, possible_labels
from models.live.events import Prediction
from models.progress import steps
from models.scoring.live_scoring import GRACE_NS, predict
from models.training.recipe_training import train_recipe
from models.training.recipes import RECIPES, learnt_from
from sensor.errors import RecordingError
from sensor.formats.recording import Span

CLASSES_FILE = "kinder_gator_merged_classes.json"
"""The file beside the set with the merged class of each class, as a JSON object."""
_PEOPLE = RECIPES["wild"].test[KINDER]


def merged_classes(data: Path) -> dict[str, frozenset[str]]:
    """Return the right labels of each of Kinder-Gator's classes, by its plain name.

    All classes of one merged class, as `CLASSES_FILE` lists them, share their labels. Raises
    RecordingError.
    """
    path = data / CLASSES_FILE
    try:
        table = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError) as error:
        raise RecordingError(f"{path}, the table of merged classes: {error}") from error
    labels: dict[str, set[str]] = {}
    for name, merged in table.items():
        labels.setdefault(merged, set()).update(possible_labels(KINDER, name))
    return {plain_label(name): frozenset(labels[merged]) for name, merged in table.items()}


def clip_label(span: Span, predictions: Sequence[Prediction], card: ModelCard) -> str:
    """Return the label with the greatest sum of probabilities over a clip, without background.

    The clip counts from its beginning to its end + 0.5 s.
    """
    rows = [
        prediction.probabilities
        for prediction in predictions
        if span.start_ns <= prediction.captured_ns < span.end_ns + GRACE_NS
    ]
    total = np.zeros(len(card.labels)) + np.sum(rows, axis=0, dtype=np.float64)
    total[card.labels.index(card.background)] = -1.0
    return card.labels[int(total.argmax())]


def _judge_kinder(
    recognizer: Recognizer, data: Path, people: Sequence[int]
) -> tuple[list[bool], list[bool]]:
    """Whether each of Kinder-Gator's clips is right by `clip_label` and by `leading_label`."""
    card, right_labels = recognizer.card, merged_classes(data)
    by_sum: list[bool] = []
    by_lead: list[bool] = []
    streams = streams_by_person(data, KINDER, people)
    for recording in steps(streams, "people", len(streams)):
        predictions = predict(recognizer, recording)
        ongoing = ongoing_actions(predictions, card)
        for span in recording.spans:
            right = right_labels[plain_label(span.label)]
            by_sum.append(clip_label(span, predictions, card) in right)
            by_lead.append(leading_label(span, ongoing) in right)
    return by_sum, by_lead


def judge_merged(model_dir: Path, data: Path) -> Judgement:
    """Measure Kinder-Gator's people that the model has not learnt from, or all if there are none.

    The figures also hold the results of UTD-MHAD's and PRECOG's test people.
    """
    recognizer = Recognizer(model_dir)
    learnt = learnt_from(recognizer.card, KINDER, _PEOPLE)
    people = [person for person in _PEOPLE if person not in learnt] or _PEOPLE
    by_sum, by_lead = _judge_kinder(recognizer, data, people)
    utd, utd_live, precog = (
        judge(model_dir, data) for judge in (judge_clips, judge_utd_live, judge_precog_live)
    )
    figures = {
        "clips": float(len(by_sum)),
        "kinder_gator_led_live": float(np.mean(by_lead)),
        "utd_cs": utd.accuracy,
        "utd_live_found": utd_live.accuracy,
        "utd_rests_disturbed_share": utd_live.figures["rests_disturbed_share"],
        "precog_found": precog.accuracy,
        "precog_rests_disturbed_share": precog.figures["rests_disturbed_share"],
    }
    seen = tuple(person for person in people if person in learnt)
    return Judgement(
        float(np.mean(by_sum)),
        figures,
        f"{sum(by_sum)} of {len(by_sum)} recordings of people {people} right",
        answers=utd.answers,
        delays_s=utd_live.delays_s + precog.delays_s,
        seen_in_training=seen + utd.seen_in_training,
        data_files=(data / f"{KINDER}.npz", *utd.data_files, *precog.data_files),
    )


def _train(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [train_recipe(f"merged-{fold}", data, seed, run_dir) for fold in (1, 2, 3)]


PROTOCOLS = [
    Protocol(
        "merged",
        "models of the shipped recipe, trained without the people tested, 3 folds",
        judge_merged,
        _train,
        {
            "kinder_gator_led_live": "recordings whose right action starts and has most weight",
            "utd_cs": "whole clips of UTD-MHAD's test people, among all labels of three sets",
            "utd_live_found": "the same clips live: right action started by the end + 0.5 s",
            "precog_found": "PRECOG's test people live",
        },
    ),
]
