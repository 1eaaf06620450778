"""Recipes of the small sets: the training and test parts of each, and the settings.

Settings were chosen on the validation part, which is taken from the training part. Only
`jointwise evaluate` reads the test part. Add a recipe in `_all`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from models.datasets.pieces import BACKGROUND
from models.features import IntArray
from models.public_sets.clip_batches import ClipVariation
from models.public_sets.clip_coordinates import PERSON, ClipLayout, CoordinateSettings
from models.public_sets.clip_data import (
    MSR,
    MSR_SUBSETS,
    NW_UCLA,
    SBU,
    SBU_FOLDS,
    UTD,
    ActionClip,
    ActionSet,
    ClipFilter,
)
from models.public_sets.pair_coordinates import PAIR


class ClipSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The settings of a run on a small set. Fields without a text are those of `TrainConfig`."""

    steps: int
    frames: int
    pool: int
    channels: tuple[str, ...]
    """The input channels of each joint, see `clip_coordinates.channels`."""
    clips: int = 32
    """The number of clips of a batch."""
    widths: tuple[int, int, int] = (64, 128, 256)
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    averaging: float = 0.99
    rate_hz: float = 15.0
    coordinates: CoordinateSettings = msgspec.field(default=CoordinateSettings(), name="frame")
    variation: ClipVariation = ClipVariation()
    extra: dict[str, float] = {}
    """Sets that add training data, and their share of each batch; the set's own share is 1.

    Their classes count as the set's own if they have the same name or are in
    `EQUIVALENT_LABELS`. Other classes are learnt too, and removed from the finished model.
    """


@dataclass(frozen=True)
class SmallRecipe:
    """One training of a small set: filters for its parts, and its classes.

    `classes` are indices of the set's labels; None takes all.
    """

    name: str
    about: str
    data_set: str
    layout: ClipLayout
    settings: ClipSettings
    train: ClipFilter
    test: ClipFilter
    validation: ClipFilter
    classes: tuple[int, ...] | None = None

    def labels(self, clip_set: ActionSet) -> list[str]:
        """Background and the labels of the classes. These sets have no examples of background."""
        return [BACKGROUND, *(clip_set.labels[i] for i in self._chosen(clip_set))]

    def codes(self, clip_set: ActionSet) -> IntArray:
        """The class of each label of the set, -1 for labels that the recipe leaves out."""
        codes = np.full(len(clip_set.labels), -1, np.int64)
        chosen = self._chosen(clip_set)
        codes[chosen] = np.arange(len(chosen)) + 1
        return codes

    def _chosen(self, clip_set: ActionSet) -> list[int]:
        return list(range(len(clip_set.labels)) if self.classes is None else self.classes)

    def clips(self, clip_set: ActionSet, part: ClipFilter) -> list[ActionClip]:
        """The clips of a part, of the recipe's classes."""
        return clip_set.select(
            lambda clip: part(clip) and (self.classes is None or clip.label in self.classes)
        )


_NARROW = (48, 96, 128)

NW_SETTINGS = ClipSettings(
    steps=1400,
    frames=80,
    pool=16,
    channels=("place", "direction", "speed", "distance"),
    clips=48,
    widths=_NARROW,
    learning_rate=6e-3,
    dropout=0.4,
    coordinates=CoordinateSettings(pitch_deg=12.0),
    variation=ClipVariation(speed=2.0, turn_deg=50.0, tilt_deg=10.0, mirrored=0.5, blended=0.5),
    extra={UTD: 0.4, MSR: 0.3},
)
MSR_SETTINGS = ClipSettings(
    steps=1200,
    frames=56,
    pool=10,
    channels=("place", "bone", "direction", "speed"),
    clips=40,
    widths=_NARROW,
    learning_rate=6e-3,
    dropout=0.3,
    coordinates=CoordinateSettings(facing=False),
    variation=ClipVariation(
        speed=1.7,
        turn_deg=15.0,
        tilt_deg=8.0,
        joint_offset_m=0.03,
        drift_m=0.02,
        blended=0.3,
    ),
    extra={UTD: 0.6},
)
SBU_SETTINGS = ClipSettings(
    steps=900,
    frames=40,
    pool=8,
    channels=("place", "direction", "speed", "distance"),
    widths=_NARROW,
    variation=ClipVariation(speed=1.5, turn_deg=20.0, tilt_deg=8.0, mirrored=0.5, swapped=0.5),
)


def _of_people(people: Sequence[int]) -> ClipFilter:
    return lambda clip: clip.person in people


def _of_views(views: Sequence[int]) -> ClipFilter:
    return lambda clip: clip.view in views


def _nw() -> SmallRecipe:
    return SmallRecipe(
        "nw-ucla-cv",
        "NW-UCLA cross-view: learn views 1 and 2, test view 3",
        NW_UCLA,
        PERSON,
        NW_SETTINGS,
        train=_of_views((1, 2)),
        test=_of_views((3,)),
        validation=_of_views((2,)),
    )


def _msr(name: str, about: str, actions: Sequence[int] | None) -> SmallRecipe:
    classes = None if actions is None else tuple(sorted(a - 1 for a in actions))
    return SmallRecipe(
        name,
        about,
        MSR,
        PERSON,
        MSR_SETTINGS,
        train=_of_people((1, 3, 5, 7, 9)),
        test=_of_people((2, 4, 6, 8, 10)),
        validation=_of_people((5, 7)),
        classes=classes,
    )


def _sbu(fold: int) -> SmallRecipe:
    """A fold of SBU; the next fold validates. The file counts pairs from 0, the folds from 1."""
    tested = [pair - 1 for pair in SBU_FOLDS[fold]]
    validated = [pair - 1 for pair in SBU_FOLDS[(fold + 1) % len(SBU_FOLDS)]]
    return SmallRecipe(
        f"sbu-fold{fold + 1}",
        f"SBU: test fold {fold + 1}, learn the others",
        SBU,
        PAIR,
        SBU_SETTINGS,
        train=lambda clip: clip.person not in tested,
        test=lambda clip: clip.person in tested,
        validation=lambda clip: clip.person in validated,
    )


def _all() -> list[SmallRecipe]:
    subsets = [
        _msr(
            f"msr-{name}",
            f"MSR-Action3D subset {name.upper()}: learn odd people, test even ones",
            actions,
        )
        for name, actions in MSR_SUBSETS.items()
    ]
    whole = _msr("msr-20", "MSR-Action3D, all 20 classes: learn odd people, test even ones", None)
    return [_nw(), whole, *subsets, *[_sbu(fold) for fold in range(len(SBU_FOLDS))]]


SMALL_RECIPES = {recipe.name: recipe for recipe in _all()}
