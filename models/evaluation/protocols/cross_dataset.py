"""`wild`, `wild-reverse` and `wild-choice`: live streams of a data set that was never trained on.

People, camera, rests and the way of doing each action all differ from the training data, as for a
new user. A clip is right if its action starts and no other action has a greater weight in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.shared_motions import (
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
from models.scoring.live_scoring import GRACE_NS, decide, predict
from models.training.recipe_training import train_recipe, tuned_on_validation
from models.training.recipes import CREDITS, RECIPES, learnt_from
from sensor.formats import clip_set
from sensor.formats.clip_selection import Selection
from sensor.formats.clip_stream import RATE_HZ, to_recording
from sensor.formats.recording import LOCAL_LIMITS, Recording, Span
from sensor.skeleton import KINECT_V2, convert_joints

REST_S = 1.0
"""The rests between clips, seconds."""


@dataclass(frozen=True)
class Ongoing:
    """The action in progress at the moment of a prediction, and its predicted probability."""

    at_ns: int
    label: str
    probability: float


def ongoing_actions(predictions: Iterable[Prediction], card: ModelCard) -> list[Ongoing]:
    """Return the action in progress at each prediction, decided with the card's thresholds.

    Predictions without an action in progress are left out.
    """
    return [
        Ongoing(one.captured_ns, card.labels[current], float(one.probabilities[current]))
        for one, current, _ in decide(predictions, card, card.thresholds)
        if current is not None
    ]


def leading_label(span: Span, ongoing: Iterable[Ongoing]) -> str | None:
    """Return the label with the greatest weight from a clip's beginning to its end + 0.5 s.

    The weight is the sum of the probabilities while the action is in progress. None if there is no
    action.
    """
    weight: Counter[str] = Counter()
    for one in ongoing:
        if span.start_ns <= one.at_ns < span.end_ns + GRACE_NS:
            weight[one.label] += one.probability  # type: ignore[assignment]
    return max(weight, key=lambda label: weight[label]) if weight else None


def streams_by_person(
    data: Path, data_set: str, people: Iterable[int] = (), motions: Iterable[str] = ()
) -> list[Recording]:
    """Load the clips of a set as one stream per person, with rests between them.

    `people` and `motions` (plain names of classes) select clips; empty means all. Raises
    RecordingError.
    """
    clips = clip_set.load(data / f"{data_set}.npz")
    labels = tuple(name for name in clips.names if plain_label(name) in set(motions))
    chosen = list(people) or sorted(set(clips.subject.tolist()))
    return [
        to_recording(
            data_set,
            clips,
            Selection(
                subject=(str(person),),
                label=labels,
                rest_s=REST_S,
                rate_hz=NATIVE_HZ.get(data_set, RATE_HZ),
            ),
            LOCAL_LIMITS,
        )
        for person in chosen
    ]


def right_labels(answers: frozenset[str], recording: Recording, span: Span) -> frozenset[str]:
    """Return the right labels of a clip; for a swipe, the direction in which the hand moves.

    The direction is measured because people do not always swipe the way they were asked to.
    """
    if answers != SWIPES:
        return answers
    bodies = [frame.bodies[0] for frame in recording.frames[span.first : span.last + 1]]
    joints_m = np.stack([body.joints_m for body in bodies])
    confidence = np.stack([body.confidence for body in bodies])
    joints_m, _ = convert_joints(joints_m, confidence, recording.layout, KINECT_V2)
    return frozenset({merged_label(recording.name, span.label, joints_m[:, CANONICAL_PICKS])})


@dataclass(frozen=True)
class _ClipResult:
    """A clip's class by its plain name, its leading label, and whether that is right."""

    name: str
    leader: str | None
    right: bool


def _clip_results(
    recognizer: Recognizer, data: Path, data_set: str, answers: Mapping[str, frozenset[str]]
) -> list[_ClipResult]:
    """Run the streams of a set and look up the leading label of each clip with an answer."""
    motions = () if data_set == PRECOG else answers  # PRECOG's recordings are not cut into clips.
    results = []
    for recording in streams_by_person(data, data_set, motions=motions):
        ongoing = ongoing_actions(predict(recognizer, recording), recognizer.card)
        for span in recording.spans:
            name = plain_label(span.label)
            if name in answers:
                leader = leading_label(span, ongoing)
                right = leader in right_labels(answers[name], recording, span)
                results.append(_ClipResult(name, leader, right))
    return results


def _judge(
    model_dir: Path, data: Path, tested: Mapping[str, Mapping[str, frozenset[str]]]
) -> Judgement:
    """Measure the motions of each set in `tested`, given the right labels of each motion."""
    recognizer = Recognizer(model_dir)
    results = [
        result
        for data_set, answers in tested.items()
        for result in _clip_results(recognizer, data, data_set, answers)
    ]
    right = [result.right for result in results]
    silent = sum(result.leader is None for result in results)
    figures = {"clips": float(len(right)), "clips_with_no_action": float(silent)}
    for name in sorted({result.name for result in results}):
        own = [result.right for result in results if result.name == name]
        figures[f"right: {name}"] = float(np.mean(own))
    credited = [name for name in tested if name in CREDITS]
    seen = {n for name in credited for n in learnt_from(recognizer.card, name, range(10_000))}
    return Judgement(
        float(np.mean(right)),
        figures,
        f"{sum(right)} of {len(right)} clips right: the right action started and leads",
        seen_in_training=tuple(sorted(seen)),
        data_files=tuple(data / f"{name}.npz" for name in tested),
    )


def judge_wild(model_dir: Path, data: Path) -> Judgement:
    """Measure the motions of Kinder-Gator that UTD-MHAD and PRECOG have too."""
    return _judge(model_dir, data, {KINDER: KINDER_ANSWERS})


def judge_reverse(model_dir: Path, data: Path) -> Judgement:
    """Measure the same motions of UTD-MHAD and PRECOG, for a model of Kinder-Gator alone."""
    return _judge(model_dir, data, {UTD: UTD_ANSWERS, PRECOG: PRECOG_ANSWERS})


def judge_choice(model_dir: Path, data: Path) -> Judgement:
    """Measure the motions of MSR-Action3D that UTD-MHAD and PRECOG have too.

    Settings for `wild` are chosen by this result, so that Kinder-Gator stays unseen.
    """
    return _judge(model_dir, data, {MSR: MSR_ANSWERS})


def _train_choice(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [tuned_on_validation(data, run_dir)]


def _train_wild(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [train_recipe("wild", data, seed, run_dir)]


def _train_reverse(data: Path, seed: int, run_dir: Path) -> list[Path]:
    return [train_recipe("wild-reverse", data, seed, run_dir)]


FIGURES_HELP = {
    "clips_with_no_action": "clips in which no action started",
}

PROTOCOLS = [
    Protocol("wild", RECIPES["wild"].about, judge_wild, _train_wild, FIGURES_HELP),
    Protocol(
        "wild-reverse", RECIPES["wild-reverse"].about, judge_reverse, _train_reverse, FIGURES_HELP
    ),
    Protocol(
        "wild-choice",
        "choose settings for wild: learn from training people only, test on MSR-Action3D",
        judge_choice,
        _train_choice,
        FIGURES_HELP,
    ),
]
