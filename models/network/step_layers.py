"""The layers of the step graph as ONNX nodes: normalisation, ring buffers, matrix products.

A convolution is one matrix product: its taps are gathered from a ring buffer into rows, because
ONNX Runtime multiplies large matrices fast and convolves one or four frames slowly.

Two rewrites save nodes. The sum that passes from unit to unit is kept without biases; the next
normalisation adds them. A ring stores ReLU outputs without their scale, because
relu(s x + b) = |s| relu(x + b / s) for s > 0, and likewise of -x for s < 0. The scale goes into
the weights that follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from torch import Tensor, nn

from models.features import FloatArray
from models.network.multipliers import affine
from models.network.onnx_writer import FLOAT, INT64, GraphWriter
from models.network.ring_buffers import Ring, places_of

_DEAD = 1e-12


@dataclass(frozen=True)
class Sum:
    """The sum that passes from unit to unit, X_l, as names of graph values.

    `moving` (N * frames, C) is that of the streams, `still` (N, C) that of a first frame held
    still. Both lack `bias` (C,) float64.
    """

    moving: str
    still: str
    bias: Tensor


@dataclass(frozen=True)
class Active:
    """A sum after batch normalisation and ReLU; its true value is `scale` * value + `shift`.

    `scale` and `shift` are (C,) float64; `moving` and `still` are names of graph values.
    """

    moving: str
    still: str
    scale: Tensor
    shift: Tensor


class StepLayers:
    """Writes single layers into a graph. `number` is the index of the layer's ring."""

    def __init__(self, rings: list[Ring]) -> None:
        self.write = GraphWriter()
        self.rings = rings

    def look_up_places(self) -> None:
        """Look up the positions that this step reads and writes in each stream's rings.

        Reads the inputs `rows` and `count`. Defines the values `read_SHAPE`, `write_SHAPE` and
        `write_SHAPE_rows`.
        """
        write, places = self.write, places_of(self.rings)
        write.graph_input("rows", INT64, "N", 1)
        write.graph_input("count", INT64, "N")
        period = write.constant("period", np.array(places.period, np.int64))
        at = write.node("Mod", "phase", "count", period)
        at = write.node("Gather", "place", write.constant("places", places.table), at)
        start = write.node("Mul", "start", "rows", write.constant("lengths", places.lengths))
        at = write.node("Add", "place_in_all", at, start)
        write.split(places.names, at, places.counts)
        for name in places.names:
            if name.startswith("write"):
                write.node("Reshape", f"{name}_rows", name, write.sizes(-1, 1))

    def activated(self, name: str, norm: nn.BatchNorm1d, x: Sum) -> Active:
        """Apply batch normalisation and ReLU, up to a scale and a shift."""
        scale, shift = (value.double() for value in affine(norm))
        shift = shift + scale * x.bias
        dead = scale.abs() < _DEAD  # the output of such a channel is constant
        scale, constant = scale.masked_fill(dead, 0), shift.relu().masked_fill(~dead, 0)
        term = (shift / scale.abs()).masked_fill(dead, 0)
        names = []
        for title, value in ((name, x.moving), (f"{name}_still", x.still)):
            if (scale <= 0).any():
                sign = self.write.constant(f"{name}_sign", float_array(scale.sign()))
                value = self.write.node("Mul", f"{title}_signed", value, sign)
            offset = self.write.constant(f"{name}_shift", float_array(term))
            value = self.write.node("Add", f"{title}_shifted", value, offset)
            names.append(self.write.node("Relu", f"{title}_active", value))
        return Active(names[0], names[1], scale.abs(), constant)

    def convolved(
        self,
        number: int,
        name: str,
        x: Active,
        kernel: Tensor,
        bias: Tensor | None,
        added_to: Sum | None,
    ) -> Sum:
        """Convolve the frames in a ring, after writing the new ones, and add a sum."""
        taps = self.remembered(number, name, x)
        ring = self.rings[number]
        rows = self.write.sizes(-1, ring.taps * ring.width)
        taps = self.write.node("Reshape", f"{name}_taps", taps, rows)
        return self.product(name, x, taps, kernel, cast(Tensor, bias), added_to)

    def product(
        self, name: str, x: Active, rows: str, kernel: Tensor, bias: Tensor, added_to: Sum | None
    ) -> Sum:
        """Multiply rows (M, taps * C), and `x.still` (N, C), by a kernel (C', C, taps)."""
        write, (width, inputs, taps) = self.write, kernel.shape
        scaled = kernel.double() * x.scale[:, None]
        flat = scaled.permute(2, 1, 0).reshape(taps * inputs, width)
        weight = write.constant(f"{name}_weight", float_array(flat))
        total = write.constant(f"{name}_total", float_array(scaled.sum(2).T))
        added = [added_to.moving] if added_to else []
        added_still = [added_to.still] if added_to else []
        new_bias = bias + kernel.double().sum(2) @ x.shift + (added_to.bias if added_to else 0)
        return Sum(
            write.node("Gemm", f"{name}_out", rows, weight, *added),
            write.node("Gemm", f"{name}_out_still", x.still, total, *added_still),
            new_bias,
        )

    def remembered(self, number: int, name: str, x: Active) -> str:
        """Write new frames (N * frames, C) into a ring; return the frames it reads, (N, reads, C).

        Adds the input `ring_I` and the outputs `after_I` and `held_I`.
        """
        write, ring = self.write, self.rings[number]
        memory = write.graph_input(f"ring_{number}", FLOAT, f"frames_{number}", ring.width)
        places = f"write_{ring.shape}_rows"
        after = write.node("ScatterND", f"after_{number}", memory, places, x.moving)
        write.graph_output(after, f"frames_{number}", ring.width)
        self._hold(number, memory, x.still)
        return write.node("Gather", f"{name}_reads", after, f"read_{ring.shape}")

    def _hold(self, number: int, memory: str, still: str) -> None:
        """Fill a stream's ring with the values of a first frame held still, (N, C)."""
        write, ring, name = self.write, self.rings[number], f"held_{number}"
        length = write.constant(f"length_{ring.length}", np.array(ring.length, np.int64))
        start = write.node("Mul", f"{name}_start", "rows", length)
        places = write.constant(f"all_{ring.length}", np.arange(ring.length, dtype=np.int64))
        places = write.node("Add", f"{name}_flat", start, places)
        places = write.node("Unsqueeze", f"{name}_places", places, write.sizes(2))
        one = write.node("Unsqueeze", f"{name}_one", still, write.sizes(1))
        frames = write.sizes(1, ring.length, ring.width)
        frames = write.node("Expand", f"{name}_frames", one, frames)
        held = write.node("ScatterND", name, memory, places, frames)
        write.graph_output(held, f"frames_{number}", ring.width)

    def columns(self, name: str, x: str, first: int, after: int) -> str:
        """Columns `first` to `after - 1` of a matrix."""
        sizes = self.write.sizes
        return self.write.node("Slice", name, x, sizes(first), sizes(after), sizes(1))


def float_array(values: Tensor) -> FloatArray:
    """A tensor as a float32 array."""
    return values.detach().cpu().numpy().astype(np.float32)
