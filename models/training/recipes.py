"""Recipes: the people of the data sets that a model learns from, and those that test it.

Add a recipe to `RECIPES`. `CREDITS` has the citation and the terms of each data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from models.card import DataCredit, ModelCard
from models.datasets.pieces import BACKGROUND, PieceSet, labels_of, load_clip_set
from models.labels import KINDER as KINDER
from models.labels import PRECOG as PRECOG
from models.labels import UTD as UTD
from sensor.formats import clip_set

STEPS = 6000
"""The number of training steps of a recipe that sets no other."""

CREDITS = {
    UTD: (
        "UTD-MHAD",
        "C. Chen, R. Jafari, N. Kehtarnavaz, UTD-MHAD: A Multimodal Dataset for Human Action "
        "Recognition Utilizing a Depth Camera and a Wearable Inertial Sensor, ICIP 2015",
        "called a public domain dataset by its paper",
    ),
    PRECOG: (
        "PRECOG 2016",
        "continuous streams of punches and kicks, Kinect skeletons, 2016",
        "MIT",
    ),
    KINDER: (
        "Kinder-Gator",
        "A. Aloba, G. Flores, J. Woodward, A. Shaw, A. Castonguay, I. Cuba, Y. Dong, E. Jain, "
        "L. Anthony, Kinder-Gator: The UF Kinect Database of Child and Adult Motion, "
        "Eurographics 2018",
        "published for use in animation and whole-body recognition and interaction",
    ),
}
"""The title, the citation and the terms of use of each data set."""


@dataclass(frozen=True)
class Recipe:
    """The people to learn from, by data set, and those that are held out.

    Training and tuning read the validation people, but never the test people; only
    `jointwise evaluate` does. Classes in `left_out` are not learnt at all. `about` describes the
    recipe in one line.
    """

    about: str
    train: dict[str, list[int]]
    validation: dict[str, list[int]] = field(default_factory=dict)
    test: dict[str, list[int]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    steps: int = STEPS


_EVERYBODY = {UTD: [1, 2, 3, 4, 5, 6, 7, 8], PRECOG: [1, 2, 3, 4, 5, 6, 7, 8]}
_PROTOCOL = {UTD: [1, 3, 5, 7], PRECOG: [1, 2, 3, 4, 5, 6]}
_PROTOCOL_TEST = {UTD: [2, 4, 6, 8], PRECOG: [7, 8]}
VALIDATIONS = {
    "validation": {UTD: [7], PRECOG: [5, 6]},
    "validation-2": {UTD: [1], PRECOG: [1, 2]},
}
"""The people of the protocols' training part that each of these recipes holds out."""
# Each fold has two adults and two children.
_KINDER_FOLDS = [[565, 577, 103, 106], [604, 734, 169, 290], [876, 888, 337, 342]]
_KINDER_PEOPLE = sorted(who for fold in _KINDER_FOLDS for who in fold)


UNKNOWN = [
    ("catch", "throw", "draw_triangle", "bowling", "squat"),
    ("wave", "lunge", "basketball_shoot", "tennis_serve", "sit2stand"),
    ("clap", "jog", "draw_circle_cw", "swipe_left", "pickup_throw"),
]
"""Three draws of five classes of UTD-MHAD, by `numpy.random.default_rng(0).permutation(27)`."""


def _all_but(fold: list[int]) -> list[int]:
    """The people of Kinder-Gator outside a fold."""
    return [who for who in _KINDER_PEOPLE if who not in fold]


RECIPES = {
    **{
        name: Recipe(
            "for choosing settings: its validation people are training people of the protocols",
            {
                one: [who for who in everybody if who not in held[one]]
                for one, everybody in _PROTOCOL.items()
            },
            validation=held,
        )
        for name, held in VALIDATIONS.items()
    },
    "protocol": Recipe(
        "the published protocols: UTD-MHAD odd people, PRECOG people 1 to 6",
        _PROTOCOL,
        test=_PROTOCOL_TEST,
    ),
    **{
        f"unknown-{i + 1}": Recipe(
            f"the published protocols without {', '.join(classes)}",
            _PROTOCOL,
            test={UTD: _PROTOCOL_TEST[UTD]},
            left_out=classes,
            steps=1500,
        )
        for i, classes in enumerate(UNKNOWN)
    },
    "wild": Recipe(
        "learn from UTD-MHAD and PRECOG, test on Kinder-Gator",
        _EVERYBODY,
        test={KINDER: _KINDER_PEOPLE},
    ),
    "wild-reverse": Recipe(
        "learn from Kinder-Gator, test on UTD-MHAD and PRECOG",
        {KINDER: _KINDER_PEOPLE},
        test=_EVERYBODY,
    ),
    **{
        f"merged-{i + 1}": Recipe(
            f"all three sets; test people are fold {i + 1} of 3 of Kinder-Gator and those of the "
            "published protocols",
            _PROTOCOL | {KINDER: _all_but(fold)},
            test=_PROTOCOL_TEST | {KINDER: fold},
        )
        for i, fold in enumerate(_KINDER_FOLDS)
    },
    "shipped": Recipe(
        "the default model: all people of all three sets, nobody held out",
        _EVERYBODY | {KINDER: _KINDER_PEOPLE},
    ),
}


def vocabulary(data_dir: Path, sets: Sequence[str]) -> list[str]:
    """Background and the labels of the sets, in the order of the sets. Raises RecordingError."""
    named = [label for name in sets for label in labels_of(clip_set.load(data_dir / f"{name}.npz"))]
    return list(dict.fromkeys([BACKGROUND, *named]))


def without_classes(
    sets: Sequence[PieceSet], labels: Sequence[str], left_out: Sequence[str]
) -> tuple[list[PieceSet], list[str]]:
    """Leave out classes and the recordings that show them. Returns the sets and the labels."""
    kept = [label for label in labels if label not in left_out]
    code = np.array([kept.index(label) if label in kept else -1 for label in labels])
    fewer = [
        replace(
            one,
            labels=tuple(label for label in one.labels if label in kept),
            pieces=tuple(
                replace(piece, labels=code[piece.labels])
                for piece in one.pieces
                if (code[piece.labels] >= 0).all()
            ),
        )
        for one in sets
    ]
    return fewer, kept


def load_sets(data_dir: Path, labels: Sequence[str], sets: Sequence[str]) -> list[PieceSet]:
    """Load data sets from a folder of `.npz` files. Raises RecordingError."""
    return [load_clip_set(data_dir / f"{name}.npz", labels) for name in sets]


def data_credits(people: dict[str, list[int]]) -> list[DataCredit]:
    """The credits of a model that learnt from these people, for its card."""
    return [
        DataCredit(CREDITS[name][0], who, CREDITS[name][1], CREDITS[name][2])
        for name, who in people.items()
    ]


def learnt_from(card: ModelCard, data_set: str, people: Sequence[int]) -> tuple[int, ...]:
    """Which of `people` of a data set a model learnt from."""
    learnt = {who for c in card.trained_on if c.name == CREDITS[data_set][0] for who in c.people}
    return tuple(sorted(learnt.intersection(people)))
