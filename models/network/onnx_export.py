"""Exports a served network to `model.onnx` and its readings to `explain.onnx`."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.card import EXPLAIN_FILE, MODEL_FILE
from models.features import CHANNELS, STRIDE_FRAMES
from models.network.readings import INPUTS, OUTPUTS, ReadingsNet
from models.network.relevance import WindowNet
from models.network.res_tcn import ResTCN
from models.network.whole_body import WholeBody

OPSET = 18

RELEVANCE = (
    "DeepLIFT rescale rule; reference: the window's mean pose held still; adds up to the logit "
    "minus the logit of the reference"
)
"""The description of relevance in the card of a model."""

_MOST_WINDOWS, _MOST_PARTS = 1 << 14, 64


def window_frames(network: ResTCN) -> int:
    """The length of a window: the receptive field, rounded up to a multiple of the stride."""
    return -(-network.receptive_frames // STRIDE_FRAMES) * STRIDE_FRAMES


def export_onnx(network: ResTCN, joints: int, model_dir: Path, channels: int = CHANNELS) -> Path:
    """Write `model.onnx` into a folder and return its path.

    Inputs: `window` (N, T, joints, channels) and `label` (N,). Outputs: `logits` (N, C),
    `relevance` (N, T / 4, joints) and `reference` (N,). N is free.
    """
    frames = window_frames(network)
    example = {
        "window": torch.zeros(2, frames, joints, channels),
        "label": torch.zeros(2, dtype=torch.int64),
    }
    outputs = ["logits", "relevance", "reference"]
    return _export(WindowNet(network, frames), example, outputs, model_dir / MODEL_FILE)


def export_readings(
    network: ResTCN,
    whole_body: WholeBody,
    joints: int,
    model_dir: Path,
    channels: int = CHANNELS,
) -> Path:
    """Write `explain.onnx` into a folder and return its path.

    Inputs and outputs are those of `models.network.readings`. The numbers of windows and of parts
    are free. It is a file of its own because an ONNX Runtime session always computes its whole
    graph.
    """
    frames = window_frames(network)
    label = torch.zeros(2, dtype=torch.int64)
    window = torch.zeros(2, frames, joints, channels)
    # The exporter takes one tensor that is given twice for one input.
    values = (window, label, label - 1, window[:, 0], torch.tensor([0.2, 0.5, 1.0]))
    example = dict(zip(INPUTS, values, strict=True))
    module = ReadingsNet(network, frames, whole_body)
    return _export(module, example, OUTPUTS, model_dir / EXPLAIN_FILE)


def _export(
    module: nn.Module, example: dict[str, Tensor], outputs: Sequence[str], path: Path
) -> Path:
    """Write a module as an ONNX file; the first axis of its inputs is free."""
    count = torch.export.Dim("count", min=1, max=_MOST_WINDOWS)
    parts = torch.export.Dim("parts", min=1, max=_MOST_PARTS)
    shapes: dict[str, Any] = {name: {0: parts if name == "cuts" else count} for name in example}
    path.parent.mkdir(parents=True, exist_ok=True)
    # The exporter logs and warns about its internals.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module.eval(),
            tuple(example.values()),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=list(example),
            output_names=list(outputs),
            dynamic_shapes=shapes,
        )
    if program is None:
        raise RuntimeError("the ONNX exporter returned no model")
    program.save(str(path))
    return path
