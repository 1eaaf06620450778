"""Recipes of the small sets: who is learnt from, who is tested, and the settings.

Settings were chosen on people or views of the training part (`validation`); the test part is
only looked at by `jointwise evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from models.datasets.pieces import BACKGROUND
from models.features import IntArray
from models.public_sets.clip_batches import ClipVariation
from models.public_sets.clip_coordinates import PERSON, Frame, Rig
from models.public_sets.clip_data import (
    MSR,
    MSR_SUBSETS,
    NW_UCLA,
    SBU,
    SBU_FOLDS,
    UTD,
    ActionClip,
    ActionSet,
)
from models.public_sets.pair_coordinates import PAIR

Wanted = Callable[[ActionClip], bool]


class ClipSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What decides a run of a small set, apart from the data and the seed.

    `extra` are sets that only help to learn, by their share of each batch beside the set's own
    share of 1; a class of theirs that is called as one of the set is that one, the others are
    learnt beside the set's and left out of the finished model.
    """

    steps: int
    frames: int
    pool: int
    channels: tuple[str, ...]
    clips: int = 32
    widths: tuple[int, int, int] = (64, 128, 256)
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    dropout: float = 0.3
    averaging: float = 0.99
    rate_hz: float = 15.0
    frame: Frame = Frame()
    variation: ClipVariation = ClipVariation()
    extra: dict[str, float] = {}


@dataclass(frozen=True)
class SmallRecipe:
    """One training of a small set: its people or views by part, and its classes.

    `classes` are indices of the set's labels, None for all.
    """

    name: str
    about: str
    data_set: str
    rig: Rig
    settings: ClipSettings
    train: Wanted
    test: Wanted
    validation: Wanted
    classes: tuple[int, ...] | None = None

    def labels(self, of: ActionSet) -> list[str]:
        """Background, which these sets do not have and nothing is ever learnt of, and the names
        of its classes."""
        return [BACKGROUND, *(of.labels[i] for i in self._chosen(of))]

    def codes(self, of: ActionSet) -> IntArray:
        """The class of each label of the set, -1 where it has none."""
        codes = np.full(len(of.labels), -1, np.int64)
        chosen = self._chosen(of)
        codes[chosen] = np.arange(len(chosen)) + 1
        return codes

    def _chosen(self, of: ActionSet) -> list[int]:
        return list(range(len(of.labels)) if self.classes is None else self.classes)

    def clips(self, of: ActionSet, part: Wanted) -> list[ActionClip]:
        """The clips of a part and of its classes."""
        return of.of(
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
    frame=Frame(pitch_deg=12.0),
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
    frame=Frame(facing=False),
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


def _of_people(people: Sequence[int]) -> Wanted:
    return lambda clip: clip.person in people


def _of_views(views: Sequence[int]) -> Wanted:
    return lambda clip: clip.view in views


def _nw() -> SmallRecipe:
    return SmallRecipe(
        "nw-ucla-cv",
        "NW-UCLA cross-view: views 1 and 2 learnt, view 3 tested",
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
    """Pairs are counted from 0 in the file, from 1 in the folds."""
    tested = [pair - 1 for pair in SBU_FOLDS[fold]]
    validated = [pair - 1 for pair in SBU_FOLDS[(fold + 1) % len(SBU_FOLDS)]]
    return SmallRecipe(
        f"sbu-fold{fold + 1}",
        f"SBU, fold {fold + 1} tested, the others learnt",
        SBU,
        PAIR,
        SBU_SETTINGS,
        train=lambda clip: clip.person not in tested,
        test=lambda clip: clip.person in tested,
        validation=lambda clip: clip.person in validated,
    )


def _all() -> list[SmallRecipe]:
    subsets = [
        _msr(f"msr-{name}", f"MSR-Action3D subset {name.upper()}, odd people learnt", actions)
        for name, actions in MSR_SUBSETS.items()
    ]
    whole = _msr("msr-20", "MSR-Action3D, all 20 classes: odd people learnt, even tested", None)
    return [_nw(), whole, *subsets, *[_sbu(fold) for fold in range(len(SBU_FOLDS))]]


SMALL_RECIPES = {recipe.name: recipe for recipe in _all()}
