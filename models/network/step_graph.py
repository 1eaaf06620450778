"""The Res-TCN four frames at a time, as an ONNX graph that keeps what it needs of the past.

Every convolution has a ring of its newest inputs for each stream, so nothing is computed twice.
The rings of all streams go in and come out: a runner that binds both to the same memory has a
step write the new frames only. A convolution is one matrix product, its taps gathered from the
ring into rows, for that runs at the speed of large products, and a convolution over one or four
frames does not.

What is added from layer to layer is kept without biases, which are added where the next layer
normalises, and what is put in a ring without scale: relu(s x + b) = |s| relu(x + b / s) for
s > 0, and likewise of -x for s < 0. The scales go into the weights that follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from onnx.utils import Extractor
from torch import Tensor, nn

from models.card import STEP_FILE, STILL_FILE
from models.features import CHANNELS, STRIDE_FRAMES, FloatArray
from models.network.onnx_writer import FLOAT, INT64, GraphWriter
from models.network.relevance import affine
from models.network.res_tcn import MotionStem, ResTCN, Unit
from models.network.ring_buffers import Ring, places_of

_DEAD = 1e-12


@dataclass(frozen=True)
class Flow:
    """What goes from layer to layer: of the streams (N * frames, C), of somebody still (N, C).

    `missing` (C,) float64 is what both lack.
    """

    moving: str
    still: str
    missing: Tensor


@dataclass(frozen=True)
class Active:
    """A flow normalised and rectified, but for a factor `scale` (C,) float64 and `shift`."""

    moving: str
    still: str
    scale: Tensor
    shift: Tensor


def rings_of(network: ResTCN) -> list[Ring]:
    """The ring of the stem, of each unit and of the pooling."""
    stem = cast(MotionStem, network.stem)
    frames = STRIDE_FRAMES
    rings = [Ring(stem.in_channels, frames, stem.past_frames() + 1)]
    for module in network.units:
        conv = cast(Unit, module).conv
        rings.append(Ring(conv.in_channels, frames, conv.kernel_size[0], conv.stride[0]))
        frames //= conv.stride[0]
    return [*rings, Ring(network.norm.num_features, frames, network.pool)]


def multiply_adds(network: ResTCN) -> int:
    """How many a step of one stream needs: four frames."""
    frames = STRIDE_FRAMES
    total = frames * cast(MotionStem, network.stem).kernel().numel() + network.head.weight.numel()
    for module in network.units:
        unit = cast(Unit, module)
        frames //= unit.conv.stride[0]
        shortcut = 0 if unit.shortcut is None else unit.shortcut.weight.numel()
        total += frames * (unit.conv.weight.numel() + shortcut)
    return total


class StepGraph:
    """Writes two ways through a served network: a step, and somebody who stands still."""

    def __init__(self, network: ResTCN) -> None:
        self.network = network.eval()
        self.write = GraphWriter()
        self.rings = rings_of(network)

    @torch.no_grad()
    def model(self) -> Any:
        """The graph.

        Inputs: `features` float32 (N, 4, J, 4); `rows` int64 (N, 1), which streams these are;
        `count` int64 (N,), how many steps each made before; `ring_I` float32 (streams * length,
        width). Outputs: `logits` (N, C); `after_I`, the rings after the step; `held_I`, the
        rings had each stream stood in its first frame for ever. The note `rings` says the
        length and width of each, the note `multiply_adds` what a step of one stream needs.
        """
        write, net = self.write, self.network
        inputs = self.rings[0].width
        write.given("features", FLOAT, "N", STRIDE_FRAMES, inputs // CHANNELS, CHANNELS)
        write.given("rows", INT64, "N", 1)
        write.given("count", INT64, "N")
        self._find_places()
        new = write.node("Reshape", "new", "features", write.sizes(-1, inputs))
        joined = write.node(
            "Reshape", "joined", "features", write.sizes(-1, STRIDE_FRAMES * inputs)
        )
        first = self._columns("first", joined, 0, inputs)
        stem = cast(MotionStem, net.stem)
        whole, none = torch.ones(inputs).double(), torch.zeros(inputs).double()
        given = Active(new, first, whole, none)
        flow = self._convolved(0, "stem", given, stem.kernel(), stem.bias, None)
        for number, module in enumerate(net.units, 1):
            flow = self._unit(number, cast(Unit, module), flow)
        self._head(flow)
        sizes = ",".join(f"{ring.length}x{ring.width}" for ring in self.rings)
        notes = {"rings": sizes, "multiply_adds": str(multiply_adds(net))}
        return write.model("step", notes)

    def _find_places(self) -> None:
        """Where each ring is read and written, for the slot that each stream is at."""
        write, places = self.write, places_of(self.rings)
        period = write.constant("period", np.array(places.period, np.int64))
        at = write.node("Mod", "phase", "count", period)
        at = write.node("Gather", "place", write.constant("places", places.table), at)
        start = write.node("Mul", "start", "rows", write.constant("lengths", places.lengths))
        at = write.node("Add", "place_in_all", at, start)
        write.split(places.names, at, places.counts)
        for name in places.names:
            if name.startswith("write"):
                write.node("Reshape", f"{name}_rows", name, write.sizes(-1, 1))

    def _unit(self, number: int, unit: Unit, flow: Flow) -> Flow:
        name, stride, width = f"unit{number}", unit.conv.stride[0], unit.conv.in_channels
        active, kept = self._activated(name, unit.norm, flow), flow
        if stride > 1:
            pairs = self.write.sizes(-1, stride * width)
            h = self.write.node("Reshape", f"{name}_pairs", flow.moving, pairs)
            newest = self._columns(f"{name}_newest", h, (stride - 1) * width, stride * width)
            kept = Flow(newest, flow.still, flow.missing)
        if unit.shortcut is not None:
            weight, bias = unit.shortcut.weight, cast(Tensor, unit.shortcut.bias)
            shape = torch.ones(width).double()
            given = Active(kept.moving, kept.still, shape, kept.missing)
            kept = self._product(f"{name}_shortcut", given, kept.moving, weight, bias, None)
        return self._convolved(number, name, active, unit.conv.weight, unit.conv.bias, kept)

    def _head(self, flow: Flow) -> None:
        net, write = self.network, self.write
        active = self._activated("head", net.norm, flow)
        number = len(self.rings) - 1
        kept = self._remembered(number, "head", active)
        kept = write.node("Reshape", "pool", kept, write.sizes(-1, net.pool, net.norm.num_features))
        mean = write.node("ReduceMean", "mean", kept, write.sizes(1), keepdims=0)
        weight = write.constant("head_weight", _array(net.head.weight * active.scale).T)
        bias = net.head.bias + net.head.weight.double() @ active.shift
        logits = write.node("Gemm", "logits", mean, weight, write.constant("bias", _array(bias)))
        write.gives(logits, "N", net.head.out_features)

    def _activated(self, name: str, norm: nn.BatchNorm1d, flow: Flow) -> Active:
        """Normalise and rectify, but for scale and shift."""
        scale, shift = (value.double() for value in affine(norm))
        shift = shift + scale * flow.missing
        dead = scale.abs() < _DEAD  # gives a constant
        scale, always = scale.masked_fill(dead, 0), shift.relu().masked_fill(~dead, 0)
        term = (shift / scale.abs()).masked_fill(dead, 0)
        names = []
        for title, x in ((name, flow.moving), (f"{name}_still", flow.still)):
            if (scale <= 0).any():
                sign = self.write.constant(f"{name}_sign", _array(scale.sign()))
                x = self.write.node("Mul", f"{title}_signed", x, sign)
            x = self.write.node(
                "Add", f"{title}_shifted", x, self.write.constant(f"{name}_shift", _array(term))
            )
            names.append(self.write.node("Relu", f"{title}_active", x))
        return Active(names[0], names[1], scale.abs(), always)

    def _convolved(
        self,
        number: int,
        name: str,
        x: Active,
        kernel: Tensor,
        bias: Tensor | None,
        to: Flow | None,
    ) -> Flow:
        """A convolution of what a ring remembers, added `to` a flow."""
        taps = self._remembered(number, name, x)
        ring = self.rings[number]
        rows = self.write.sizes(-1, ring.taps * ring.width)
        taps = self.write.node("Reshape", f"{name}_taps", taps, rows)
        return self._product(name, x, taps, kernel, cast(Tensor, bias), to)

    def _remembered(self, number: int, name: str, x: Active) -> str:
        """Put new frames (N * frames, C) in a ring and take out what it reads, (N, reads, C)."""
        write, ring = self.write, self.rings[number]
        memory = write.given(f"ring_{number}", FLOAT, f"frames_{number}", ring.width)
        places = f"write_{ring.shape}_rows"
        after = write.node("ScatterND", f"after_{number}", memory, places, x.moving)
        write.gives(after, f"frames_{number}", ring.width)
        self._hold(number, memory, x.still)
        return write.node("Gather", f"{name}_reads", after, f"read_{ring.shape}")

    def _hold(self, number: int, memory: str, still: str) -> None:
        """Fill a ring with what somebody still gives, (N, C)."""
        write, ring, name = self.write, self.rings[number], f"held_{number}"
        length = write.constant(f"length_{ring.length}", np.array(ring.length, np.int64))
        start = write.node("Mul", f"{name}_start", "rows", length)
        places = write.constant(f"all_{ring.length}", np.arange(ring.length, dtype=np.int64))
        places = write.node("Add", f"{name}_flat", start, places)
        places = write.node("Unsqueeze", f"{name}_places", places, write.sizes(2))
        one = write.node("Unsqueeze", f"{name}_one", still, write.sizes(1))
        frames = write.sizes(1, ring.length, ring.width)
        frames = write.node("Expand", f"{name}_frames", one, frames)
        write.gives(
            write.node("ScatterND", name, memory, places, frames), f"frames_{number}", ring.width
        )

    def _product(
        self, name: str, x: Active, rows: str, kernel: Tensor, bias: Tensor, to: Flow | None
    ) -> Flow:
        """Rows (M, taps * C) times a kernel (C', C, taps), somebody still (N, C) likewise."""
        write, (width, inputs, taps) = self.write, kernel.shape
        scaled = kernel.double() * x.scale[:, None]
        flat = scaled.permute(2, 1, 0).reshape(taps * inputs, width)
        weight = write.constant(f"{name}_weight", _array(flat))
        total = write.constant(f"{name}_total", _array(scaled.sum(2).T))
        added = [to.moving] if to else []
        added_still = [to.still] if to else []
        missing = bias + kernel.double().sum(2) @ x.shift + (to.missing if to else 0)
        return Flow(
            write.node("Gemm", f"{name}_out", rows, weight, *added),
            write.node("Gemm", f"{name}_out_still", x.still, total, *added_still),
            missing,
        )

    def _columns(self, name: str, x: str, first: int, after: int) -> str:
        sizes = self.write.sizes
        return self.write.node("Slice", name, x, sizes(first), sizes(after), sizes(1))


def _array(values: Tensor) -> FloatArray:
    return values.detach().cpu().numpy().astype(np.float32)


def export_steps(network: ResTCN, model_dir: Path) -> tuple[Path, Path]:
    """Write `step.onnx` and `still.onnx` into a model folder and return their paths.

    Two files, for a session of ONNX Runtime computes all that its graph gives.
    """
    whole = StepGraph(network).model()
    given = [one.name for one in whole.graph.input]
    gives = [one.name for one in whole.graph.output]
    still = [name for name in gives if name.startswith("held")]
    step = [name for name in gives if name not in still]
    paths = []
    for file, inputs, outputs in (
        (STEP_FILE, given, step),
        (STILL_FILE, [name for name in given if name != "count"], still),
    ):
        model = Extractor(whole).extract_model(inputs, outputs)
        model.metadata_props.extend(whole.metadata_props)
        onnx.save(model, str(model_dir / file))
        paths.append(model_dir / file)
    return paths[0], paths[1]
