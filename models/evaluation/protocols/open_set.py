"""`unknown`: how well a model separates unknown actions from known ones (open-set recognition).

Five of UTD-MHAD's classes are left out of training. The test people's clips of these classes are
unknown to the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.protocols.live_streams import run_stream
from models.features import FloatArray
from models.inference.recognizer import Recognizer, softmax
from models.labels import plain_label
from models.scoring.answers import Answers, Rate
from models.scoring.clip_answers import late_logits, whole_clips
from models.scoring.scores import BoolArray, auroc, rate_figures, risk_coverage
from models.training.recipe_training import train_recipe
from models.training.recipes import RECIPES, UNKNOWN, UTD, learnt_from, load_sets, vocabulary
from sensor.formats import clip_set
from sensor.formats.clip_selection import Selection
from sensor.formats.clip_stream import to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording

_PEOPLE = RECIPES["unknown-1"].test[UTD]
FALSE_ACTIONS = Rate("live_false_actions", "live_unknown_minutes")


def strangeness_of_a_second(logits: FloatArray, card: ModelCard) -> FloatArray:
    """One minus the greatest mean probability of an action: (N, S, C) to (N,).

    The mean is over S predictions. A known action is the same label for about a second, while an
    unknown one is like several in turn; so this separates better than the last prediction alone.
    """
    mean = softmax(logits / np.float32(card.temperature)).mean(axis=1)  # (N, C)
    return np.asarray(1 - mean[:, _actions(card)].max(axis=1), np.float32)


def _actions(card: ModelCard) -> list[int]:
    return [i for i, label in enumerate(card.labels) if label != card.background]


def strangeness(logits: FloatArray, card: ModelCard) -> FloatArray:
    """One minus the greatest probability of an action, after temperature: (N, C) to (N,).

    The thresholds of the live decision compare the same probability. So a clip is rejected as
    unknown if and only if its answer is too weak to start an action. A confident answer of
    background counts as unknown too.
    """
    probabilities = softmax(logits / np.float32(card.temperature))
    return np.asarray(1 - probabilities[:, _actions(card)].max(axis=1), np.float32)


def _lead(logits: FloatArray, card: ModelCard) -> FloatArray:
    """The second greatest logit minus the greatest one: (N, C) to (N,)."""
    ascending = np.sort(logits, axis=1)
    return np.asarray(ascending[:, -2] - ascending[:, -1], np.float32)


def _energy(logits: FloatArray, card: ModelCard) -> FloatArray:
    """The free energy of the actions (Liu et al. 2020, section 3): (N, C) to (N,)."""
    return np.asarray(-np.log(np.exp(logits[:, _actions(card)]).sum(axis=1)), np.float32)


SCORES = {"auroc_at_the_end": strangeness, "auroc_by_lead": _lead, "auroc_by_energy": _energy}
"""Scores of the last prediction, by the name of their AUROC; higher for unknown actions."""
SECOND = 8
"""The predictions of about a second, 7.5 of which are made in it."""


def judge_unknown(model_dir: Path, data: Path) -> Judgement:
    """Measure the AUROC of unknown against known clips, by the last second of each clip.

    Raises ValueError if the model knows every class.
    """
    recognizer = Recognizer(model_dir)
    card = recognizer.card
    labels = vocabulary(data, [UTD])
    (utd,) = load_sets(data, labels, [UTD])
    pieces = utd.of(_PEOPLE)
    late = late_logits(recognizer, pieces, SECOND)
    logits = late[:, 0]
    names = [labels[piece.labels[0]] for piece in whole_clips(pieces)]
    known = np.array([name in card.labels for name in names])
    if known.all():
        raise ValueError(f"{card.id} knows every class: judge a model of a recipe unknown-N")
    left_out = sorted({name for name, is_known in zip(names, known, strict=True) if not is_known})
    score = strangeness_of_a_second(late, card)
    figures = {"auroc": auroc(score[~known], score[known])}
    figures |= clip_figures(logits, names, known, card)
    figures |= live_figures(recognizer, _unknown_stream(data / f"{UTD}.npz", left_out))
    return Judgement(
        figures["auroc"],
        figures,
        f"AUROC of the unknown {', '.join(left_out)} against the known classes",
        answers=_known_answers(logits[known], [n for n in names if n in card.labels], card),
        seen_in_training=learnt_from(card, UTD, _PEOPLE),
        data_files=(data / f"{UTD}.npz",),
    )


def clip_figures(
    logits: FloatArray, names: Sequence[str], known: BoolArray, card: ModelCard
) -> dict[str, float]:
    """Compute the figures of N clips.

    `logits` is float32 (N, C), `names` are the true labels, and `known`, bool (N,), says which of
    them the model has learnt.
    """
    top = np.array([card.labels[i] for i in logits.argmax(axis=1)])
    right = known & (top == np.array(names))
    figures = {"clips": float(len(names)), "unknown_clips": float((~known).sum())}
    for name, score in SCORES.items():
        values = score(logits, card)
        figures[name] = auroc(values[~known], values[known])
    strange = strangeness(logits, card)
    rejected = strange > 1 - card.thresholds.enter
    return figures | {
        "accuracy_of_known": float(right[known].mean()),
        "unknown_said_to_be_an_action": float((~rejected)[~known].mean()),
        "known_said_to_be_unknown": float(rejected[known].mean()),
        "area_under_risk_coverage": risk_coverage(1 - strange, right).area,
    }


def _known_answers(logits: FloatArray, names: Sequence[str], card: ModelCard) -> Answers:
    truth = np.array([card.labels.index(name) for name in names], np.int64)
    return Answers(softmax(logits / np.float32(card.temperature)), truth, card.labels)


def _unknown_stream(path: Path, left_out: Sequence[str]) -> Recording:
    """The test people's clips of the left-out classes, with rests of 2 s."""
    clips = clip_set.load(path)
    names = tuple(name for name in clips.names if plain_label(name) in left_out)
    people = tuple(str(person) for person in _PEOPLE if person in clips.subject)
    return to_recording(UTD, clips, Selection(subject=people, label=names), LOCAL_LIMITS)


