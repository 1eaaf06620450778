"""The Res-TCN (Kim and Reiter 2017, section 3) in torch, as published and as served.

As published it pads both sides and pools over the whole clip. As served it looks only back:
before the first frame stands the first pose held still, and it answers every four frames. Clip,
window and step are one function with carried state, so they give the same numbers.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.features import STRIDE_FRAMES

KERNEL = 8
LAG, MOTION_GAIN = 4, 4.0

State = list[Tensor]
"""For each convolution, and for the pooling, its newest past inputs, (N, channels, frames)."""


class CausalConv(nn.Conv1d):
    """A convolution whose newest tap is the newest frame; its past is given, or held still."""

    def past_frames(self) -> int:
        """How many frames before the new ones it reads."""
        return self.kernel_size[0] - self.stride[0]

    def steps(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """(N, C, T) and its past (N, C, past_frames) to (N, C', T / stride) and the new past."""
        x, past = self.joined(x, past)
        return F.conv1d(x, self.weight, self.bias, self.stride), past

    def joined(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """The past and the new frames in one, and what of them is the past of the next ones."""
        keep = self.past_frames()
        if past is None:
            past = x[:, :, :1].expand(-1, -1, keep)
        x = torch.cat([past, x], dim=2)
        return x, x[:, :, x.shape[2] - keep :]


class MotionStem(CausalConv):
    """A stem that learns from positions and from how far they moved in `LAG` frames.

    Both are linear in the input, so together they are one convolution over `KERNEL + LAG` frames
    (`kernel`), and that is what runs. Learning them apart makes small, slow motion as easy to
    find as a pose.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(inputs, width, KERNEL)
        self.motion = nn.Parameter(torch.empty_like(self.weight))
        nn.init.kaiming_uniform_(self.motion, a=5**0.5)

    def past_frames(self) -> int:
        """How many frames before the new ones it reads."""
        return KERNEL - 1 + LAG

    def kernel(self) -> Tensor:
        """The one convolution it is, (width, inputs, KERNEL + LAG)."""
        newer, older = F.pad(self.weight + MOTION_GAIN * self.motion, (LAG, 0)), self.motion
        return newer - MOTION_GAIN * F.pad(older, (0, LAG))

    def steps(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """(N, C, T) and its past (N, C, past_frames) to (N, C', T) and the new past."""
        x, past = self.joined(x, past)
        return F.conv1d(x, self.kernel(), self.bias), past


class Unit(nn.Module):
    """X + Conv(Dropout(ReLU(BatchNorm(X)))); where width changes, a kernel-1 shortcut."""

    def __init__(self, inputs: int, width: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(inputs)
        self.drop = nn.Dropout(dropout)
        self.conv = CausalConv(inputs, width, KERNEL, stride)
        self.shortcut = nn.Conv1d(inputs, width, 1) if inputs != width else None

    def steps(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """(N, C, T) to (N, C', T / stride), looking only back."""
        added, past = self.conv.steps(self.drop(F.relu(self.norm(x))), past)
        return self.skip(x, newest=True) + added, past

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, T) to (N, C', ceil(T / stride)), padded on both sides with zeros."""
        y = self.drop(F.relu(self.norm(x)))
        added = F.conv1d(
            _pad_same(y, self.conv.stride[0]), self.conv.weight, self.conv.bias, self.conv.stride
        )
        return self.skip(x, newest=False) + added

    def skip(self, x: Tensor, newest: bool) -> Tensor:
        """The shortcut, at the newest (served) or the oldest (published) frame of each stride."""
        stride = self.conv.stride[0]
        x = x[:, :, stride - 1 if newest else 0 :: stride]
        return x if self.shortcut is None else cast(Tensor, self.shortcut(x))


def _pad_same(x: Tensor, stride: int) -> Tensor:
    """Zero padding so that T frames become ceil(T / stride), the odd one on the right."""
    frames = x.shape[2]
    total = max((-(-frames // stride) - 1) * stride + KERNEL - frames, 0)
    return F.pad(x, (total // 2, total - total // 2))


class ResTCN(nn.Module):
    """Stem, nine residual units, pooling, one dense layer.

    `inputs` numbers a frame, `classes` logits. `causal` chooses served or published; `pool` is
    the number of newest features that the served form averages (each four frames apart).
    """

    def __init__(
        self,
        inputs: int,
        classes: int,
        causal: bool = True,
        pool: int = 8,
        dropout: float = 0.5,
        widths: tuple[int, int, int] = (64, 128, 256),
    ) -> None:
        super().__init__()
        a, b, c = widths
        self.causal, self.pool = causal, pool
        self.stem = MotionStem(inputs, a) if causal else CausalConv(inputs, a, KERNEL)
        plan = [(a, a, 1)] * 3 + [(a, b, 2)] + [(b, b, 1)] * 2 + [(b, c, 2)] + [(c, c, 1)] * 2
        self.units = nn.ModuleList(Unit(i, o, stride, dropout) for i, o, stride in plan)
        self.norm = nn.BatchNorm1d(c)
        self.head = nn.Linear(c, classes)

    @property
    def receptive_frames(self) -> int:
        """How many frames back the newest logits read."""
        frames, step = self.stem.past_frames() + 1, 1
        for unit in self.units:
            frames += (KERNEL - 1) * step
            step *= cast(Unit, unit).conv.stride[0]
        return frames + (self.pool - 1) * step if self.causal else frames

    def forward(self, x: Tensor) -> Tensor:
        """A clip, (N, T, inputs).

        Served: T a multiple of 4, logits (N, T / 4, classes), the newest last.
        Published: any T, one (N, classes).
        """
        if self.causal:
            return self.steps(x, None)[0]
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 tells 3.00 m from 3.02 m
            h = F.conv1d(_pad_same(x.mT, 1), self.stem.weight, self.stem.bias)  # (N, 64, T)
        for unit in self.units:
            h = unit(h)  # (N, 256, T / 4) at the end
        return cast(Tensor, self.head(F.relu(self.norm(h)).mean(dim=2)))

    def steps(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """New frames (N, T, inputs), T a multiple of 4, after `state` (None: held still).

        Returns logits (N, T / 4, classes) and the state to give with the frames that follow.
        Raises ValueError for another T.
        """
        if x.shape[1] % STRIDE_FRAMES:
            raise ValueError(f"{x.shape[1]} frames: give a multiple of {STRIDE_FRAMES}")
        fresh = state is None
        pasts: list[Tensor | None] = [None] * (len(self.units) + 2) if fresh else list(state or [])
        if fresh:  # four held frames first, so that at each rate the first input is held, too
            x = torch.cat([x[:, :1].expand(-1, STRIDE_FRAMES, -1), x], dim=1)
        after: State = []
        h, past = self.stem.steps(x.mT, pasts[0])  # (N, 64, T)
        after.append(past)
        for unit, old in zip(self.units, pasts[1:-1], strict=True):
            h, past = cast(Unit, unit).steps(h, old)  # (N, 256, T / 4) at the end
            after.append(past)
        pooled, past = self._pool(F.relu(self.norm(h)), pasts[-1])  # (N, 256, T / 4)
        after.append(past)
        logits = cast(Tensor, self.head(pooled.mT))  # (N, T / 4, classes)
        return logits[:, 1:] if fresh else logits, after

    def _pool(self, h: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        keep = self.pool - 1
        if past is None:
            past = h[:, :, :1].expand(-1, -1, keep)
        h = torch.cat([past, h], dim=2)
        return F.avg_pool1d(h, self.pool, stride=1), h[:, :, h.shape[2] - keep :]
