"""The network of a model in torch, for methods that need gradients, and with other weights."""

from __future__ import annotations

import copy
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.evaluation.attribution.methods import Scores
from models.evaluation.attribution.removal import Logits, batched
from models.features import FloatArray, IntArray
from models.network.relevance import WindowNet
from models.network.res_tcn import MotionStem, ResTCN, Unit


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
