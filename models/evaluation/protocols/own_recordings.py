"""Own recordings, one folder a class: people are split, the served network learns and is judged.

The people are dealt into three folds (two people: two), and each fold is tested with a model that
has learnt from the others. One person in five of those, one at least, is kept from learning to
choose temperature and thresholds on, where nobody is needed to learn a class from.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from models.datasets.own_recordings import OwnSet, load_own
from models.datasets.pieces import BACKGROUND
from models.errors import ModelError
from models.evaluation.protocol import Answers, Judged, Protocol
from models.inference.recognizer import softmax
from models.training.recipes import STEPS

if TYPE_CHECKING:
    from models.training.hardware import Hardware
    from models.training.run import TrainConfig

log = logging.getLogger(__name__)

FOLDS = 3
PEOPLE_FILE = "people.json"


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who a model learnt from, who it was tuned on, and who is left to test it; kept beside it."""

    learn: list[str]
    validation: list[str]
    test: list[str]


Classes = Mapping[str, Collection[str]]
"""Of what each person has recordings."""
_NONE: Classes = MappingProxyType({})


def everybody(people: Sequence[str], test: Sequence[str] = (), classes: Classes = _NONE) -> People:
    """All but the test people learn, or of two or more one in five, one at least, validates.

    Nobody validates who alone of the rest has recordings of a class.
    """
    learn = [person for person in people if person not in test]
    wanted = len(learn[::5]) if len(learn) > 1 else 0
    validation: list[str] = []
    for person in dict.fromkeys([*learn[::5], *learn]):
        others = [one for one in learn if one != person]
        known = {label for one in others for label in classes.get(one, ())}
        if len(validation) < wanted and known.issuperset(classes.get(person, ())):
            validation.append(person)
            learn = others
    return People(learn, validation, list(test))


def folds(people: Sequence[str], classes: Classes = _NONE) -> list[People]:
    """The splits of a set by person. Raises ValueError for one person."""
    if len(people) < 2:
        raise ValueError(
            f"all recordings are of one person ({people[0]}): a test needs somebody else"
        )
    count = min(FOLDS, len(people))
    return [everybody(people, people[fold::count], classes) for fold in range(count)]


def classes_by_person(own: OwnSet) -> dict[str, set[str]]:
    """Of what each person has recordings."""
    return {person: own.classes_of([person]) for person in own.people}


def own_config(own: OwnSet, seed: int, steps: int = STEPS) -> TrainConfig:
    """The streams recipe for a set of own recordings."""
    from models.training.run import TrainConfig

    return TrainConfig(
        "folder", list(own.labels), seed=seed, steps=steps, set_share={own.name: 1.0}
    )


def train_own(
    own: OwnSet,
    people: People,
    config: TrainConfig,
    run_dir: Path,
    hardware: Hardware | None = None,
) -> Path:
    """Train, or go on; tune on the validation people; returns the folder of the model.

    Raises ValueError where nobody does anything to learn.
    """
    from models.card import DataCredit, Tuned, save_card
    from models.gallery.exemplars import make_exemplars, save_exemplars
    from models.training.loop import begin, same_data
    from models.training.model_folder import write_model
    from models.training.run import train_on_streams
    from models.training.tuning import RESTS, Validated, tuned_on

    check_classes(own, people)
    learnt, model_dir = own.parts(people.learn, config.frames), run_dir / "model"
    begin(run_dir, config)
    same_data(run_dir, own.named(people.learn))
    network = train_on_streams(
        config, learnt, own.of(people.validation), run_dir, hardware=hardware
    )
    credit = DataCredit(own.name, own.numbers(people.learn), "own recordings", "own recordings")
    card = write_model(network, config, [credit], Tuned(), model_dir)
    save_exemplars(*make_exemplars(learnt, own.labels, config.features), model_dir)
    (model_dir / PEOPLE_FILE).write_bytes(msgspec.json.encode(people))
    if people.validation:
        streams = [own.streams(people.validation, rest_s, order) for rest_s, order in RESTS]
        tuned = tuned_on([Validated(model_dir, own.of(people.validation), streams)])
        save_card(card.tuned_to(tuned), model_dir)
    return model_dir


def check_classes(own: OwnSet, people: People) -> None:
    """Whether there is something to learn; a class that only others did is told."""
    actions, learnt = set(own.labels) - {BACKGROUND}, own.classes_of(people.learn)
    if not actions & learnt:
        raise ValueError(
            f"{', '.join(people.learn)} recorded nothing but {BACKGROUND}: record an action as "
            "well, in a folder of its name"
        )
    for label in sorted(actions - learnt):
        log.warning("%s is not learnt: none of %s did it", label, ", ".join(people.learn))


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
    from models.training.loop import same_data

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
