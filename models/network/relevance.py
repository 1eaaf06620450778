"""`WindowNet`: the newest logits of a window with the relevance of joints and time, for ONNX.

The reference is the window's own mean pose held still, so relevance measures the effect of
movement on the logit. `models/network/multipliers.py` has the method.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.features import STRIDE_FRAMES
from models.network.multipliers import (
    first_multipliers,
    head_multipliers,
    input_multipliers,
    run_pair,
)
from models.network.res_tcn import ResTCN


class WindowNet(nn.Module):
    """The newest logits of a window, and their relevance.

    Wraps a served network in eval mode. The input is (N, T, J, 4) with T of at least
    `receptive_frames`. No padding is read, so the answer equals that of the whole stream.
    """

    def __init__(self, network: ResTCN, window_frames: int) -> None:
        super().__init__()
        if not network.causal or window_frames < network.receptive_frames:
            raise ValueError("needs a causal network and a window of its receptive field")
        self.network = network.eval()
        self.window_frames = window_frames

    def forward(self, window: Tensor, label: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Classify windows (N, T, J, 4) and explain the classes `label`, int64 (N,).

        Returns logits (N, C), relevance (N, T / 4, J), summed over the channels of each joint and
        over four frames, and reference (N,), the logit of the mean pose held still.
        """
        net = self.network
        flat = window.flatten(2)  # (N, T, 4 J)
        mean = flat.mean(dim=1)[:, :, None]  # (N, 4 J, 1)
        x = newest(flat, net.receptive_frames)
        passed = run_pair(net, x, mean)
        back = head_multipliers(net, passed.relus[-1], net.head.weight[label])
        back = input_multipliers(net, first_multipliers(net, passed.relus[:-1], back))
        split = in_bins(back * (x - mean), self.window_frames)  # (N, 4 J, T / 4)
        relevance = torch.unflatten(split, 1, window.shape[2:]).sum(dim=2).mT
        return passed.logits, relevance, passed.held_logits.gather(1, label[:, None])[:, 0]


def newest(flat: Tensor, frames: int) -> Tensor:
    """The newest frames of windows (N, T, inputs), as (N, inputs, frames)."""
    return flat[:, flat.shape[1] - frames :].mT


def in_bins(split: Tensor, window_frames: int) -> Tensor:
    """Sum the newest frames of a window over four frames each: (N, D, F) to (N, D, T / 4).

    Frames of the window before them count zero.
    """
    split = F.pad(split, (window_frames - split.shape[2], 0))  # (N, D, T)
    return torch.unflatten(split, 2, (-1, STRIDE_FRAMES)).sum(dim=3)
