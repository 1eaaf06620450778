"""Where the layers of the step form keep their newest inputs, and where they read them."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

import numpy as np

from models.features import IntArray


@dataclass(frozen=True)
class Ring:
    """The newest inputs of a layer for one stream: slots of `frames` frames of `width` numbers.

    A step fills one slot, the next step the one after it. An output reads the newest `taps`
    frames up to its own; outputs are `stride` frames apart.
    """

    width: int
    frames: int
    taps: int
    stride: int = 1

    @property
    def slots(self) -> int:
        """As few as hold all that the outputs of one step read."""
        return -(-(self.taps - self.stride + self.frames) // self.frames)

    @property
    def length(self) -> int:
        """Frames in all."""
        return self.slots * self.frames

    def written(self) -> IntArray:
        """For each slot the places of its frames, int64 (slots, frames)."""
        return np.arange(self.length, dtype=np.int64).reshape(self.slots, self.frames)

    def read(self) -> IntArray:
        """For each newest slot the places that outputs read, int64 (slots, outputs * taps)."""
        after = self.stride * (1 + np.arange(self.frames // self.stride, dtype=np.int64))
        taps = after[:, None] - self.taps + np.arange(self.taps)  # 0 is the first new frame
        return np.asarray((self.written()[:, :1] + taps.reshape(-1)) % self.length)

    @property
    def shape(self) -> str:
        """A name that rings share which are written and read at the same places."""
        return f"{self.frames}_{self.taps}_{self.stride}"


@dataclass(frozen=True)
class Places:
    """The places of all rings in one table, so that a step looks them up at once.

    `table` int64 (period, columns): a row for each slot that the rings are at together.
    `lengths` int64 (columns,): the length of the ring that a column is of. `names` and `counts`
    say whose the columns are, one after another.
    """

    table: IntArray
    lengths: IntArray
    names: list[str]
    counts: list[int]

    @property
    def period(self) -> int:
        """After so many steps all rings are where they were."""
        return len(self.table)


def places_of(rings: list[Ring]) -> Places:
    """The table of some rings; `read_SHAPE` and `write_SHAPE` are its names."""
    shapes = {ring.shape: ring for ring in rings}
    period = lcm(*(ring.slots for ring in shapes.values()))
    parts = {}
    for shape, ring in shapes.items():
        for name, table in (("read", ring.read()), ("write", ring.written())):
            parts[f"{name}_{shape}"] = np.tile(table, (period // ring.slots, 1)), ring.length
    counts = [table.shape[1] for table, _ in parts.values()]
    lengths = np.repeat([length for _, length in parts.values()], counts)
    table = np.concatenate([table for table, _ in parts.values()], axis=1)
    return Places(table, lengths.astype(np.int64), list(parts), counts)
