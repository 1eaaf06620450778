"""Protocol `precog-online`: PRECOG people 7 and 8, continuous, as one live stream each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.evaluation.protocol import Judged, Protocol
from models.evaluation.protocols.live_streams import (
    FALSE_ACTIONS,
    FIGURES_HELP,
    _judged,
    frame_figures,
    idle_figures,
    watch,
)
from models.evaluation.test_people import RUN, TEST_PEOPLE
from models.evaluation.window_baseline import baseline
from models.inference.recognizer import Recognizer
from models.scoring.frame_labels import recorded_parts
from models.scoring.live_scoring import streams_of
from models.training.recipe_training import train_served
from models.training.recipes import PRECOG, learnt_from
from sensor.formats import clip_set

LONG_REST_S = 60.0


def judge_precog_live(model_dir: Path, data: Path, people: tuple[int, ...] = ()) -> Judged:
    """Continuous recordings of kicks and punches, with rests of 2 s between them."""
    return _judge_precog(Recognizer(model_dir), data, people, at_length=False)


def judge_precog(model_dir: Path, data: Path, people: tuple[int, ...] = ()) -> Judged:
    """The same, beside fixed windows, and with rests of a minute for what is said in those."""
    return _judge_precog(Recognizer(model_dir), data, people, at_length=True)


def _judge_precog(
    recognizer: Recognizer, data: Path, people: tuple[int, ...], at_length: bool
) -> Judged:
    background = recognizer.card.background
    path, tested = precog_people(recognizer.card, data, people)
    live = watch(recognizer, streams_of(data, path.stem, tested))
    parts, rested = recorded_parts(live.recording), None
    figures = frame_figures(live, parts, background)
    if at_length:
        figures |= baseline(recognizer, live.recording, parts)
        rested = watch(recognizer, streams_of(data, path.stem, tested, LONG_REST_S))
    figures |= idle_figures(live, background, rested)
    return _judged(live, figures, learnt_from(recognizer.card, PRECOG, tested), path)


def precog_people(
    card: ModelCard, data: Path, asked: Sequence[int] = ()
) -> tuple[Path, tuple[int, ...]]:
    """The file of PRECOG that is tested, and its people.

    Those `asked` for; else the published test people; else, where no file of the folder has
    them, all whom the model has not seen; else all. Raises RecordingError where there is no
    such file, ValueError where it lacks somebody.
    """
    files = sorted(data.glob("precog2016*.npz")) or [data / f"{PRECOG}.npz"]
    people = {path: tuple(map(int, np.unique(clip_set.load(path).subject))) for path in files}
    wanted = tuple(asked) or TEST_PEOPLE[PRECOG]
    for path, there in people.items():
        if set(wanted) <= set(there):
            return path, wanted
    if asked:
        known = "; ".join(f"{path.name}: {', '.join(map(str, p))}" for path, p in people.items())
        raise ValueError(f"no file has all of people {', '.join(map(str, asked))} ({known})")
    path, there = next(iter(people.items()))
    known_to_it = learnt_from(card, PRECOG, there)
    return path, tuple(who for who in there if who not in known_to_it) or there


def _unseen_precog(card: ModelCard, data: Path, people: tuple[int, ...] = ()) -> bool:
    return not learnt_from(card, PRECOG, precog_people(card, data, people)[1])


def _precog_of(people: tuple[int, ...]) -> Protocol:
    return replace(
        PRECOG_ONLINE,
        about=f"PRECOG's people {', '.join(map(str, people))}, continuous streams, live",
        judge=partial(judge_precog, people=people),
        unseen=partial(_unseen_precog, people=people),
    )


PRECOG_ONLINE = Protocol(
    "precog-online",
    "PRECOG's test people, continuous streams, live",
    judge_precog,
    train_served,
    FIGURES_HELP,
    run=RUN,
    unseen=_unseen_precog,
    of_people=_precog_of,
    rates=(FALSE_ACTIONS,),
)

PROTOCOLS = [PRECOG_ONLINE]
