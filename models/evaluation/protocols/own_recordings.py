"""Own recordings, one folder a class: people are split, the served network learns and is judged.

The people are dealt into three folds (two people: two), and each fold is tested with a model that
has learnt from the others. One person in five of those, one at least, is kept from learning to
choose temperature and thresholds on, where nobody is needed to learn a class from.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from models.datasets.own_recordings import OwnSet, load_own
from models.errors import ModelError
from models.evaluation.protocol import Judged, Protocol
from models.inference.recognizer import softmax
from models.scoring.answers import Answers
from models.training.own_training import (
    PEOPLE_FILE,
    People,
    classes_by_person,
    folds,
    own_config,
    train_own,
)
from models.training.recipes import STEPS

if TYPE_CHECKING:
    pass


def _train(data: Path, seed: int, run_dir: Path, steps: int = STEPS) -> list[Path]:
    own = load_own(data)
    config = own_config(own, seed, steps)
    return [train_own(own, people, config, fold) for fold, people in _folds_in(run_dir, own)]


def _folds_in(run_dir: Path, own: OwnSet) -> list[tuple[Path, People]]:
    """The folder of each fold's run, and its people."""
    splits = enumerate(folds(own.people, classes_by_person(own)), 1)
    return [(run_dir / f"fold-{number}", people) for number, people in splits]


def _check_same(data: Path, run_dir: Path) -> None:
    """Raises ValueError where the folds of a run are not of these recordings."""
    from models.training.run_folder import same_data

    own = load_own(data)
    for fold, people in _folds_in(run_dir, own):
        same_data(fold, own.named(people.learn))


def _judge(model_dir: Path, data: Path) -> Judged:
    """The test people's recordings, each whole, and in a stream with rests by the live path."""
    from models.inference.recognizer import Recognizer
    from models.scoring.clip_answers import clip_logits
    from models.scoring.live_scoring import predictions, score, starts

    own, recognizer = load_own(data), Recognizer(model_dir, "cpu")
    card = recognizer.card
    if list(own.labels) != card.labels:
        other = sorted(set(own.labels) ^ set(card.labels)) or card.labels
        raise ModelError(
            f"{model_dir} and {data} have other classes ({', '.join(other)}): judge a model that "
            "was trained on this folder, or leave --model out"
        )
    people = _split(model_dir, own)
    tested = people.test
    logits, truth = clip_logits(recognizer, own.of(tested))
    right = logits.argmax(axis=1) == truth
    streams = own.streams(tested)
    live = score(
        streams, starts(predictions(recognizer, streams), card, card.thresholds), card.background
    )
    return Judged(
        float(right.mean()),
        {
            "clips": float(len(truth)),
            "people": float(len(tested)),
            "found_live": live.found_share,
            "rests_disturbed": live.disturbed_share,
        },
        f"{int(right.sum())} of {len(right)} recordings right, of {', '.join(tested)}",
        Answers(softmax(logits / np.float32(card.temperature)), truth, card.labels),
        delays_s=live.delays_s,
        seen_in_training=tuple(own.numbers(sorted(set(tested) & set(people.learn)))),
        data_files=tuple(file.path for file in own.files if file.person in tested),
    )


def _split(model_dir: Path, own: OwnSet) -> People:
    """The model's own split; everybody tests a model that has none. Raises ModelError."""
    path = model_dir / PEOPLE_FILE
    if not path.exists():
        return People([], [], list(own.people))
    people = msgspec.json.decode(path.read_bytes(), type=People)
    if not people.test:
        raise ModelError(f"{model_dir} learnt from everybody: leave --model out to test by folds")
    if strange := sorted(set(people.test) - set(own.people)):
        raise ModelError(f"{model_dir} is to be tested on {strange[0]!r}, who is not there")
    return people


def _with_steps(steps: int) -> Protocol:
    return replace(PROTOCOLS[0], train=partial(_train, steps=steps))


PROTOCOLS = [
    Protocol(
        "folder",
        "own recordings, one folder a class, split by person into three folds",
        judge=_judge,
        train=_train,
        check=_check_same,
        of_steps=_with_steps,
        figures_help={
            "clips": "recordings of people that the model has not seen",
            "people": "those people",
            "found_live": "recordings whose action started, in a stream with rests",
            "rests_disturbed": "rests between them in which an action started",
        },
    )
]