def live_figures(recognizer: Recognizer, recording: Recording) -> dict[str, float]:
    """Count the starts in a stream of unknown actions; all of them are wrong."""
    starts, spans = run_stream(recognizer, recording).starts, recording.spans
    within = [[span.start_ns <= start.at_ns <= span.end_ns for start in starts] for span in spans]
    wrong = sum(map(sum, within))
    seconds = sum(span.end_ns - span.start_ns for span in spans) / 1e9
    return rate_figures(FALSE_ACTIONS, wrong, seconds) | {
        "live_unknown_clips_with_a_start": float(np.mean([any(row) for row in within])),
        "live_false_actions_in_rests": float(len(starts) - wrong),
    }


def _train(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [train_recipe(f"unknown-{i + 1}", data, seed, run_dir) for i in range(len(UNKNOWN))]


PROTOCOLS = [
    Protocol(
        "unknown",
        "UTD-MHAD, five classes left out of training, three draws: known or unknown?",
        judge_unknown,
        _train,
        {
            "auroc": "AUROC of unknown against known clips, by one minus the greatest probability, "
            "averaged over the last second",
            "auroc_at_the_end": "the same by the last prediction alone",
            "auroc_by_lead": "the last prediction, by the lead of its greatest logit",
            "auroc_by_energy": "the last prediction, by free energy",
            "unknown_said_to_be_an_action": "share of unknown clips accepted at the live threshold",
            "known_said_to_be_unknown": "share of known clips rejected at the live threshold",
            "area_under_risk_coverage": "unknown clips are counted as wrong answers",
            "clips": "test clips, known and unknown",
            "unknown_clips": "test clips of classes left out of training",
            "accuracy_of_known": "share of known clips with the right label, among all labels",
            "live_unknown_minutes": "time with unknown actions, in a stream of unknown clips only",
            "live_false_actions": "actions that started in that time",
            "live_false_actions_per_hour": "false starts per hour of unknown actions",
            "live_false_actions_per_hour_at_most": "upper 95 % confidence bound of that rate",
            "live_unknown_clips_with_a_start": "share of unknown clips in which an action started",
            "live_false_actions_in_rests": "actions that started in the rests between the clips",
        },
        counts=frozenset({"unknown_clips", "live_false_actions_in_rests"}),
        rates=(FALSE_ACTIONS,),
    ),
]
