"""Which joints made a logit, and when: an exact split of it, as a module that exports to ONNX.

All of the Res-TCN but ReLU is affine. Running backwards with the multiplier
(out - out_reference) / (in - in_reference) at each ReLU (DeepLIFT, Shrikumar et al. 2017,
section 3.5.2, rescale rule) splits logit(x) - logit(reference) over the inputs with nothing left
over. The reference is the window's own mean pose held still, so what is split is what MOVEMENT
did to the logit.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.features import STRIDE_FRAMES
from models.network.res_tcn import MotionStem, ResTCN, Unit

_FLAT = 1e-6


def affine(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """Batch normalisation in evaluation as scale and shift, (C,) each."""
    mean, var = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    scale = norm.weight / torch.sqrt(var + norm.eps)
    return scale, norm.bias - mean * scale


def _newest(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Cut the oldest frames that a strided convolution which ends on the newest does not read."""
    return x[:, :, (x.shape[2] - kernel) % stride :]


class WindowNet(nn.Module):
    """The newest answer for a window, and why.

    Holds a served network in evaluation. Input (N, T, J, 4) of T at least `receptive_frames`;
    no padding is read, so the answer is that of the whole stream.
    """

    def __init__(self, network: ResTCN, window_frames: int) -> None:
        super().__init__()
        if not network.causal or window_frames < network.receptive_frames:
            raise ValueError("needs a causal network and a window of its receptive field")
        self.network = network.eval()
        self.window_frames = window_frames

    def forward(self, window: Tensor, label: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Windows (N, T, J, 4) and class indices (N,) int64.

        Returns logits (N, C); relevance (N, T / 4, J), summed over each joint's channels and
        over four frames; reference (N,), the logit of the mean pose held still.
        """
        net = self.network
        flat = window.flatten(2)  # (N, T, 4 J)
        mean = flat.mean(dim=1)  # (N, 4 J)
        x = flat[:, self.window_frames - net.receptive_frames :].mT  # (N, 4 J, receptive)
        kept, kept_mean = [], []  # what goes into each ReLU, moving and held still
        stem = cast(MotionStem, net.stem)
        kernel = stem.kernel()
        h = F.conv1d(x, kernel, stem.bias)
        still = F.linear(mean, kernel.sum(dim=2), stem.bias)
        for unit in net.units:
            h, still, pre, pre_still = self._unit(cast(Unit, unit), h, still)
            kept.append(pre)
            kept_mean.append(pre_still)
        scale, shift = affine(net.norm)
        pre = h * scale[:, None] + shift[:, None]  # (N, 256, pool)
        pre_still = still * scale + shift
        logits = net.head(F.relu(pre).mean(dim=2))
        reference_logits = net.head(F.relu(pre_still))
        back = net.head.weight[label][:, :, None] / pre.shape[2]  # (N, 256, 1)
        back = back * self._rescale(pre, pre_still) * scale[:, None]
        for unit, p, s in zip(reversed(list(net.units)), kept[::-1], kept_mean[::-1], strict=True):
            back = self._unit_back(cast(Unit, unit), back, p, s)
        back = F.conv_transpose1d(back, kernel)  # (N, 4 J, receptive)
        split = back * (x - mean[:, :, None])
        return logits, self._by_joint(split, window), self._pick(reference_logits, label)

    def _by_joint(self, split: Tensor, window: Tensor) -> Tensor:
        frames, joints, channels = window.shape[1:]
        split = F.pad(split, (frames - split.shape[2], 0)).mT  # (N, T, 4 J)
        bins = frames // STRIDE_FRAMES
        return split.reshape(-1, bins, STRIDE_FRAMES, joints, channels).sum(dim=(2, 4))

    @staticmethod
    def _pick(logits: Tensor, label: Tensor) -> Tensor:
        return logits.gather(1, label[:, None])[:, 0]

    @staticmethod
    def _unit(unit: Unit, h: Tensor, still: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
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

    @staticmethod
    def _rescale(pre: Tensor, pre_still: Tensor) -> Tensor:
        """DeepLIFT's multiplier of ReLU; where nothing moved, its slope."""
        still = pre_still[:, :, None]
        moved = pre - still
        ratio = (F.relu(pre) - F.relu(still)) / torch.where(
            moved.abs() > _FLAT, moved, torch.ones_like(moved)
        )
        return torch.where(moved.abs() > _FLAT, ratio, (pre > 0).to(pre.dtype))

    def _unit_back(self, unit: Unit, back: Tensor, pre: Tensor, pre_still: Tensor) -> Tensor:
        """Multipliers at a unit's output to those at its input, through both of its ways."""
        scale, _ = affine(unit.norm)
        stride, kernel = unit.conv.stride[0], unit.conv.kernel_size[0]
        deep = F.conv_transpose1d(back, unit.conv.weight, stride=stride)
        deep = deep * self._rescale(pre, pre_still) * scale[:, None]
        skip = back
        if unit.shortcut is not None:
            skip = F.conv_transpose1d(back, unit.shortcut.weight)
        if stride > 1:  # put each multiplier back at the frame that the shortcut took
            spread = torch.stack([torch.zeros_like(skip)] * (stride - 1) + [skip], dim=3)
            skip = spread.flatten(2)[:, :, stride - 1 :]
        return deep + F.pad(skip, (kernel - 1, 0))
