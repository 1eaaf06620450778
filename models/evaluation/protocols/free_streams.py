"""`streams` and `walks`: people who move freely, in streams composed of sets never learnt from.

Each stream shows one person, who does known and unknown actions of a data set, rests, turns, walks
through the room and does other things. The walks and other things are CMU motions on this person's
bones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import numpy as np

from models.augmentation.continuous_streams import (
    Between,
    ContinuousStream,
    Stretch,
    continuous_recording,
)
from models.augmentation.limbs import bones_of
from models.card import ModelCard
from models.datasets.whole_motions import WholeMotion, load_motions
from models.evaluation.live_runs import LiveRun, run_apart
from models.evaluation.protocol import Confidences, Judgement, Protocol
from models.evaluation.shared_motions import (
    CMU_MEANINGS,
    MSR_MEANINGS,
    NW_UCLA_MEANINGS,
    UI_PRMD_MEANINGS,
)
from models.evaluation.stream_figures import (
    FALSE_ACTIONS,
    FIGURES_HELP,
    exchange_figures,
    false_by_class,
    span_figures,
    starts_by_motion,
)
from models.evaluation.test_people import CMU_TEST_PEOPLE, learnt_people
from models.inference.recognizer import Recognizer
from models.labels import CMU, UI_PRMD
from models.progress import steps
from models.public_sets.clip_data import EXCHANGED_LABELS, MSR, NATIVE_HZ, NW_UCLA
from models.public_sets.clip_recipes import NW_SETTINGS
from models.scoring.span_scores import Meaning, SpanScore, score_spans
from sensor.formats.recording import Recording

SEED = 18
MEANINGS: dict[str, Mapping[str, Meaning]] = {
    MSR: MSR_MEANINGS,
    NW_UCLA: NW_UCLA_MEANINGS,
    UI_PRMD: UI_PRMD_MEANINGS,
}
"""The sets with actions, and the labels that are right for their motions."""
CLIPS = {MSR: 1, NW_UCLA: 2, UI_PRMD: 1}
"""Clips of each class and person in a stream."""
WALK_S = 600.0
"""Length of the stream of walking, seconds."""
_UNUSABLE_WALKS = 40
"""Walks with fewer frames are too short to be joined."""


def between_of(data: Path) -> Between:
    """Walks and other motions of CMU's test people. Raises RecordingError."""
    motions = [
        motion for motion in load_motions(data / f"{CMU}.npz") if motion.person in CMU_TEST_PEOPLE
    ]
    walks = [m for m in motions if m.name == "walk" and len(m.joints_m) >= _UNUSABLE_WALKS]
    return Between(
        tuple(Stretch(motion.joints_m, motion.name) for motion in walks),
        tuple(Stretch(m.joints_m, m.name) for m in motions if m.name not in ("walk", "run")),
    )


def actions_by_person(data: Path, data_set: str) -> dict[int, list[WholeMotion]]:
    """The motions of a set by person, with a level camera and mended labels."""
    people: dict[int, list[WholeMotion]] = {}
    for motion in load_motions(data / f"{data_set}.npz", NATIVE_HZ.get(data_set, 30.0)):
        people.setdefault(motion.person, []).append(_mended(motion, data_set))
    return people


def _mended(motion: WholeMotion, data_set: str) -> WholeMotion:
    if data_set != NW_UCLA:
        return motion
    one, other = EXCHANGED_LABELS[NW_UCLA].get((motion.person, motion.view), ("", ""))
    name = {one: other, other: one}.get(motion.name, motion.name)
    joints_m = np.asarray(NW_SETTINGS.coordinates.upright(motion.joints_m), np.float32)
    return WholeMotion(joints_m, name, motion.person, motion.view)


def streams_of(
    data: Path, data_set: str, between: Between, without: Collection[int] = ()
) -> Iterator[Recording]:
    """One stream for each other person of a set, with some clips of each class in random order."""
    people = actions_by_person(data, data_set)
    for person, motions in sorted(people.items()):
        if person in without:
            continue
        rng = np.random.default_rng((SEED, person))
        chosen: list[list[Stretch]] = []
        for name in sorted({motion.name for motion in motions}):
            own = [motion for motion in motions if motion.name == name]
            picks = rng.permutation(len(own))[: CLIPS[data_set]]
            chosen += [[Stretch(own[n].joints_m, name)] for n in picks]
        order = [chosen[n] for n in rng.permutation(len(chosen))]
        yield continuous_recording(rng, f"{data_set} {person}", order, between)


