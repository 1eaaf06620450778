"""`precog-online`: PRECOG's test people, their continuous recordings as one live stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from models.card import ModelCard
from models.evaluation.protocol import Judgement, Protocol
from models.evaluation.protocols.live_streams import (
    FALSE_ACTIONS,
    FIGURES_HELP,
    frame_figures,
    idle_figures,
    run_stream,
    stream_judgement,
)
from models.evaluation.test_people import RUN, TEST_PEOPLE
from models.evaluation.window_baseline import baseline
from models.inference.recognizer import Recognizer
from models.scoring.frame_labels import labelled_ranges
from models.scoring.live_scoring import load_stream
from models.training.recipe_training import train_served
from models.training.recipes import PRECOG, learnt_from
from sensor.formats import clip_set

LONG_REST_S = 60.0
"""The rests of the second stream, in which false starts are counted, seconds."""


def judge_precog_live(model_dir: Path, data: Path, people: tuple[int, ...] = ()) -> Judgement:
    """Measure continuous recordings of kicks and punches, with rests of 2 s between them."""
    return _judge_precog(Recognizer(model_dir), data, people, complete=False)


def judge_precog(model_dir: Path, data: Path, people: tuple[int, ...] = ()) -> Judgement:
    """Measure the same with the baseline of fixed windows, and false starts in long rests."""
    return _judge_precog(Recognizer(model_dir), data, people, complete=True)


def _judge_precog(
    recognizer: Recognizer, data: Path, people: tuple[int, ...], complete: bool
) -> Judgement:
    background = recognizer.card.background
    path, tested = precog_people(recognizer.card, data, people)
    result = run_stream(recognizer, load_stream(data, path.stem, tested))
    ranges, rested = labelled_ranges(result.recording), None
    figures = frame_figures(result, ranges, background)
    if complete:
        figures |= baseline(recognizer, result.recording, ranges)
        rested = run_stream(recognizer, load_stream(data, path.stem, tested, LONG_REST_S))
    figures |= idle_figures(result, background, rested)
    seen = learnt_from(recognizer.card, PRECOG, tested)
    return stream_judgement(result, figures, seen, path)


def precog_people(
    card: ModelCard, data: Path, chosen: Sequence[int] = ()
) -> tuple[Path, tuple[int, ...]]:
    """Return the PRECOG file to test on, and its people to test.

    - The `chosen` people, if any, in the first file that has all of them.
    - Else the published test people, in the first file that has them.
    - Else everybody in the first file that the model has not learnt from, or everybody if there is
      nobody else.

    Raises RecordingError if there is no such file, and ValueError if no file has all of the chosen
    people.
    """
    files = sorted(data.glob("precog2016*.npz")) or [data / f"{PRECOG}.npz"]
    people = {path: tuple(map(int, np.unique(clip_set.load(path).subject))) for path in files}
    wanted = tuple(chosen) or TEST_PEOPLE[PRECOG]
    for path, present in people.items():
        if set(wanted) <= set(present):
            return path, wanted
    if chosen:
        known = "; ".join(f"{path.name}: {', '.join(map(str, p))}" for path, p in people.items())
        raise ValueError(f"no file has all of people {', '.join(map(str, chosen))} ({known})")
    path, present = next(iter(people.items()))
    learnt = learnt_from(card, PRECOG, present)
    return path, tuple(person for person in present if person not in learnt) or present


def _unseen_precog(card: ModelCard, data: Path, people: tuple[int, ...] = ()) -> bool:
    """Whether the model has learnt from none of the people to test."""
    return not learnt_from(card, PRECOG, precog_people(card, data, people)[1])


def _precog_of(people: tuple[int, ...]) -> Protocol:
    """The protocol with other test people."""
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
