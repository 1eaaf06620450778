"""The first-layer units that carried most of an action's score, over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.features import FloatArray
from models.story.action_reading import Split
from models.unit_groups import JointGroup

TRACKS = 6
"""This many units are shown."""


@dataclass(frozen=True, eq=False)
class UnitTrack:
    """A unit of the first layer: what it added to the score at each moment, (E,), with signs.

    `share` is its part of `score - reference`, negative if the unit spoke against the label. The
    shares of all units add up to 1.
    """

    unit: int
    group: JointGroup
    values: FloatArray
    share: float


def unit_tracks(split: Split, groups: Sequence[JointGroup], most: int = TRACKS) -> list[UnitTrack]:
    """The units with the largest sums of absolute values over an action, largest first."""
    strength = np.abs(split.units).sum(axis=0)
    gain = split.score - split.reference
    return [
        UnitTrack(
            int(unit),
            groups[unit],
            split.units[:, unit],
            float(split.units[:, unit].sum() / gain) if abs(gain) > 1e-6 else 0.0,
        )
        for unit in np.argsort(-strength, kind="stable")[:most]
    ]
