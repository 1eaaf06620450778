"""`unknown`: actions that a model has never been taught, told from those that it has.

A model is trained without five of UTD-MHAD's classes, and then meets people it has not seen who
do all 27. Which classes are unknown is read from the model's card: those it has no label for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.clips import clip_logits, whole_clips
from models.data import Piece, labels_of, load_clip_set
from models.features import FloatArray, IntArray
from models.labels import plain_label
from models.recipes import PRECOG, RECIPES, UTD, credits, load_sets, vocabulary
from models.recognizer import Recognizer, softmax
from sensor.formats import clip_set
from sensor.formats.clip_stream import Selection, to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording
from service.evaluation.online import watch
from service.evaluation.protocol import Answers, Judged, Protocol
from service.evaluation.scores import auroc, most_per_hour, per_hour, risk_coverage
from service.evaluation.served import TEST_PEOPLE, learnt_from, tuned_on_validation
from service.live_check import Start

LEFT_OUT = 5


def left_out(names: Sequence[str], seed: int) -> tuple[str, ...]:
    """The classes that a seed's model is not taught."""
    drawn = np.random.default_rng(seed).choice(sorted(names), LEFT_OUT, replace=False)
    return tuple(str(name) for name in drawn)


def without(pieces: Sequence[Piece], labels: Sequence[str], left: Sequence[str]) -> list[Piece]:
    """The pieces in which none of `left` is done, their classes among the labels that remain."""
    kept = [name for name in labels if name not in left]
    code = np.array([kept.index(name) if name in kept else -1 for name in labels])
    moved = [replace(piece, labels=code[piece.labels]) for piece in pieces]
    return [piece for piece in moved if piece.labels.min() >= 0]


def train(data: Path, seed: int, run_dir: Path) -> list[Path]:
    """The published splits without five classes of UTD-MHAD; goes on where it stopped."""
    from models.card import Tuned, load_card
    from models.export import write_model
    from models.train import TrainConfig, train_on_streams

    people = RECIPES["protocol"].train
    labels = vocabulary(data, list(people))
    sets = load_sets(data, labels, list(people))
    left = left_out(labels_of(clip_set.load(data / f"{UTD}.npz")), seed)
    pieces = [piece for one in sets for piece in one.of(people[one.name])]
    config = TrainConfig("unknown", [name for name in labels if name not in left], seed=seed)
    chosen = load_card(tuned_on_validation(data, run_dir))
    network = train_on_streams(config, without(pieces, labels, left), [], run_dir)
    tuned = Tuned(chosen.temperature, chosen.thresholds)
    write_model(network, config, credits({UTD: people[UTD], PRECOG: people[PRECOG]}), tuned,
                run_dir / "model")  # fmt: skip
    return [run_dir / "model"]


@dataclass(frozen=True, eq=False)
class Strangeness:
    """How little N clips look like anything known, float64 (N,); the higher the stranger.

    `doubt` is 1 less the most probable name, after temperature: what the service decides by.
    `energy` is that of the logits of all names (Liu et al. 2020).
    """

    doubt: FloatArray
    energy: FloatArray

    @classmethod
    def of(cls, logits: FloatArray, card: ModelCard) -> Strangeness:
        """From logits float32 (N, C). Neither takes `background` for a name."""
        warm = logits / np.float32(card.temperature)
        named = [i for i, name in enumerate(card.labels) if name != card.background]
        top = warm[:, named].max(axis=1)
        energy = -top - np.log(np.exp(warm[:, named] - top[:, None]).sum(axis=1))
        return cls(1 - softmax(warm)[:, named].max(axis=1), energy)


