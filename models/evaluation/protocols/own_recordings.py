"""`folder`: own recordings in one folder per class, tested on people the model has not learnt from.

The people are split into three folds (two people into two), and each fold is tested with a model
trained on the others. One in five of the training people, at least one, is held out to choose
temperature and thresholds. The only person who recorded a class is not held out for this.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from models.datasets.own_recordings import OwnSet, load_own
from models.errors import ModelError
from models.evaluation.protocol import Judgement, Protocol
from models.inference.recognizer import Recognizer, softmax
from models.scoring.answers import Answers
from models.scoring.clip_answers import clip_logits
from models.scoring.live_scoring import decide_starts, predict, score_starts
from models.training.own_training import (
    PEOPLE_FILE,
    People,
    classes_by_person,
    folds,
    own_config,
    train_own,
)
from models.training.recipes import STEPS


def _train(data: Path, seed: int, run_dir: Path, steps: int = STEPS) -> list[Path]:
    own = load_own(data)
    config = own_config(own, seed, steps)
    return [train_own(own, people, config, fold) for fold, people in _folds_in(run_dir, own)]


def _folds_in(run_dir: Path, own: OwnSet) -> list[tuple[Path, People]]:
    """Return the training folder and the people of each fold."""
    splits = enumerate(folds(own.people, classes_by_person(own)), 1)
    return [(run_dir / f"fold-{number}", people) for number, people in splits]


def _check_same(data: Path, run_dir: Path) -> None:
    """Raise ValueError if the folds of a run have learnt from other recordings."""
    from models.training.run_folder import same_data

    own = load_own(data)
    for fold, people in _folds_in(run_dir, own):
        same_data(fold, own.named(people.learn))


def _judge(model_dir: Path, data: Path) -> Judgement:
    """Measure the test people's recordings, as whole clips and live in a stream with rests.

    Raises ModelError if the model has other classes, learnt from everybody, or has a test person
    without recordings here.
    """
    own, recognizer = load_own(data), Recognizer(model_dir, "cpu")
    card = recognizer.card
    if list(own.labels) != card.labels:
        other = sorted(set(own.labels) ^ set(card.labels)) or card.labels
        raise ModelError(
            f"{model_dir} and {data} differ in classes ({', '.join(other)}): judge a model that "
            "was trained on this folder, or leave --model out"
        )
    people = _split(model_dir, own)
    tested = people.test
    logits, truth = clip_logits(recognizer, own.of(tested))
    right = logits.argmax(axis=1) == truth
    stream = own.streams(tested)
    starts = decide_starts(predict(recognizer, stream), card, card.thresholds)
    live = score_starts(stream, starts, card.background)
    return Judgement(
        float(right.mean()),
        {
            "clips": float(len(truth)),
            "people": float(len(tested)),
            "found_live": live.found_share,
            "rests_disturbed": live.disturbed_share,
        },
        f"{int(right.sum())} of {len(right)} recordings right; test people: {', '.join(tested)}",
        Answers(softmax(logits / np.float32(card.temperature)), truth, card.labels),
        delays_s=live.delays_s,
        seen_in_training=tuple(own.numbers(sorted(set(tested) & set(people.learn)))),
        data_files=tuple(file.path for file in own.files if file.person in tested),
    )


def _split(model_dir: Path, own: OwnSet) -> People:
    """Return the split that the model was trained with; without one, everybody is a test person.

    Raises ModelError if nobody is left to test, or a test person has no recordings.
    """
    path = model_dir / PEOPLE_FILE
    if not path.exists():
        return People([], [], list(own.people))
    people = msgspec.json.decode(path.read_bytes(), type=People)
    if not people.test:
        raise ModelError(
            f"{model_dir} has learnt from everybody: leave --model out to test by folds"
        )
    if missing := sorted(set(people.test) - set(own.people)):
        raise ModelError(f"{model_dir} is tested on {missing[0]!r}, who has no recordings here")
    return people


def _with_steps(steps: int) -> Protocol:
    """Return the protocol with this number of training steps."""
    return replace(PROTOCOLS[0], train=partial(_train, steps=steps))


PROTOCOLS = [
    Protocol(
        "folder",
        "own recordings, one folder per class, split by person into three folds",
        judge=_judge,
        train=_train,
        check=_check_same,
        of_steps=_with_steps,
        figures_help={
            "clips": "recordings of the test people",
            "people": "test people",
            "found_live": "share of recordings whose action started, in a stream with rests",
            "rests_disturbed": "share of the rests in which an action started",
        },
    )
]
