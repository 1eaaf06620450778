"""Scores by other methods of attribution, which need the network in torch.

All take windows float32 (N, T, 18, 4) and a class of each, int64 (N,). Their reference is that of
the served relevance: the window's mean pose held still.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from models.evaluation.attribution.methods import (
    CAM,
    GRAD_CAM,
    GRADIENT,
    INTEGRATED,
    Scores,
    by_moment,
    motion_energy,
)
from models.evaluation.attribution.network import last_sum, logits_from, newest_logits
from models.features import FloatArray, IntArray
from models.network.res_tcn import ResTCN

STEPS = 50
"""Steps of integrated gradients."""
_BATCH = 64

Method = Callable[[ResTCN, FloatArray, IntArray], Scores]


def gradient_input(network: ResTCN, windows: FloatArray, labels: IntArray) -> Scores:
    """Gradient times the difference from the mean pose."""
    return _from_gradients(_gradients(network, windows, labels), windows)


def integrated_gradients(
    network: ResTCN, windows: FloatArray, labels: IntArray, steps: int = STEPS
) -> Scores:
    """Integrated gradients (Sundararajan et al. 2017), by the midpoints of `steps` steps."""
    mean = windows.mean(axis=1, keepdims=True)
    total = np.zeros(windows.shape, np.float64)
    for step in range(steps):
        share = np.float32((step + 0.5) / steps)
        total += _gradients(network, mean + share * (windows - mean), labels)
    return _from_gradients(total / steps, windows)


def class_activation(network: ResTCN, windows: FloatArray, labels: IntArray) -> Scores:
    """Class activation mapping (Zhou et al. 2016), shared out over joints, see `_over_joints`."""
    with torch.no_grad():
        last = last_sum(network, _inputs(windows))
        features = F.relu(network.norm(last))  # (N, C, pool)
        rows = network.head.weight[torch.from_numpy(labels)]  # (N, C)
        return _over_joints((rows[:, :, None] * features).sum(dim=1), network, windows)


def grad_cam(network: ResTCN, windows: FloatArray, labels: IntArray) -> Scores:
    """Grad-CAM (Selvaraju et al. 2017) at the last unit, shared out over joints."""
    with torch.no_grad():
        last = last_sum(network, _inputs(windows))
    last.requires_grad_()
    chosen = _chosen(logits_from(network, last), labels)
    (gradient,) = torch.autograd.grad(chosen.sum(), last)
    weights = gradient.mean(dim=2, keepdim=True)
    return _over_joints(F.relu((weights * last.detach()).sum(dim=1)), network, windows)


GRADIENT_METHODS: dict[str, Method] = {
    INTEGRATED: integrated_gradients,
    GRADIENT: gradient_input,
    GRAD_CAM: grad_cam,
    CAM: class_activation,
}


def in_batches(method: Method, network: ResTCN, windows: FloatArray, labels: IntArray) -> Scores:
    """Run a method in batches."""
    parts = [
        method(network, windows[i : i + _BATCH], labels[i : i + _BATCH])
        for i in range(0, len(windows), _BATCH)
    ]
    return np.concatenate(parts)


def _inputs(windows: FloatArray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(windows, np.float32)).flatten(2).mT


def _chosen(logits: Tensor, labels: IntArray) -> Tensor:
    return logits.gather(1, torch.from_numpy(labels)[:, None])[:, 0]


def _gradients(network: ResTCN, windows: FloatArray, labels: IntArray) -> FloatArray:
    """The gradients of the logits of `labels`, float32 (N, T, 18, 4)."""
    x = _inputs(windows).clone().requires_grad_()
    (gradient,) = torch.autograd.grad(_chosen(newest_logits(network, x), labels).sum(), x)
    found: FloatArray = gradient.mT.reshape(windows.shape).numpy()
    return found


def _from_gradients(gradients: NDArray[np.floating], windows: FloatArray) -> Scores:
    moved = windows - windows.mean(axis=1, keepdims=True)
    return by_moment((gradients * moved).sum(axis=-1))


def _over_joints(maps: Tensor, network: ResTCN, windows: FloatArray) -> Scores:
    """Share maps (N, pool), which know no joints, out over joints by their motion energy.

    A map is stretched over the receptive frames. Frames before them get 0.
    """
    frames = network.receptive_frames
    long = F.interpolate(maps[:, None], size=frames, mode="linear", align_corners=False)
    long = F.pad(long, (windows.shape[1] - frames, 0))[:, 0, :, None]
    moments = by_moment(long.numpy())  # (N, T / 4, 1)
    energy = motion_energy(windows)
    shares = energy / np.maximum(energy.sum(axis=2, keepdims=True), 1e-12)
    return np.asarray(moments * shares)
