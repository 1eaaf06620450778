"""A data set never trained on, live: does the right action start, and does no wrong one outrank it.

What a user meets on the first day: other people, another camera, other rests, other ways to do it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.evaluation.protocol import Judged, Protocol
from models.evaluation.protocols.shared_motions import (
    KINDER_ANSWERS,
    MSR_ANSWERS,
    PRECOG_ANSWERS,
    SWIPES,
    UTD_ANSWERS,
)
from models.features import CANONICAL_PICKS
from models.inference.recognizer import Recognizer
from models.labels import KINDER, PRECOG, UTD, merged_label, plain_label
from models.live.events import Prediction
from models.public_sets.clip_data import MSR, NATIVE_HZ
from models.scoring.live_scoring import GRACE_NS, decided, predictions
from models.training.recipe_training import train_recipe, tuned_on_validation
from models.training.recipes import CREDITS, RECIPES, learnt_from
from sensor.formats import clip_set
from sensor.formats.clip_stream import RATE_HZ, Selection, to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording, Span
from sensor.skeleton import KINECT_V2, convert_joints

REST_S = 1.0


@dataclass(frozen=True)
class Going:
    """That an action goes on at a moment, with its probability then."""

    at_ns: int
    label: str
    probability: float


def going_on(said: Iterable[Prediction], card: ModelCard) -> list[Going]:
    """What action goes on at each prediction, by the card's thresholds."""
    return [
        Going(one.captured_ns, card.labels[current], float(one.probabilities[current]))
        for one, current, _ in decided(said, card, card.thresholds)
        if current is not None
    ]


def leading_label(span: Span, going: Iterable[Going]) -> str | None:
    """The label that goes on longest and surest in a clip: the greatest sum of probability."""
    weight: Counter[str] = Counter()
    for moment in going:
        if span.start_ns <= moment.at_ns < span.end_ns + GRACE_NS:
            weight[moment.label] += moment.probability  # type: ignore[assignment]
    return max(weight, key=lambda label: weight[label]) if weight else None


def streams_by_person(
    data: Path, data_set: str, people: Iterable[int] = (), motions: Iterable[str] = ()
) -> list[Recording]:
    """Clips as one stream for each person (of all, where none is named), rests between them.

    `motions` are the plain names of the classes that are asked for; empty, all.
    """
    clips = clip_set.load(data / f"{data_set}.npz")
    asked = tuple(name for name in clips.names if plain_label(name) in set(motions))
    chosen = list(people) or sorted(set(clips.subject.tolist()))
    return [
        to_recording(
            data_set,
            clips,
            Selection(
                subject=(str(who),),
                label=asked,
                rest_s=REST_S,
                rate_hz=NATIVE_HZ.get(data_set, RATE_HZ),
            ),
            LOCAL_LIMITS,
        )
        for who in chosen
    ]


def right_labels(answers: frozenset[str], recording: Recording, span: Span) -> frozenset[str]:
    """Of the two swipes the one that the hand shows: people do not always go where they were
    asked to."""
    if answers != SWIPES:
        return answers
    bodies = [frame.bodies[0] for frame in recording.frames[span.first : span.last + 1]]
    joints_m = np.stack([body.joints_m for body in bodies])
    sure = np.stack([body.confidence for body in bodies])
    joints_m, _ = convert_joints(joints_m, sure, recording.layout, KINECT_V2)
    return frozenset({merged_label(recording.name, span.label, joints_m[:, CANONICAL_PICKS])})


def _judge(
    model_dir: Path, data: Path, asked: Mapping[str, Mapping[str, frozenset[str]]]
) -> Judged:
    recognizer = Recognizer(model_dir)
    told: dict[str, list[str | None]] = {}
    right: dict[str, list[bool]] = {}
    for data_set, answers in asked.items():
        motions = () if data_set == PRECOG else answers  # its recordings are not cut
        for recording in streams_by_person(data, data_set, motions=motions):
            going = going_on(predictions(recognizer, recording), recognizer.card)
            for span in recording.spans:
                name = plain_label(span.label)
                if name in answers:
                    leader = leading_label(span, going)
                    told.setdefault(name, []).append(leader)
                    right.setdefault(name, []).append(
                        leader in right_labels(answers[name], recording, span)
                    )
    every = [one for each in right.values() for one in each]
    silent = sum(leader is None for each in told.values() for leader in each)
    figures = {"clips": float(len(every)), "clips_with_no_action": float(silent)}
    figures |= {f"right: {name}": float(np.mean(each)) for name, each in sorted(right.items())}
    credited = [one for one in asked if one in CREDITS]
    seen = {who for one in credited for who in learnt_from(recognizer.card, one, range(10_000))}
    return Judged(
        float(np.mean(every)),
        figures,
        f"{sum(every)} of {len(every)} clips right: the right action started, and none outranks it",
        seen_in_training=tuple(sorted(seen)),
        data_files=tuple(data / f"{name}.npz" for name in asked),
    )


def judge_wild(model_dir: Path, data: Path) -> Judged:
    """Kinder-Gator's motions that the vocabulary has, for a model that never saw the set."""
    return _judge(model_dir, data, {KINDER: KINDER_ANSWERS})


def judge_reverse(model_dir: Path, data: Path) -> Judged:
    """The same motions of UTD-MHAD and PRECOG, for a model of Kinder-Gator alone."""
    return _judge(model_dir, data, {UTD: UTD_ANSWERS, PRECOG: PRECOG_ANSWERS})


def judge_choice(model_dir: Path, data: Path) -> Judged:
    """MSR-Action3D's motions that the vocabulary has: what settings are chosen on."""
    return _judge(model_dir, data, {MSR: MSR_ANSWERS})


def _train_choice(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [tuned_on_validation(data, run_dir)]


def _train_wild(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [train_recipe("wild", data, seed, run_dir)]


def _train_reverse(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [train_recipe("wild-reverse", data, seed, run_dir)]


FIGURES_HELP = {
    "clips_with_no_action": "clips in which no action started at all",
}

PROTOCOLS = [
    Protocol("wild", RECIPES["wild"].about, judge_wild, _train_wild, FIGURES_HELP),
    Protocol(
        "wild-reverse", RECIPES["wild-reverse"].about, judge_reverse, _train_reverse, FIGURES_HELP
    ),
    Protocol(
        "wild-choice",
        "choose settings for wild: learn from training people alone, meet MSR-Action3D",
        judge_choice,
        _train_choice,
        FIGURES_HELP,
    ),
]
