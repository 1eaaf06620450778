"""Exports a served network and its relevance to `model.onnx`."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import torch

from models.card import MODEL_FILE
from models.features import CHANNELS, STRIDE_FRAMES
from models.network.relevance import WindowNet
from models.network.res_tcn import ResTCN

OPSET = 18

RELEVANCE = (
    "DeepLIFT rescale rule; reference: the window's mean pose held still; adds up to the logit "
    "minus the logit of the reference"
)
"""The description of relevance in the card of a model."""

_MOST_WINDOWS = 1 << 14


def window_frames(network: ResTCN) -> int:
    """The length of a window: the receptive field, rounded up to a multiple of the stride."""
    return -(-network.receptive_frames // STRIDE_FRAMES) * STRIDE_FRAMES


def export_onnx(network: ResTCN, joints: int, model_dir: Path, channels: int = CHANNELS) -> Path:
    """Write `model.onnx` into a folder and return its path.

    Inputs: `window` (N, T, joints, channels) and `label` (N,). Outputs: `logits` (N, C),
    `relevance` (N, T / 4, joints) and `reference` (N,). N is free.
    """
    frames = window_frames(network)
    module = WindowNet(network, frames).eval()
    example = (torch.zeros(2, frames, joints, channels), torch.zeros(2, dtype=torch.int64))
    count = torch.export.Dim("count", min=1, max=_MOST_WINDOWS)
    model_dir.mkdir(parents=True, exist_ok=True)
    path = model_dir / MODEL_FILE
    # The exporter logs and warns about its internals.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module,
            example,
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=["window", "label"],
            output_names=["logits", "relevance", "reference"],
            dynamic_shapes={"window": {0: count}, "label": {0: count}},
        )
    if program is None:
        raise RuntimeError("the ONNX exporter returned no model")
    program.save(str(path))
    return path
