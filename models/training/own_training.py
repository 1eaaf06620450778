"""Trains on a user's own recordings, and splits their people into learning, validation and test.

Modules that need torch are imported inside functions, so that a split needs no torch.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from models.datasets.own_recordings import OwnSet
from models.datasets.pieces import BACKGROUND
from models.training.recipes import STEPS

if TYPE_CHECKING:
    from models.training.config import TrainConfig
    from models.training.hardware import Hardware

FOLDS = 3
PEOPLE_FILE = "people.json"

log = logging.getLogger(__name__)


class People(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The people that a model learns from, is tuned on and is tested on. Kept beside the model."""

    learn: list[str]
    validation: list[str]
    test: list[str]


Classes = Mapping[str, Collection[str]]
"""The classes that each person recorded."""

_NONE: Classes = MappingProxyType({})


def everybody(people: Sequence[str], test: Sequence[str] = (), classes: Classes = _NONE) -> People:
    """Split the people that are not for testing into learning and validation.

    One in five validates, and at least one of two or more. If only one of these people recorded a
    class, that person always belongs to learning.
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
    """Split people into three folds (two people: two). Raises ValueError for one person."""
    if len(people) < 2:
        raise ValueError(
            f"all recordings are of one person ({people[0]}): a test needs somebody else"
        )
    count = min(FOLDS, len(people))
    return [everybody(people, people[fold::count], classes) for fold in range(count)]


def classes_by_person(own: OwnSet) -> dict[str, set[str]]:
    """The classes that each person recorded."""
    return {person: own.classes_of([person]) for person in own.people}


def own_config(own: OwnSet, seed: int, steps: int = STEPS) -> TrainConfig:
    """The settings of the shipped recipe, for a set of own recordings.

    Its limit on joints per filter was measured with many people and 6000 steps, so it is left out.
    """
    from models.training.config import TrainConfig

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
    """Train, or continue a run; tune on the validation people. Returns the model folder.

    Raises ValueError if the learning people recorded no action, or if the run began with other
    settings or recordings.
    """
    from models.card import DataCredit, save_card
    from models.training.run_folder import begin, same_data
    from models.training.stream_training import train_model
    from models.training.tuning import RESTS, Validated, tuned_on

    check_classes(own, people)
    pieces, model_dir = own.parts(people.learn, config.frames), run_dir / "model"
    begin(run_dir, config)
    same_data(run_dir, own.named(people.learn))
    held = own.of(people.validation)
    credit = DataCredit(own.name, own.numbers(people.learn), "own recordings", "own recordings")
    card = train_model(config, pieces, held, [credit], run_dir, hardware=hardware)
    (model_dir / PEOPLE_FILE).write_bytes(msgspec.json.encode(people))
    if people.validation:
        streams = [own.streams(people.validation, rest_s, order) for rest_s, order in RESTS]
        tuned = tuned_on([Validated(model_dir, held, streams)])
        save_card(card.tuned_to(tuned), model_dir)
    return model_dir


def check_classes(own: OwnSet, people: People) -> None:
    """Check that there is an action to learn, and log each class that only other people recorded.

    Raises ValueError.
    """
    actions, learnt = set(own.labels) - {BACKGROUND}, own.classes_of(people.learn)
    if not actions & learnt:
        raise ValueError(
            f"{', '.join(people.learn)} recorded nothing but {BACKGROUND}: record an action as "
            "well, in a folder of its name"
        )
    for label in sorted(actions - learnt):
        log.warning("%s is not learnt: none of %s did it", label, ", ".join(people.learn))
