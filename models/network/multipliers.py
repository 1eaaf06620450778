"""Runs a window beside a held pose, and carries multipliers from a logit back to the input.

All operations of the Res-TCN are affine except ReLU. A multiplier says how much of a logit a unit
of difference is worth, between the window and the held pose. At an affine operation multipliers
are carried back as gradients are. At a ReLU they are multiplied by the slope of the chord between
its two inputs (DeepLIFT, Shrikumar et al. 2017, section 3.5.2, rescale rule). So at each place of
the network, multipliers times differences add up to the difference of the logits.
`docs/explanations.md` has the proof.

Shapes: N windows, C channels, F frames. A held pose is the same in every frame, so one frame of it
is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.network.res_tcn import MotionStem, ResTCN, Unit

_TINY = 1e-30
"""Keeps the slope of a chord without length from becoming 0 / 0."""

Pair = tuple[Tensor, Tensor]
"""The same value for a window, (N, C, F), and for its held pose, (N, C, 1)."""


@dataclass(frozen=True, eq=False)
class PairPass:
    """The values of a window and of its held pose in the network.

    `first` is X1, the output of the first layer. `added` is the output of the convolution of each
    unit. `relus` are the inputs of each ReLU: one for each unit, and one before the pooling.
    `logits` and `held_logits` are (N, classes).
    """

    first: Pair
    added: list[Pair]
    relus: list[Pair]
    logits: Tensor
    held_logits: Tensor


def run_pair(network: ResTCN, x: Tensor, pose: Tensor) -> PairPass:
    """Run windows x (N, inputs, receptive frames) and held poses (N, inputs, 1)."""
    stem = cast(MotionStem, network.stem)
    now = first = _convolved((x, pose), stem.kernel(), stem.bias)
    added, relus = [], []
    for module in network.units:
        unit = cast(Unit, module)
        stride = unit.conv.stride[0]
        relu = _normalised(unit.norm, now)
        plus = _convolved(_active(relu), unit.conv.weight, unit.conv.bias, stride)
        skip = now[0][:, :, unit.conv.kernel_size[0] - 1 :: stride], now[1]  # the newest frames
        if unit.shortcut is not None:
            skip = _convolved(skip, unit.shortcut.weight, unit.shortcut.bias)
        now = skip[0] + plus[0], skip[1] + plus[1]
        added.append(plus)
        relus.append(relu)
    relus.append(_normalised(network.norm, now))
    features, held = _active(relus[-1])
    logits, held_logits = network.head(features.mean(dim=2)), network.head(held.squeeze(2))
    return PairPass(first, added, relus, logits, held_logits)


def affine(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """The scale and the shift, (C,) each, that batch normalisation applies in eval mode."""
    mean, var = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    scale = norm.weight / torch.sqrt(var + norm.eps)
    return scale, norm.bias - mean * scale


def _normalised(norm: nn.BatchNorm1d, value: Pair) -> Pair:
    scale, shift = affine(norm)
    moving, held = (one * scale[:, None] + shift[:, None] for one in value)
    return moving, held


def _active(value: Pair) -> Pair:
    return F.relu(value[0]), F.relu(value[1])


def _convolved(value: Pair, weight: Tensor, bias: Tensor | None, stride: int = 1) -> Pair:
    """Convolve both. Of a held pose all taps read the same frame, so they are summed."""
    held = F.conv1d(value[1], weight.sum(dim=2, keepdim=True), bias)
    return F.conv1d(value[0], weight, bias, stride), held


def head_multipliers(network: ResTCN, relu: Pair, row: Tensor) -> Tensor:
    """The multipliers (N, C, pool) of the last sum, for the score `row` (N, C) times features.

    `relu` holds the inputs of the last ReLU.
    """
    scale, _ = affine(network.norm)
    return (row * scale)[:, :, None] / relu[0].shape[2] * chord(*relu)


def first_multipliers(network: ResTCN, relus: list[Pair], back: Tensor) -> Tensor:
    """The multipliers (N, C, F) of X1, from those of the last sum and the ReLUs of the units."""
    for module, relu in zip(reversed(network.units), reversed(relus), strict=True):
        back = _unit_back(cast(Unit, module), back, relu)
    return back


def input_multipliers(network: ResTCN, back: Tensor) -> Tensor:
    """The multipliers of the input, (N, inputs, receptive frames), from those of X1."""
    return _transposed(back, cast(MotionStem, network.stem).kernel())


def chord(moving: Tensor, held: Tensor) -> Tensor:
    """The slope of ReLU between its inputs `held` (N, C, F or 1) and `moving` (N, C, F).

    (relu(a) - relu(b)) / (a - b), written without a difference of ReLUs: the larger input over the
    distance, limited to 0 and 1. Equal inputs give 1 above zero and 0 elsewhere.
    """
    distance = (moving - held).abs() + _TINY
    return (torch.maximum(moving, held) / distance).clamp(0, 1)


def _unit_back(unit: Unit, back: Tensor, relu: Pair) -> Tensor:
    """Carry multipliers from the output of a unit to its input, by convolution and shortcut."""
    scale, _ = affine(unit.norm)
    stride, kernel = unit.conv.stride[0], unit.conv.kernel_size[0]
    deep = _transposed(back, unit.conv.weight * scale[:, None], stride) * chord(*relu)
    skip = back
    if unit.shortcut is not None:
        skip = _transposed(back, unit.shortcut.weight)
    if stride > 1:  # The shortcut reads the newest frame of each stride; the others get zero.
        spread = torch.stack([torch.zeros_like(skip)] * (stride - 1) + [skip], dim=3)
        skip = spread.flatten(2)[:, :, stride - 1 :]
    return deep + F.pad(skip, (kernel - 1, 0))


def _transposed(back: Tensor, weight: Tensor, stride: int = 1) -> Tensor:
    """The transpose of a convolution by `weight` (C', C, K): (N, C', F) to (N, C, F').

    Equal to `conv_transpose1d`, as one convolution for each phase of the stride: ONNX Runtime runs
    convolutions three times as fast.
    """
    phases = [weight[:, :, phase::stride].flip(2).transpose(0, 1) for phase in range(stride)]
    taps = weight.shape[2] // stride
    out = F.conv1d(back, torch.cat(phases), padding=taps - 1)  # (N, stride * C, F' / stride)
    if stride == 1:
        return out
    return torch.unflatten(out, 1, (stride, -1)).permute(0, 2, 3, 1).flatten(2)
