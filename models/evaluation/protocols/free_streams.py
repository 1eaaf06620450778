"""`streams` and `walks`: people who move freely, in streams composed of sets never learnt from.

Each stream shows one person, who does known and unknown actions of a data set, rests, turns, walks
through the room and does other things. The walks and other things are CMU motions on this person's
bones.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.augmentation.continuous_streams import Between
from models.card import ModelCard
from models.evaluation.free_motion import WALK_S, between_of, streams_of, walking_streams
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
from models.public_sets.clip_data import MSR, NW_UCLA
from models.scoring.span_scores import Meaning, SpanScore, score_spans

MEANINGS: dict[str, Mapping[str, Meaning]] = {
    MSR: MSR_MEANINGS,
    NW_UCLA: NW_UCLA_MEANINGS,
    UI_PRMD: UI_PRMD_MEANINGS,
}
"""The sets with actions, and the labels that are right for their motions."""


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


def judge_walks(model_dir: Path, data: Path, seconds: float = WALK_S) -> Judgement:
    """Count the starts other than `walk` while a person walks through a room."""
    recognizer = Recognizer(model_dir)
    card = recognizer.card
    runs = run_apart(recognizer, walking_streams(data, seconds))
    labels = [start.label for run in runs for start, _ in run.starts]
    false = [label for label in labels if label != "walk"]
    named = [one.label == "walk" for run in runs for one in run.predictions]
    figures = {
        "minutes": sum(run.recording.duration_s for run in runs) / 60,
        "walk_starts": float(len(labels) - len(false)),
        "false_actions": float(len(false)),
        "walking_share": float(np.mean(named)),
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
