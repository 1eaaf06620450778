"""Three sets in one vocabulary, judged on people held out of each."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from models.card import ModelCard
from models.evaluation.protocol import Judged, Protocol
from models.evaluation.protocols.cross_dataset import going_on, leading_label, streams_by_person
from models.evaluation.protocols.live_streams import judge_utd_live
from models.evaluation.protocols.precog_online import judge_precog_live
from models.evaluation.protocols.whole_clips import judge_clips
from models.inference.recognizer import Recognizer
from models.labels import KINDER, plain_label, possible_labels
from models.live.events import Prediction
from models.progress import steps
from models.scoring.live_scoring import GRACE_NS, predictions
from models.training.recipe_training import train_recipe
from models.training.recipes import RECIPES, learnt_from
from sensor.errors import RecordingError
from sensor.formats.recording import Span

CLASSES_FILE = "kinder_gator_merged_classes.json"
_PEOPLE = RECIPES["wild"].test[KINDER]


def merged_classes(data: Path) -> dict[str, frozenset[str]]:
    """For each of Kinder-Gator's plain names, the labels that are right for its merged class.

    The classes are those of the file beside the set. Raises RecordingError.
    """
    path = data / CLASSES_FILE
    try:
        table = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError) as error:
        raise RecordingError(f"{path}, which names the merged classes: {error}") from error
    labels: dict[str, set[str]] = {}
    for name, merged in table.items():
        labels.setdefault(merged, set()).update(possible_labels(KINDER, name))
    return {plain_label(name): frozenset(labels[merged]) for name, merged in table.items()}


def answer_to(span: Span, said: list[Prediction], card: ModelCard) -> str:
    """The label with the most probability over a clip, background left out."""
    rows = [
        prediction.probabilities
        for prediction in said
        if span.start_ns <= prediction.captured_ns < span.end_ns + GRACE_NS
    ]
    total = np.zeros(len(card.labels)) + np.sum(rows, axis=0, dtype=np.float64)
    total[card.labels.index(card.background)] = -1.0
    return card.labels[int(total.argmax())]


def judge_merged(model_dir: Path, data: Path) -> Judged:
    """Kinder-Gator's people that the model has not learnt from, and the other sets' test people."""
    recognizer = Recognizer(model_dir)
    card = recognizer.card
    learnt = learnt_from(card, KINDER, _PEOPLE)
    people = [who for who in _PEOPLE if who not in learnt] or _PEOPLE
    right_labels = merged_classes(data)
    answered: list[bool] = []
    led: list[bool] = []
    streams = streams_by_person(data, KINDER, people)
    for recording in steps(streams, "people", len(streams)):
        said = predictions(recognizer, recording)
        going = going_on(said, card)
        for span in recording.spans:
            right = right_labels[plain_label(span.label)]
            answered.append(answer_to(span, said, card) in right)
            led.append(leading_label(span, going) in right)
    utd, utd_live, precog = (
        judge(model_dir, data) for judge in (judge_clips, judge_utd_live, judge_precog_live)
    )
    figures = {
        "clips": float(len(answered)),
        "kinder_gator_led_live": float(np.mean(led)),
        "utd_cs": utd.accuracy,
        "utd_live_found": utd_live.accuracy,
        "utd_rests_disturbed_share": utd_live.figures["rests_disturbed_share"],
        "precog_found": precog.accuracy,
        "precog_rests_disturbed_share": precog.figures["rests_disturbed_share"],
    }
    return Judged(
        float(np.mean(answered)),
        figures,
        f"{sum(answered)} of {len(answered)} recordings of people {people} right",
        answers=utd.answers,
        delays_s=utd_live.delays_s + precog.delays_s,
        seen_in_training=tuple(who for who in people if who in learnt) + utd.seen_in_training,
        data_files=(data / f"{KINDER}.npz", *utd.data_files, *precog.data_files),
    )


def _train(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [train_recipe(f"merged-{fold}", data, seed, run_dir) for fold in (1, 2, 3)]


PROTOCOLS = [
    Protocol(
        "merged",
        "the shipped recipe with people held out of UTD-MHAD, PRECOG and Kinder-Gator, 3 folds",
        judge_merged,
        _train,
        {
            "kinder_gator_led_live": "recordings whose right action starts live, and leads",
            "utd_cs": "whole clips of UTD-MHAD's test people, among all labels of three sets",
            "utd_live_found": "the same clips live: right action started by the end + 0.5 s",
            "precog_found": "PRECOG's test people live",
        },
    ),
]