def judge_streams(model_dir: Path, data: Path) -> Judgement:
    """Measure the actions found and the false starts of streams of MSR-Action3D and NW-UCLA.

    If its file is there, the people of UI-PRMD that the model has not learnt from are measured
    beside them.
    """
    recognizer = Recognizer(model_dir)
    card, between = recognizer.card, between_of(data)
    runs = {name: _run_set(recognizer, data, name, between) for name in (MSR, NW_UCLA)}
    scores = {name: _score(card, runs[name], name) for name in runs}
    total = sum(scores.values(), SpanScore())
    every = [
        (run.recording, run.predictions, _known(card, name)) for name in runs for run in runs[name]
    ]
    figures = span_figures(total) | starts_by_motion(total)
    figures |= false_by_class(total, card) | exchange_figures(card, every)
    figures |= {f"found in {name}": score.found_share for name, score in scores.items()}
    more = [UI_PRMD] if (data / f"{UI_PRMD}.npz").exists() else []
    for name in more:
        extra = _run_set(recognizer, data, name, between)
        figures |= _beside(_score(card, extra, name), name)
    return Judgement(
        total.found_share,
        figures,
        f"{total.found.total()} of {total.actions.total()} actions started correctly by their "
        f"end + 0.5 s; {figures['false_actions']:.0f} false starts in "
        f"{figures['background_minutes']:.1f} minutes without an action",
        delays_s=total.delays_s,
        seen_in_training=_seen(card),
        data_files=tuple(data / f"{name}.npz" for name in (CMU, *runs, *more)),
        confidences=Confidences.of(
            (start.confidence, start.grade == "right")
            for start in total.starts
            if start.grade != "fitting"
        ),
    )


def _run_set(recognizer: Recognizer, data: Path, data_set: str, between: Between) -> list[LiveRun]:
    learnt = learnt_people(recognizer.card, data_set) if data_set == UI_PRMD else ()
    streams = list(streams_of(data, data_set, between, learnt))
    return run_apart(recognizer, steps(streams, data_set, len(streams)))


def _known(card: ModelCard, data_set: str) -> dict[str, Meaning]:
    """The meanings of a set's motions and of CMU's, as far as the model has the labels."""
    every = {**CMU_MEANINGS, **MEANINGS[data_set]}
    return {name: meaning.known_to(card.labels) for name, meaning in every.items()}


def _score(card: ModelCard, runs: list[LiveRun], data_set: str) -> SpanScore:
    meanings = _known(card, data_set)
    scores = [score_spans(run.recording, run.starts, meanings) for run in runs]
    return sum(scores, SpanScore())


def _beside(score: SpanScore, data_set: str) -> dict[str, float]:
    """The figures of a set that is not part of the headline; none without actions."""
    if not score.actions:
        return {}
    figures = span_figures(score)
    return {
        f"found in {data_set}": score.found_share,
        f"false_actions_per_hour in {data_set}": figures[FALSE_ACTIONS.per_hour],
        **{f"found in {data_set}: {n}": score.found[n] / c for n, c in score.actions.items()},
    }


def _seen(card: ModelCard) -> tuple[int, ...]:
    """The people of the streams that a model has learnt from."""
    tested = (*learnt_people(card, MSR), *learnt_people(card, NW_UCLA))
    return tuple(sorted({*tested, *learnt_people(card, CMU, CMU_TEST_PEOPLE)}))


def walking_stream(data: Path, seconds: float = WALK_S) -> Recording:
    """Ten minutes in which one of CMU's test people walks through a room. Raises RecordingError."""
    between = between_of(data)
    first = between.walks[0].joints_m
    stream = ContinuousStream(np.random.default_rng(SEED), bones_of([first]), between)
    stream.begin(first[0])
    stream.walk(seconds)
    return stream.recording("walks")


def judge_walks(model_dir: Path, data: Path, seconds: float = WALK_S) -> Judgement:
    """Count the starts other than `walk` while a person walks through a room."""
    recognizer = Recognizer(model_dir)
    card = recognizer.card
    (run,) = run_apart(recognizer, [walking_stream(data, seconds)])
    false = [start.label for start, _ in run.starts if start.label != "walk"]
    figures = {
        "minutes": run.recording.duration_s / 60,
        "walk_starts": float(len(run.starts) - len(false)),
        "false_actions": float(len(false)),
        "walking_share": _share_of_walking(run, card.labels.index("walk")),
    }
    figures |= {f"false: {label}": float(false.count(label)) for label in sorted(set(false))}
    return Judgement(
        float(not false),
        figures,
        f"100 % if nothing but `walk` starts; {len(false)} other starts in "
        f"{figures['minutes']:.1f} minutes",
        seen_in_training=learnt_people(card, CMU, CMU_TEST_PEOPLE),
        data_files=(data / f"{CMU}.npz",),
    )


def _share_of_walking(run: LiveRun, walk: int) -> float:
    """The share of predictions with `walk` on top."""
    return float(np.mean([one.probabilities.argmax() == walk for one in run.predictions]))


WALK_HELP = {
    "minutes": "length of the stream",
    "walk_starts": "starts of `walk`",
    "false_actions": "starts of anything else",
    "walking_share": "share of predictions with `walk` on top",
}

PROTOCOLS = [
    Protocol(
        "streams",
        "continuous streams of sets never learnt from: found, and false starts by class",
        judge_streams,
        None,
        FIGURES_HELP,
        counts=frozenset({"actions", "wrong_actions", "fitting_actions"}),
        rates=(FALSE_ACTIONS,),
    ),
    Protocol(
        "walks",
        "ten minutes of walking through a room: starts of anything but walk",
        judge_walks,
        None,
        WALK_HELP,
        counts=frozenset({"minutes", "walk_starts", "false_actions"}),
    ),
]
