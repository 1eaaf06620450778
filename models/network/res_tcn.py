"""The Res-TCN (Kim and Reiter 2017, section 3) in torch, in its published and its served form.

The published form pads both sides with zeros and pools over the whole clip. The served form is
causal: it reads only past frames, and it answers every four frames. Before the first frame it
behaves as if the first pose had been held still for ever. A clip, a window and a step are the
same function with carried state, so they give the same numbers.
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
"""The newest past inputs of each convolution and of the pooling, each (N, channels, frames)."""


class CausalConv(nn.Conv1d):
    """A convolution whose last tap reads the newest frame. Before it, the first frame repeats."""

    def past_frames(self) -> int:
        """The number of frames that it reads before the new ones."""
        return self.kernel_size[0] - self.stride[0]

    def steps(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """Convolve new frames.

        Takes x (N, C, T) and its past (N, C, past_frames). Returns (N, C', T / stride) and the
        past of the next call.
        """
        x, past = self.joined(x, past)  # (N, C, past_frames + T)
        return F.conv1d(x, self.weight, self.bias, self.stride), past

    def joined(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """Join past and new frames (past None: hold the first new frame).

        Returns them together, (N, C, past_frames + T), and the past of the next call.
        """
        keep = self.past_frames()
        if past is None:
            past = x[:, :, :1].expand(-1, -1, keep)
        x = torch.cat([past, x], dim=2)
        return x, x[:, :, x.shape[2] - keep :]


class MotionStem(CausalConv):
    """The first layer of the served form: weights for positions and for their change in `LAG`
    frames.

    Both are linear in the input, so together they are one convolution over `KERNEL + LAG` frames
    (`kernel`), and that convolution runs. With separate weights, a small, slow motion is as easy
    to learn as a pose.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(inputs, width, KERNEL)
        self.motion = nn.Parameter(torch.empty_like(self.weight))  # (width, inputs, KERNEL)
        nn.init.kaiming_uniform_(self.motion, a=5**0.5)

    def past_frames(self) -> int:
        """The number of frames that it reads before the new ones."""
        return KERNEL - 1 + LAG

    def kernel(self) -> Tensor:
        """The weights of the one convolution, (width, inputs, KERNEL + LAG)."""
        newer, older = F.pad(self.weight + MOTION_GAIN * self.motion, (LAG, 0)), self.motion
        return newer - MOTION_GAIN * F.pad(older, (0, LAG))

    def steps(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """Convolve new frames (N, C, T) after their past: (N, C', T) and the next past."""
        x, past = self.joined(x, past)  # (N, C, KERNEL - 1 + LAG + T)
        return F.conv1d(x, self.kernel(), self.bias), past


class Unit(nn.Module):
    """A residual unit: X_l = X_{l-1} + Conv(Dropout(ReLU(BatchNorm(X_{l-1})))).

    Where the width changes, the shortcut is a kernel-1 convolution of X_{l-1} (section 3).
    """

    def __init__(self, inputs: int, width: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(inputs)
        self.drop = nn.Dropout(dropout)
        self.conv = CausalConv(inputs, width, KERNEL, stride)
        self.shortcut = nn.Conv1d(inputs, width, 1) if inputs != width else None

    def forward(self, x: Tensor) -> Tensor:
        """The published form: (N, C, T) to (N, C', ceil(T / stride)), zero-padded on both sides."""
        y = self.drop(F.relu(self.norm(x)))  # (N, C, T)
        stride = self.conv.stride[0]
        added = F.conv1d(_pad_same(y, stride), self.conv.weight, self.conv.bias, stride)
        return self.skip(x, newest=False) + added  # (N, C', ceil(T / stride))

    def steps(self, x: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """The served form: (N, C, T) and its past to (N, C', T / stride) and the next past."""
        added, past = self.conv.steps(self.drop(F.relu(self.norm(x))), past)
        return self.skip(x, newest=True) + added, past

    def skip(self, x: Tensor, newest: bool) -> Tensor:
        """The shortcut (N, C', T / stride) of x (N, C, T).

        It reads the newest frame of each stride (served) or the oldest (published).
        """
        stride = self.conv.stride[0]
        x = x[:, :, stride - 1 if newest else 0 :: stride]
        return x if self.shortcut is None else cast(Tensor, self.shortcut(x))


def _pad_same(x: Tensor, stride: int) -> Tensor:
    """Pad T frames with zeros for ceil(T / stride) outputs; an odd zero goes to the end."""
    frames = x.shape[2]
    total = max((-(-frames // stride) - 1) * stride + KERNEL - frames, 0)
    return F.pad(x, (total // 2, total - total // 2))


class ResTCN(nn.Module):
    """The network: a stem, nine residual units, average pooling and one dense layer.

    `inputs` is the number of values of a frame, `classes` the number of logits. `causal` selects
    the served form, otherwise the published one. `pool` is the number of newest features that
    the served form averages; features are four frames apart.
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
        """The number of frames that the newest logits depend on."""
        frames, step = self.stem.past_frames() + 1, 1
        for unit in self.units:
            frames += (KERNEL - 1) * step
            step *= cast(Unit, unit).conv.stride[0]
        return frames + (self.pool - 1) * step if self.causal else frames

    def forward(self, x: Tensor) -> Tensor:
        """Classify a clip, (N, T, inputs).

        Served: T is a multiple of 4; returns logits (N, T / 4, classes), the newest last.
        Published: any T; returns one answer, (N, classes).
        """
        if self.causal:
            return self.steps(x, None)[0]
        with torch.autocast(x.device.type, enabled=False):  # bfloat16 resolves 16 mm at 3 m
            h = F.conv1d(_pad_same(x.mT, 1), self.stem.weight, self.stem.bias)  # (N, 64, T)
        for unit in self.units:
            h = unit(h)  # ends at (N, 256, T / 4)
        pooled = F.relu(self.norm(h)).mean(dim=2)  # (N, 256)
        return cast(Tensor, self.head(pooled))  # (N, classes)

    def steps(self, x: Tensor, state: State | None) -> tuple[Tensor, State]:
        """Classify new frames (N, T, inputs), T a multiple of 4, that follow `state`.

        Without a state, the first frame counts as held still before it. Returns logits (N, T / 4,
        classes) and the state for the next frames. Raises ValueError for another T.
        """
        if x.shape[1] % STRIDE_FRAMES:
            raise ValueError(f"{x.shape[1]} frames: give a multiple of {STRIDE_FRAMES}")
        fresh = state is None
        pasts: list[Tensor | None] = [None] * (len(self.units) + 2) if fresh else list(state or [])
        if fresh:  # Four held frames come first, so that every layer begins with a held input.
            x = torch.cat([x[:, :1].expand(-1, STRIDE_FRAMES, -1), x], dim=1)
        after: State = []
        h, past = self.stem.steps(x.mT, pasts[0])  # (N, 64, T)
        after.append(past)
        for unit, old in zip(self.units, pasts[1:-1], strict=True):
            h, past = cast(Unit, unit).steps(h, old)  # ends at (N, 256, T / 4)
            after.append(past)
        pooled, past = self._pool(F.relu(self.norm(h)), pasts[-1])  # (N, 256, T / 4)
        after.append(past)
        logits = cast(Tensor, self.head(pooled.mT))  # (N, T / 4, classes)
        return logits[:, 1:] if fresh else logits, after

    def _pool(self, h: Tensor, past: Tensor | None) -> tuple[Tensor, Tensor]:
        """Average each feature of h (N, C, T / 4) with the `pool - 1` before it."""
        keep = self.pool - 1
        if past is None:
            past = h[:, :, :1].expand(-1, -1, keep)
        h = torch.cat([past, h], dim=2)  # (N, C, pool - 1 + T / 4)
        return F.avg_pool1d(h, self.pool, stride=1), h[:, :, h.shape[2] - keep :]
