"""The Res-TCN four frames at a time, as an ONNX graph that carries the past with it.

Each convolution has a ring buffer of its newest inputs for each stream, so nothing is computed
twice. The rings of all streams are inputs and outputs of the graph. A runner that binds both to
the same memory makes a step write only the new frames.

A new stream begins as if its first frame had been held still for ever. So the graph computes a
second path for one held frame ("still"), whose values fill the rings.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import onnx
import torch
from onnx.utils import Extractor
from torch import Tensor

from models.card import STEP_FILE, STILL_FILE
from models.features import CHANNELS, STRIDE_FRAMES
from models.network.onnx_writer import FLOAT
from models.network.res_tcn import MotionStem, ResTCN, Unit
from models.network.ring_buffers import Ring
from models.network.step_layers import Active, StepLayers, Sum, float_array


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
    """The number of multiply-add operations of a step (four frames) of one stream."""
    frames = STRIDE_FRAMES
    total = frames * cast(MotionStem, network.stem).kernel().numel() + network.head.weight.numel()
    for module in network.units:
        unit = cast(Unit, module)
        frames //= unit.conv.stride[0]
        shortcut = 0 if unit.shortcut is None else unit.shortcut.weight.numel()
        total += frames * (unit.conv.weight.numel() + shortcut)
    return total


class StepGraph:
    """Writes the step of a served network, and the path of a first frame held still."""

    def __init__(self, network: ResTCN) -> None:
        self.network = network.eval()
        self.rings = rings_of(network)
        self.layers = StepLayers(self.rings)
        self.write = self.layers.write

    @torch.no_grad()
    def model(self) -> Any:
        """Build the graph.

        Inputs: `features` float32 (N, 4, J, 4); `rows` int64 (N, 1), the row of each stream in
        the rings; `count` int64 (N,), the number of earlier steps of each stream; `ring_I` float32
        (streams * length, width). Outputs: `logits` (N, C); `after_I`, the rings after the step;
        `held_I`, the rings as if each stream had held its first frame for ever. The metadata
        `rings` gives the length and width of each ring, `multiply_adds` the cost of one stream's
        step.
        """
        write, net, layers = self.write, self.network, self.layers
        inputs = self.rings[0].width
        write.graph_input("features", FLOAT, "N", STRIDE_FRAMES, inputs // CHANNELS, CHANNELS)
        layers.look_up_places()
        new = write.node("Reshape", "new", "features", write.sizes(-1, inputs))  # (4 N, 4 J)
        joined = write.node(
            "Reshape", "joined", "features", write.sizes(-1, STRIDE_FRAMES * inputs)
        )
        first = layers.columns("first", joined, 0, inputs)  # (N, 4 J), the oldest new frame
        stem = cast(MotionStem, net.stem)
        one, zero = torch.ones(inputs).double(), torch.zeros(inputs).double()
        given = Active(new, first, one, zero)
        x = layers.convolved(0, "stem", given, stem.kernel(), stem.bias, None)
        for number, module in enumerate(net.units, 1):
            x = self._unit(number, cast(Unit, module), x)
        self._head(x)
        sizes = ",".join(f"{ring.length}x{ring.width}" for ring in self.rings)
        notes = {"rings": sizes, "multiply_adds": str(multiply_adds(net))}
        return write.model("step", notes)

    def _unit(self, number: int, unit: Unit, x: Sum) -> Sum:
        """Write a residual unit; `x` is the sum before it."""
        name, stride, width = f"unit{number}", unit.conv.stride[0], unit.conv.in_channels
        active, skip = self.layers.activated(name, unit.norm, x), x
        if stride > 1:  # the shortcut reads the newest frame of each stride
            pairs = self.write.sizes(-1, stride * width)
            pairs = self.write.node("Reshape", f"{name}_pairs", x.moving, pairs)
            first, after = (stride - 1) * width, stride * width
            newest = self.layers.columns(f"{name}_newest", pairs, first, after)
            skip = Sum(newest, x.still, x.bias)
        if unit.shortcut is not None:
            weight, bias = unit.shortcut.weight, cast(Tensor, unit.shortcut.bias)
            given = Active(skip.moving, skip.still, torch.ones(width).double(), skip.bias)
            name_skip = f"{name}_shortcut"
            skip = self.layers.product(name_skip, given, skip.moving, weight, bias, None)
        return self.layers.convolved(number, name, active, unit.conv.weight, unit.conv.bias, skip)

    def _head(self, x: Sum) -> None:
        """Write normalisation, pooling and the dense layer; declare the logits as output."""
        net, write = self.network, self.write
        active = self.layers.activated("head", net.norm, x)
        kept = self.layers.remembered(len(self.rings) - 1, "head", active)
        kept = write.node("Reshape", "pool", kept, write.sizes(-1, net.pool, net.norm.num_features))
        mean = write.node("ReduceMean", "mean", kept, write.sizes(1), keepdims=0)  # (N, 256)
        weight = write.constant("head_weight", float_array(net.head.weight * active.scale).T)
        bias = net.head.bias + net.head.weight.double() @ active.shift
        bias_name = write.constant("bias", float_array(bias))
        logits = write.node("Gemm", "logits", mean, weight, bias_name)  # (N, C)
        write.graph_output(logits, "N", net.head.out_features)


def export_steps(network: ResTCN, model_dir: Path) -> tuple[Path, Path]:
    """Write `step.onnx` and `still.onnx` into a model folder and return their paths.

    There are two files because an ONNX Runtime session always computes its whole graph.
    """
    whole = StepGraph(network).model()
    inputs = [value.name for value in whole.graph.input]
    outputs = [value.name for value in whole.graph.output]
    held = [name for name in outputs if name.startswith("held")]
    parts = {
        STEP_FILE: (inputs, [name for name in outputs if name not in held]),
        STILL_FILE: ([name for name in inputs if name != "count"], held),
    }
    for file, (part_inputs, part_outputs) in parts.items():
        model = Extractor(whole).extract_model(part_inputs, part_outputs)
        model.metadata_props.extend(whole.metadata_props)
        onnx.save(model, str(model_dir / file))
    return model_dir / STEP_FILE, model_dir / STILL_FILE
