"""The classes that each unit of the first layer speaks for and against, by its measured share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.atlas.entries import AtlasLabel, ClassShare
from models.atlas.motions import Motion
from models.card import ModelCard
from models.features import FloatArray, IntArray
from models.inference.readings import Readings

_AT_ONCE = 8
"""Windows of one run. More would keep other threads of the service waiting for longer."""


class Reader(Protocol):
    """Reads explanations of windows, as `models.inference.readings.WindowReader` does."""

    card: ModelCard

    def read(self, windows: FloatArray, labels: IntArray) -> Readings:
        """Explain one class of each window."""
        ...


@dataclass(frozen=True, eq=False)
class LabelParts:
    """The parts (U,) of all units in the score of a class, at the moment of its highest logit."""

    label: str
    at_s: float
    gain: float
    parts: NDArray[np.float64]

    def summary(self) -> AtlasLabel:
        """The score that the units share."""
        residual = self.gain - float(self.parts.sum())
        return AtlasLabel(self.label, self.at_s, round(self.gain, 6), residual)


def label_parts(reader: Reader, motions: Iterable[Motion]) -> Iterator[LabelParts]:
    """Split the score of each motion's class over units.

    The reading is the one of `docs/explanations.md`: the parts of all units add up to the logit
    minus the logit of the window's mean pose held still.
    """
    for motion in motions:
        windows, ends = motion.windows(reader.card.window_frames)
        label = reader.card.labels.index(motion.label)
        best = max(
            (
                _best(reader, windows[i : i + _AT_ONCE], label, i)
                for i in range(0, len(ends), _AT_ONCE)
            ),
            key=lambda found: found[0],
        )
        _, at, gain, parts = best
        yield LabelParts(motion.label, round(int(ends[at]) / reader.card.rate_hz, 3), gain, parts)


def _best(
    reader: Reader, windows: FloatArray, label: int, start: int
) -> tuple[float, int, float, NDArray[np.float64]]:
    """The highest score, the number of its window, its gain, and the parts of units."""
    found = reader.read(windows, np.full(len(windows), label, np.int64))
    at = int(found.score.argmax())
    gain = float(found.score[at]) - float(found.reference[at])
    return float(found.score[at]), start + at, gain, found.units[at].sum(axis=0, dtype=np.float64)


def class_shares(parts: Sequence[LabelParts], unit: int) -> list[ClassShare]:
    """The share of a unit in each class, from the strongest for to the strongest against."""
    shares = [
        ClassShare(
            one.label,
            round(float(one.parts[unit] / max(np.abs(one.parts).sum(), 1e-12)), 5),
            round(float(one.parts[unit]), 6),
        )
        for one in parts
    ]
    return sorted(shares, key=lambda found: -found.share)
