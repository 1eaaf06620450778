"""Recipes: the people of the data sets that a model learns from, and those that test it.

Add a recipe to `RECIPES`. `credits` has the citation and the terms of each data set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from models.datasets.pieces import BACKGROUND, PieceSet, labels_of, load_clip_set
from models.labels import CMU, FALLS, UI_PRMD
from models.labels import KINDER as KINDER
from models.labels import PRECOG as PRECOG
from models.labels import UTD as UTD
from models.training.credits import CREDITS as CREDITS
from models.training.credits import data_credits as data_credits
from models.training.credits import learnt_from as learnt_from
from sensor.errors import RecordingError
from sensor.formats import clip_set

STEPS = 6000
"""The number of training steps of a recipe that sets no other."""
STEM_SPARSITY = 0.3
"""The `stem_sparsity` of all recipes: 3 joints then carry the median filter (validation people)."""


@dataclass(frozen=True)
class Recipe:
    """The people to learn from, by data set, and those that are held out.

    Training and tuning read the validation people, but never the test people; only
    `jointwise evaluate` does. Classes in `left_out` are not learnt at all. With `own_names`,
    classes have the names of their data set, not those of the vocabulary. `about` describes the
    recipe in one line.
    """

    about: str
    train: dict[str, list[int]]
    validation: dict[str, list[int]] = field(default_factory=dict)
    test: dict[str, list[int]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    steps: int = STEPS
    own_names: bool = False


OPTIONAL = {FALLS}
"""Data sets that a recipe learns from only if their file is there."""

_CMU_PEOPLE = [-1, 1, 2, 3, 5, 6, 7]
"""The known people of CMU, and -1 for all unknown ones, who must stay on one side of a split."""
_SHAPES = list(range(60))
"""The body shapes of simulated falls."""
_MORE = {UI_PRMD: [1, 2, 3, 4, 5, 6, 7, 8], CMU: _CMU_PEOPLE, FALLS: _SHAPES}
_EVERYBODY = {UTD: [1, 2, 3, 4, 5, 6, 7, 8], PRECOG: [1, 2, 3, 4, 5, 6, 7, 8]}
_PROTOCOL = {
    UTD: [1, 3, 5, 7],
    PRECOG: [1, 2, 3, 4, 5, 6],
    UI_PRMD: [1, 2, 3, 4, 5, 6],
    CMU: [-1, 1, 2, 3],
    FALLS: _SHAPES[:48],
}
_PROTOCOL_TEST = {
    UTD: [2, 4, 6, 8],
    PRECOG: [7, 8],
    UI_PRMD: [7, 8],
    CMU: [5, 6, 7],
    FALLS: _SHAPES[48:],
}
VALIDATIONS = {
    "validation": {UTD: [7], PRECOG: [5, 6], UI_PRMD: [5], CMU: [3], FALLS: _SHAPES[36:42]},
    "validation-2": {UTD: [1], PRECOG: [1, 2], UI_PRMD: [1], CMU: [2], FALLS: _SHAPES[42:48]},
}
"""The people of the protocols' training part that each of these recipes holds out."""
# Each fold has two adults and two children.
_KINDER_FOLDS = [[565, 577, 103, 106], [604, 734, 169, 290], [876, 888, 337, 342]]
_KINDER_PEOPLE = sorted(who for fold in _KINDER_FOLDS for who in fold)
_UI_PRMD_FOLDS = [[1, 2], [3, 4], [5, 6], [7, 8]]

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
        "the published protocols: UTD-MHAD odd people, PRECOG people 1 to 6; and other sets",
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
        "learn from all sets but Kinder-Gator, test on Kinder-Gator",
        _EVERYBODY | _MORE,
        test={KINDER: _KINDER_PEOPLE},
    ),
    "wild-reverse": Recipe(
        "learn from Kinder-Gator, test on UTD-MHAD and PRECOG",
        {KINDER: _KINDER_PEOPLE},
        test=_EVERYBODY,
    ),
    **{
        f"merged-{i + 1}": Recipe(
            f"all sets; test people are fold {i + 1} of 3 of Kinder-Gator and those of the "
            "published protocols",
            _PROTOCOL | {KINDER: _all_but(fold)},
            test=_PROTOCOL_TEST | {KINDER: fold},
        )
        for i, fold in enumerate(_KINDER_FOLDS)
    },
    **{
        f"prmd-{i + 1}": Recipe(
            f"the ten exercises of UI-PRMD; test people are fold {i + 1} of 4",
            {UI_PRMD: [who for who in _MORE[UI_PRMD] if who not in fold]},
            test={UI_PRMD: fold},
            steps=1500,
            own_names=True,
        )
        for i, fold in enumerate(_UI_PRMD_FOLDS)
    },
    "shipped": Recipe(
        "the default model: all people of all sets, nobody held out",
        _EVERYBODY | {KINDER: _KINDER_PEOPLE} | _MORE,
    ),
}


def sets_in(data_dir: Path, sets: Iterable[str]) -> list[str]:
    """The sets without those of `OPTIONAL` whose file is not in the folder.

    Raises RecordingError, which names all other files that are missing.
    """
    names = list(sets)
    there = [name for name in names if (data_dir / f"{name}.npz").is_file()]
    missing = [f"{name}.npz" for name in names if name not in there and name not in OPTIONAL]
    if missing:
        raise RecordingError(f"{data_dir} lacks {', '.join(missing)}: put the files there")
    return there


def learnt_sets(recipe: Recipe, labels: Sequence[str]) -> dict[str, list[int]]:
    """The people that a finished run of a recipe learnt from, given the labels of its model.

    A model that has no label of a fall did not have the file of simulated falls.
    """
    return {
        name: people
        for name, people in recipe.train.items()
        if name not in OPTIONAL or "fall" in labels
    }


def vocabulary(data_dir: Path, sets: Sequence[str], own_names: bool = False) -> list[str]:
    """Background and the labels of the sets, in the order of the sets. Raises RecordingError."""
    named = [
        label
        for name in sets
        for label in labels_of(clip_set.load(data_dir / f"{name}.npz"), own_names)
    ]
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


def load_sets(
    data_dir: Path, labels: Sequence[str], sets: Sequence[str], own_names: bool = False
) -> list[PieceSet]:
    """Load data sets from a folder of `.npz` files. Raises RecordingError."""
    return [load_clip_set(data_dir / f"{name}.npz", labels, own_names) for name in sets]
