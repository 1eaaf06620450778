"""The network of a model in torch, for methods that need gradients, and with other weights."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import cast

import msgspec
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.evaluation.attribution.methods import Scores
from models.evaluation.attribution.removal import Logits, batched
from models.features import FloatArray, IntArray
from models.inference.recognizer import Recognizer
from models.network.relevance import WindowNet
from models.network.res_tcn import MotionStem, ResTCN, Unit
from models.training.config import TrainConfig, new_network
from models.training.run_folder import CHECKPOINT_FILE, CONFIG_FILE

_EQUAL = 1e-2
"""Largest difference between a logit of the checkpoint and of `model.onnx`."""


def network_beside(model_dir: Path, recognizer: Recognizer) -> ResTCN | None:
    """The averaged network of the training run that a model folder lies in.

    None if there is no checkpoint beside the folder, or if it is not the one of `model.onnx`.
    """
    run_dir = model_dir.resolve().parent
    if not all((run_dir / name).is_file() for name in (CHECKPOINT_FILE, CONFIG_FILE)):
        return None
    config = msgspec.json.decode((run_dir / CONFIG_FILE).read_bytes(), type=TrainConfig)
    network = new_network(config).eval()
    checkpoint = torch.load(run_dir / CHECKPOINT_FILE, map_location="cpu", weights_only=True)
    network.load_state_dict(checkpoint["average"])
    return network if _answers_alike(network, recognizer) else None


def _answers_alike(network: ResTCN, recognizer: Recognizer) -> bool:
    card = recognizer.card
    rng = np.random.default_rng(0)
    shape = (4, card.window_frames, len(card.joints_used), 4)
    windows = rng.normal(0, 0.3, shape).astype(np.float32)
    theirs, own = recognizer.logits(windows), logits_of(network)(windows)
    return theirs.shape == own.shape and bool(np.abs(theirs - own).max() < _EQUAL)


def logits_of(network: ResTCN) -> Logits:
    """The logits of a network for windows, in batches.

    The file `model.onnx` computes relevance with each logit, so this is faster.
    """

    @torch.no_grad()
    def run(windows: FloatArray) -> FloatArray:
        x = torch.from_numpy(np.ascontiguousarray(windows, np.float32)).flatten(2)
        logits: FloatArray = newest_logits(network, x.mT).numpy()
        return logits

    return batched(run)


def newest_logits(network: ResTCN, x: Tensor) -> Tensor:
    """The newest logits (N, C) of windows (N, inputs, T)."""
    return logits_from(network, last_sum(network, x))


def logits_from(network: ResTCN, last: Tensor) -> Tensor:
    """The logits (N, C) from the output of the last unit (N, channels, pool)."""
    return cast(Tensor, network.head(F.relu(network.norm(last)).mean(dim=2)))


def last_sum(network: ResTCN, x: Tensor) -> Tensor:
    """The output of the last unit, (N, channels, pool), for the newest logits of windows."""
    stem = cast(MotionStem, network.stem)
    h = F.conv1d(x[:, :, -network.receptive_frames :], stem.kernel(), stem.bias)
    for module in network.units:
        unit = cast(Unit, module)
        conv = unit.conv
        kernel, stride = conv.kernel_size[0], conv.stride[0]
        added = F.conv1d(F.relu(unit.norm(h)), conv.weight, conv.bias, stride)
        skip = h[:, :, kernel - 1 :: stride]
        h = added + (skip if unit.shortcut is None else unit.shortcut(skip))
    return h


@torch.no_grad()
def randomised(network: ResTCN, seed: int) -> ResTCN:
    """The same network with random weights."""
    other = copy.deepcopy(network)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for module in other.modules():
            if isinstance(module, nn.Conv1d | nn.Linear | nn.BatchNorm1d):
                module.reset_parameters()
        nn.init.kaiming_uniform_(cast(MotionStem, other.stem).motion, a=5**0.5)
    return other.eval()


@torch.no_grad()
def relevance_of(network: ResTCN, windows: FloatArray, labels: IntArray) -> Scores:
    """Relevance as the model serves it, by a network in torch."""
    net = WindowNet(network, windows.shape[1])
    _, relevance, _ = net(torch.from_numpy(windows), torch.from_numpy(labels))
    return np.asarray(relevance.numpy(), np.float64)
