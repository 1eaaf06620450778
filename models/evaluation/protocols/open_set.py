"""Open world: does the model know what it does not know.

Five of UTD-MHAD's classes are kept from training; the test people's clips of them are strangers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.evaluation.protocol import Judged, Protocol
from models.evaluation.protocols.live_streams import watch
from models.features import FloatArray
from models.inference.recognizer import Recognizer, softmax
from models.labels import plain_label
from models.scoring.answers import Answers, Rate
from models.scoring.clip_answers import clip_logits
from models.scoring.scores import auroc, rate_figures, risk_coverage
from models.training.recipe_training import train_recipe
from models.training.recipes import RECIPES, UNKNOWN, UTD, learnt_from, load_sets, vocabulary
from sensor.formats import clip_set
from sensor.formats.clip_stream import Selection, to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording

_PEOPLE = RECIPES["unknown-1"].test[UTD]
FALSE_ACTIONS = Rate("live_false_actions", "live_unknown_minutes")


def strangeness(logits: FloatArray, card: ModelCard) -> FloatArray:
    """How little the surest action is known, 0 to 1, logits (N, C) to (N,).

    One minus the greatest probability of an action, after temperature: what the thresholds of
    the live decision compare, so that what is called unknown is exactly what starts nothing.
    Background's share counts as unknown.
    """
    probabilities = softmax(logits / np.float32(card.temperature))
    actions = [i for i, label in enumerate(card.labels) if label != card.background]
    return np.asarray(1 - probabilities[:, actions].max(axis=1), np.float32)


def _confidence_gap(logits: FloatArray, card: ModelCard) -> FloatArray:
    """Minus the lead of the surest action's logit over the next one's."""
    best = np.sort(logits, axis=1)
    return np.asarray(best[:, -2] - best[:, -1], np.float32)


def _energy(logits: FloatArray, card: ModelCard) -> FloatArray:
    """The free energy of the actions (Liu et al. 2020, section 3)."""
    actions = [i for i, label in enumerate(card.labels) if label != card.background]
    return np.asarray(-np.log(np.exp(logits[:, actions]).sum(axis=1)), np.float32)


SCORES = {"auroc": strangeness, "auroc_by_lead": _confidence_gap, "auroc_by_energy": _energy}


def judge_unknown(model_dir: Path, data: Path) -> Judged:
    """AUROC of clips of left-out classes against known ones, the answer at each clip's end."""
    recognizer = Recognizer(model_dir)
    card = recognizer.card
    every = vocabulary(data, [UTD])
    (utd,) = load_sets(data, every, [UTD])
    logits, truth = clip_logits(recognizer, utd.of(_PEOPLE))
    names = [every[i] for i in truth]
    known = np.array([name in card.labels for name in names])
    if known.all():
        raise ValueError(f"{card.id} knows every class: judge one of a recipe unknown-N")
    top = np.array([card.labels[i] for i in logits.argmax(axis=1)])
    right = known & (top == np.array(names))
    figures = {"clips": float(len(truth)), "unknown_clips": float((~known).sum())}
    for name, score in SCORES.items():
        strange = score(logits, card)
        figures[name] = auroc(strange[~known], strange[known])
    strange = strangeness(logits, card)
    quiet = strange > 1 - card.thresholds.enter
    figures |= {
        "accuracy_of_known": float(right[known].mean()),
        "unknown_said_to_be_an_action": float((~quiet)[~known].mean()),
        "known_said_to_be_unknown": float(quiet[known].mean()),
        "area_under_risk_coverage": risk_coverage(1 - strange, right).area,
    }
    left_out = sorted({name for name, one in zip(names, known, strict=True) if not one})
    figures |= live_figures(recognizer, _streams(data / f"{UTD}.npz", left_out))
    return Judged(
        figures["auroc"],
        figures,
        f"AUROC of the unknown {', '.join(left_out)} against the known classes",
        answers=_known_answers(logits[known], [n for n in names if n in card.labels], card),
        seen_in_training=learnt_from(card, UTD, _PEOPLE),
        data_files=(data / f"{UTD}.npz",),
    )


def _known_answers(logits: FloatArray, names: Sequence[str], card: ModelCard) -> Answers:
    truth = np.array([card.labels.index(name) for name in names], np.int64)
    return Answers(softmax(logits / np.float32(card.temperature)), truth, card.labels)


def _streams(path: Path, left_out: Sequence[str]) -> Recording:
    """The test people doing nothing but what is unknown, with rests of 2 s."""
    clips = clip_set.load(path)
    names = tuple(name for name in clips.names if plain_label(name) in left_out)
    people = tuple(str(who) for who in _PEOPLE if who in clips.subject)
    return to_recording(UTD, clips, Selection(subject=people, label=names), LOCAL_LIMITS)


def live_figures(recognizer: Recognizer, recording: Recording) -> dict[str, float]:
    """How often an action is said to start in a stream of unknown ones: all of it is wrong."""
    starts, spans = watch(recognizer, recording).starts, recording.spans
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
        "UTD-MHAD without five of its classes, three draws: are they told from the known ones",
        judge_unknown,
        _train,
        {
            "auroc": "how often an unknown clip seems stranger than a known one",
            "auroc_by_lead": "the same by the lead of the surest label",
            "auroc_by_energy": "the same by energy",
            "unknown_said_to_be_an_action": "at the live threshold, without patience",
            "known_said_to_be_unknown": "at the live threshold, without patience",
            "area_under_risk_coverage": "unknown clips count as wrong",
            "clips": "clips judged, known and unknown",
            "unknown_clips": "of classes that were not taught",
            "accuracy_of_known": "known clips right, among all labels",
            "live_unknown_minutes": "time of unknown actions in a stream of nothing else",
            "live_false_actions": "actions that started in them",
            "live_false_actions_per_hour": "as a rate",
            "live_false_actions_per_hour_at_most": "the rate not ruled out (95 %)",
            "live_unknown_clips_with_a_start": "share of the clips in which one started",
            "live_false_actions_in_rests": "actions that started in the rests between",
        },
        counts=frozenset({"unknown_clips", "live_false_actions_in_rests"}),
        rates=(FALSE_ACTIONS,),
    ),
]
