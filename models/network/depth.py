"""The split of a score over depth: what the stem and each residual unit add to it.

The last sum of the network is the stem's output plus the output of each unit's convolution, each
carried there by shortcuts alone. Shortcuts read the newest frame of each stride, so only as many
frames of a unit as the head averages reach it directly.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from models.network.multipliers import Pair, PairPass
from models.network.parts import Way
from models.network.res_tcn import ResTCN, Unit


def depth_parts(network: ResTCN, passed: PairPass, way: Way, direct: Tensor) -> Tensor:
    """Split the score of S parts of N windows over the stem and the L units, (S N, 1 + L).

    `direct` (S N, C, pool) are the multipliers of the last sum.
    """
    parts: list[Tensor] = []
    stage: list[Pair] = []  # values of one width, the last unit first
    pool, step = direct.shape[2], 1
    for module, added in zip(reversed(network.units), reversed(passed.added), strict=True):
        unit = cast(Unit, module)
        stage.append((_every(added[0], pool, step), added[1]))
        if unit.shortcut is not None:
            parts.append(_stage_parts(stage, way, direct))
            direct, stage = unit.shortcut.weight[:, :, 0].T @ direct, []
        step *= unit.conv.stride[0]
    stage.append((_every(passed.first[0], pool, step), passed.first[1]))
    parts.append(_stage_parts(stage, way, direct))
    return torch.cat(parts, dim=1).flip(1)


def _every(value: Tensor, count: int, step: int) -> Tensor:
    """The newest `count` of every `step` frames of (N, C, F), as (N, C, count)."""
    return value[:, :, value.shape[2] - 1 - (count - 1) * step :: step]


def _stage_parts(stage: list[Pair], way: Way, direct: Tensor) -> Tensor:
    """Multipliers (S N, C, pool) times the difference of each value, summed: (S N, values)."""
    ends, held = (torch.cat(values, dim=1) for values in zip(*stage, strict=True))
    end, begin = way.ends((ends, held))
    difference = torch.unflatten(end - begin, 1, (len(stage), direct.shape[1]))
    return (difference * direct[:, None]).sum(dim=(2, 3))
