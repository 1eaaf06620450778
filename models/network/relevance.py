"""Relevance: an exact split of a logit over joints and time, as a module that exports to ONNX.

Every layer of the Res-TCN is affine except ReLU. A backward pass that uses the multiplier
(out - out_reference) / (in - in_reference) at each ReLU splits logit(x) - logit(reference) over
the inputs without a remainder (DeepLIFT, Shrikumar et al. 2017, section 3.5.2, rescale rule).
The reference is the window's own mean pose held still, so relevance measures the effect of
movement on the logit.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.features import STRIDE_FRAMES
from models.network.res_tcn import MotionStem, ResTCN, Unit

_FLAT = 1e-6


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
        mean = flat.mean(dim=1)  # (N, 4 J)
        x = flat[:, self.window_frames - net.receptive_frames :].mT  # (N, 4 J, receptive)

        # Forward: the window (h) and its mean pose held still (still), layer by layer.
        pres, pres_still = [], []  # the inputs of each ReLU
        stem = cast(MotionStem, net.stem)
        kernel = stem.kernel()  # (64, 4 J, 12)
        h = F.conv1d(x, kernel, stem.bias)  # (N, 64, frames)
        still = F.linear(mean, kernel.sum(dim=2), stem.bias)  # (N, 64)
        for unit in net.units:
            h, still, pre, pre_still = self._unit(cast(Unit, unit), h, still)
            pres.append(pre)
            pres_still.append(pre_still)
        scale, shift = affine(net.norm)
        pre = h * scale[:, None] + shift[:, None]  # (N, 256, pool)
        pre_still = still * scale + shift  # (N, 256)
        logits = net.head(F.relu(pre).mean(dim=2))  # (N, C)
        reference_logits = net.head(F.relu(pre_still))  # (N, C)

        # Backward: the multiplier of each value for the logit of `label`.
        back = net.head.weight[label][:, :, None] / pre.shape[2]  # (N, 256, 1)
        back = back * self._rescale(pre, pre_still) * scale[:, None]  # (N, 256, pool)
        units = reversed(list(net.units))
        for unit, p, s in zip(units, pres[::-1], pres_still[::-1], strict=True):
            back = self._unit_back(cast(Unit, unit), back, p, s)  # ends at (N, 64, frames)
        back = F.conv_transpose1d(back, kernel)  # (N, 4 J, receptive)
        split = back * (x - mean[:, :, None])  # (N, 4 J, receptive)
        return logits, self._by_joint(split, window), self._pick(reference_logits, label)

    @staticmethod
    def _unit(unit: Unit, h: Tensor, still: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Run a unit on h (N, C, T) and still (N, C).

        Returns its outputs, (N, C', T') and (N, C'), and the inputs of its ReLU.
        """
        scale, shift = affine(unit.norm)
        kernel, stride = unit.conv.kernel_size[0], unit.conv.stride[0]
        h = _newest(h, kernel, stride)
        pre, pre_still = h * scale[:, None] + shift[:, None], still * scale + shift
        added = F.conv1d(F.relu(pre), unit.conv.weight, unit.conv.bias, stride)
        added_still = F.linear(F.relu(pre_still), unit.conv.weight.sum(dim=2), unit.conv.bias)
        skip = h[:, :, kernel - 1 :: stride]
        if unit.shortcut is not None:
            skip = unit.shortcut(skip)
            still = F.linear(still, unit.shortcut.weight[:, :, 0], unit.shortcut.bias)
        return skip + added, still + added_still, pre, pre_still

    def _unit_back(self, unit: Unit, back: Tensor, pre: Tensor, pre_still: Tensor) -> Tensor:
        """Carry multipliers from the output of a unit to its input, by convolution and shortcut."""
        scale, _ = affine(unit.norm)
        stride, kernel = unit.conv.stride[0], unit.conv.kernel_size[0]
        deep = F.conv_transpose1d(back, unit.conv.weight, stride=stride)
        deep = deep * self._rescale(pre, pre_still) * scale[:, None]
        skip = back
        if unit.shortcut is not None:
            skip = F.conv_transpose1d(back, unit.shortcut.weight)
        if stride > 1:  # The shortcut reads the newest frame of each stride; the others get zero.
            spread = torch.stack([torch.zeros_like(skip)] * (stride - 1) + [skip], dim=3)
            skip = spread.flatten(2)[:, :, stride - 1 :]
        return deep + F.pad(skip, (kernel - 1, 0))

    @staticmethod
    def _rescale(pre: Tensor, pre_still: Tensor) -> Tensor:
        """The multiplier of a ReLU by the rescale rule; its slope where the input is unchanged."""
        still = pre_still[:, :, None]
        moved = pre - still
        ratio = (F.relu(pre) - F.relu(still)) / torch.where(
            moved.abs() > _FLAT, moved, torch.ones_like(moved)
        )
        return torch.where(moved.abs() > _FLAT, ratio, (pre > 0).to(pre.dtype))

    def _by_joint(self, split: Tensor, window: Tensor) -> Tensor:
        """Sum (N, 4 J, receptive) over channels and over four frames: (N, T / 4, J)."""
        frames, joints, channels = window.shape[1:]
        split = F.pad(split, (frames - split.shape[2], 0)).mT  # (N, T, 4 J)
        bins = frames // STRIDE_FRAMES
        return split.reshape(-1, bins, STRIDE_FRAMES, joints, channels).sum(dim=(2, 4))

    @staticmethod
    def _pick(logits: Tensor, label: Tensor) -> Tensor:
        """The logit of each label: (N, C) and (N,) to (N,)."""
        return logits.gather(1, label[:, None])[:, 0]


def affine(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """The scale and the shift, (C,) each, that batch normalisation applies in eval mode."""
    mean, var = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    scale = norm.weight / torch.sqrt(var + norm.eps)
    return scale, norm.bias - mean * scale


def _newest(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Drop the oldest frames, which a strided convolution that ends at the newest does not read."""
    return x[:, :, (x.shape[2] - kernel) % stride :]
