"""Ring buffers: how each layer of the step graph stores its newest inputs and reads them back."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

import numpy as np

from models.features import IntArray


@dataclass(frozen=True)
class Ring:
    """The newest inputs of a layer for one stream: slots of `frames` frames of `width` numbers.

    Each step fills the next slot. An output reads the newest `taps` frames up to its own frame.
    Outputs are `stride` frames apart.
    """

    width: int
    frames: int
    taps: int
    stride: int = 1

    @property
    def slots(self) -> int:
        """The smallest number of slots that holds every frame that one step reads."""
        return -(-(self.taps - self.stride + self.frames) // self.frames)

    @property
    def length(self) -> int:
        """The number of frames in all slots."""
        return self.slots * self.frames

    def written(self) -> IntArray:
        """The positions of the frames of each slot, int64 (slots, frames)."""
        return np.arange(self.length, dtype=np.int64).reshape(self.slots, self.frames)

    def read(self) -> IntArray:
        """The positions that the outputs read, by newest slot: int64 (slots, outputs * taps)."""
        after = self.stride * (1 + np.arange(self.frames // self.stride, dtype=np.int64))
        taps = after[:, None] - self.taps + np.arange(self.taps)  # 0 is the first new frame
        return np.asarray((self.written()[:, :1] + taps.reshape(-1)) % self.length)

    @property
    def shape(self) -> str:
        """A name for the positions. Rings with the same name are written and read alike."""
        return f"{self.frames}_{self.taps}_{self.stride}"


@dataclass(frozen=True)
class Places:
    """The positions of all rings in one table, which a step looks up at once.

    `table` int64 (period, columns) has a row for each combination of slots. `lengths` int64
    (columns,) is the length of the ring that a column belongs to. `names` and `counts` name the
    groups of columns, from left to right, and their sizes.
    """

    table: IntArray
    lengths: IntArray
    names: list[str]
    counts: list[int]

    @property
    def period(self) -> int:
        """The number of steps after which all rings are at the same slots again."""
        return len(self.table)


def places_of(rings: list[Ring]) -> Places:
    """Build the table of some rings. Its groups are named `read_SHAPE` and `write_SHAPE`."""
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