def judge(model_dir: Path, data: Path) -> Judged:
    """Known and unknown clips of the even people: at each clip's end, and live. Raises ValueError.

    The headline is the AUROC of the doubt that the service decides by.
    """
    recognizer = Recognizer(model_dir)
    card, path = recognizer.card, data / f"{UTD}.npz"
    labels = labels_of(clip_set.load(path))
    unknown = [name for name in labels if name not in card.labels]
    if not unknown:
        raise ValueError(f"{card.id} knows every class of {UTD}: give a model that lacks some")
    every = [*card.labels, *unknown]
    pieces = whole_clips(load_clip_set(path, every).of(TEST_PEOPLE[UTD]))
    logits, truth = clip_logits(recognizer, pieces)
    strange = Strangeness.of(logits, card)
    new, right = truth >= len(card.labels), logits.argmax(axis=1) == truth
    figures = {
        "clips": float(len(truth)),
        "unknown_clips": float(new.sum()),
        "auroc_doubt": auroc(strange.doubt[new], strange.doubt[~new]),
        "auroc_energy": auroc(strange.energy[new], strange.energy[~new]),
        "accuracy_known": float(right[~new].mean()),
        "risk_coverage_area_open": risk_coverage(
            -strange.doubt, logits.argmax(axis=1) == truth
        ).area,
    }
    figures |= live_figures(recognizer, _streams(path, unknown))
    return Judged(
        figures["auroc_doubt"],
        figures,
        f"AUROC of doubt; unknown were {', '.join(unknown)}",
        answers=_known(logits, truth, card),
        seen_in_training=learnt_from(card, UTD, TEST_PEOPLE[UTD]),
        data_files=(path,),
    )


def _known(logits: FloatArray, truth: IntArray, card: ModelCard) -> Answers:
    known = truth < len(card.labels)
    return Answers(softmax(logits[known] / np.float32(card.temperature)), truth[known], card.labels)


def _streams(path: Path, unknown: Sequence[str]) -> Recording:
    """The test people doing nothing but what is unknown, with rests of 2 s."""
    clips = clip_set.load(path)
    names = tuple(name for name in clips.names if plain_label(name) in unknown)
    people = tuple(str(who) for who in TEST_PEOPLE[UTD] if who in clips.subject)
    return to_recording(UTD, clips, Selection(subject=people, label=names), LOCAL_LIMITS)


def live_figures(recognizer: Recognizer, recording: Recording) -> dict[str, float]:
    """How often an action is said to start in a stream of unknown ones: all of it is wrong."""
    live = watch(recognizer, recording)
    spans = recording.spans
    seconds = sum(span.end_ns - span.start_ns for span in spans) / 1e9

    def inside(start: Start) -> bool:
        return any(span.start_ns <= start.at_ns <= span.end_ns for span in spans)

    wrong = sum(inside(start) for start in live.starts)
    fooled = sum(
        any(span.start_ns <= start.at_ns <= span.end_ns for start in live.starts) for span in spans
    )
    return {
        "unknown_minutes_live": seconds / 60,
        "false_actions_in_unknown": float(wrong),
        "false_actions_per_hour_of_unknown": per_hour(wrong, seconds),
        "false_actions_per_hour_of_unknown_at_most": most_per_hour(wrong, max(seconds, 1.0)),
        "unknown_clips_taken_for_known": fooled / max(len(spans), 1),
        "false_actions_in_rests_between": float(len(live.starts) - wrong),
    }


PROTOCOLS = [
    Protocol(
        "unknown",
        "UTD-MHAD's even people, five classes never taught",
        judge,
        train,
        {
            "clips": "clips judged, known and unknown",
            "unknown_clips": "of classes that the model was not taught",
            "auroc_doubt": "how often an unknown clip is doubted more than a known one",
            "auroc_energy": "the same by the energy of the logits",
            "accuracy_known": "known clips right, among all labels",
            "risk_coverage_area_open": "mean share of wrong answers, all unknown ones being wrong",
            "unknown_minutes_live": "time of unknown actions in the stream",
            "false_actions_in_unknown": "actions that started in them",
            "false_actions_per_hour_of_unknown": "as a rate",
            "false_actions_per_hour_of_unknown_at_most": "the rate not ruled out (95 %)",
            "unknown_clips_taken_for_known": "share of clips in which one started",
            "false_actions_in_rests_between": "actions that started in the rests",
        },
    )
]
