"""Reads the weights of a served network back from the `model.onnx` of its folder.

An exported folder has no checkpoint. Convolutions and the dense layer keep their names in the
graph. Each batch normalisation was folded into a scale and a shift; they are found by their place,
in front of the ReLU that feeds a named weight.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn

from models.card import MODEL_FILE, load_card, sha256_of
from models.errors import ModelError
from models.features import STRIDE_FRAMES
from models.network.res_tcn import KERNEL, LAG, MOTION_GAIN, ResTCN, Unit

_PREFIX = "network."
_LAST_OF_GROUP = (2, 5, 8)
"""The last residual unit of each of the three widths."""
Array = NDArray[np.float32]


class _Graph:
    """The arrays of an ONNX graph by name, and the nodes that make and read its values."""

    def __init__(self, path: Path) -> None:
        graph = onnx.load(str(path)).graph
        self.arrays: dict[str, Array] = {
            one.name: numpy_helper.to_array(one) for one in graph.initializer
        }
        self._nodes: list[Any] = list(graph.node)
        self._maker = {name: node for node in self._nodes for name in node.output}

    def parameters(self) -> dict[str, Tensor]:
        """The arrays that kept the names of the network's parameters, by these names."""
        return {
            name.removeprefix(_PREFIX): torch.from_numpy(array.copy())
            for name, array in self.arrays.items()
            if name.startswith(_PREFIX)
        }

    def stem_kernel(self) -> Array:
        """The kernel of the first layer, which the exporter computes itself if it is small."""
        bias = f"{_PREFIX}stem.bias"
        readers = [n for n in self._nodes if n.op_type == "Conv" and bias in n.input]
        kernels = [self.arrays[n.input[1]] for n in readers if n.input[1] in self.arrays]
        return next(kernel for kernel in kernels if kernel.shape[2] == KERNEL + LAG)

    def scale_and_shift(self, weight: str) -> tuple[Array, Array]:
        """The scale and the shift, (C,) each, in front of the ReLU that feeds a weight."""
        kinds = ("Conv", "Gemm")
        reader = next(n for n in self._nodes if n.op_type in kinds and n.input[1] == weight)
        relu = self._above(reader, "Relu")
        return self._constant(self._above(relu, "Mul")), self._constant(self._above(relu, "Add"))

    def _above(self, node: Any, kind: str) -> Any:
        """The nearest node of a kind, from a node upwards along first inputs."""
        while node.op_type != kind:
            node = self._maker[node.input[0]]
        return node

    def _constant(self, node: Any) -> Array:
        """The constant input of a node, flat."""
        return next(self.arrays[name].ravel() for name in node.input if name in self.arrays)


def network_of(model_dir: Path) -> ResTCN:
    """Rebuild the network of a model folder from `model.onnx`, in eval mode.

    Its logits equal those of the file up to rounding. Raises ModelError if the folder has no
    card, if the file is not the one of the card, or if `jointwise` did not write it.
    """
    card, path = load_card(model_dir), model_dir / MODEL_FILE
    if not path.is_file() or sha256_of(path) != card.sha256:
        raise ModelError(f"{path} is not the file that its card describes: copy both again")
    try:
        return _rebuilt(_Graph(path), card.receptive_frames)
    except (KeyError, StopIteration, IndexError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"{path} has no weights of a network that this version of Jointwise exports: "
            "export its training run again"
        ) from error


def _rebuilt(graph: _Graph, receptive_frames: int) -> ResTCN:
    parameters = graph.parameters()
    if "stem.weight" not in parameters:
        parameters |= _stem_of(torch.from_numpy(graph.stem_kernel().copy()))
    inputs, classes = parameters["stem.weight"].shape[1], len(parameters["head.bias"])
    a, b, c = (len(parameters[f"units.{last}.conv.bias"]) for last in _LAST_OF_GROUP)
    network = ResTCN(inputs, classes, pool=1, widths=(a, b, c)).eval()
    network.pool = 1 + (receptive_frames - network.receptive_frames) // STRIDE_FRAMES
    network.load_state_dict(parameters, strict=False)
    for number, unit in enumerate(network.units):
        scale, shift = graph.scale_and_shift(f"{_PREFIX}units.{number}.conv.weight")
        _set_norm(cast(Unit, unit).norm, scale, shift)
    _set_norm(network.norm, *graph.scale_and_shift(f"{_PREFIX}head.weight"))
    return network


def _stem_of(kernel: Tensor) -> dict[str, Tensor]:
    """Weights for positions and motion that give a kernel (C, inputs, KERNEL + LAG).

    Many do; these have no weights for the newest motion (see `MotionStem.kernel`).
    """
    oldest, middle, newest = kernel[:, :, :LAG], kernel[:, :, LAG:-LAG], kernel[:, :, -LAG:]
    motion = F.pad(-oldest / MOTION_GAIN, (0, KERNEL - LAG))
    return {"stem.weight": torch.cat([middle + oldest, newest], dim=2), "stem.motion": motion}


@torch.no_grad()
def _set_norm(norm: nn.BatchNorm1d, scale: Array, shift: Array) -> None:
    """Make a normalisation apply a scale and a shift, (C,) each."""
    norm.load_state_dict(
        {
            "weight": torch.from_numpy(scale.copy()),
            "bias": torch.from_numpy(shift.copy()),
            "running_mean": torch.zeros(len(scale)),
            "running_var": torch.full((len(scale),), 1 - norm.eps),
        },
        strict=False,
    )
