"""`ReadingsNet`: the exact split of a score, read at the inputs, at first-layer units and by depth.

All three readings of a window have the same sum: its score minus the score of a held pose.
`docs/explanations.md` says why, and what they mean.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.network.depth import depth_parts
from models.network.multipliers import (
    first_multipliers,
    head_multipliers,
    input_multipliers,
    run_pair,
)
from models.network.parts import Way
from models.network.relevance import in_bins, newest
from models.network.res_tcn import ResTCN
from models.network.whole_body import AXES, WholeBody

INPUTS = ("window", "label", "against", "pose", "cuts")
OUTPUTS = ("logits", "held_logits", "inputs", "whole_body", "units", "depth")


class ReadingsNet(nn.Module):
    """The readings of windows of a served network, in eval mode.

    The score of a window is the logit of `label`, minus the logit of `against` unless that is -1.
    The reference is the same of `pose` held still. `cuts` are the ends of the parts of the way
    from the pose to the window, in (0, 1] and increasing, the last one 1. The score is split along
    each part, so one part is the rescale rule, and many parts come close to integrated gradients.
    """

    def __init__(self, network: ResTCN, window_frames: int, whole_body: WholeBody) -> None:
        super().__init__()
        if not network.causal or window_frames < network.receptive_frames:
            raise ValueError("needs a causal network and a window of its receptive field")
        self.network, self.whole_body = network.eval(), whole_body
        self.window_frames = window_frames

    def forward(
        self, window: Tensor, label: Tensor, against: Tensor, pose: Tensor, cuts: Tensor
    ) -> tuple[Tensor, ...]:
        """Read windows (N, T, J, K) in S parts.

        `label` and `against` int64 (N,), `pose` (N, J, K), `cuts` (S,). Returns `OUTPUTS`: logits
        and those of the held pose, (N, C); inputs (N, J, K, T / 4), and their whole-body part
        whole_body (N, J, 3, T / 4) by axis; units (N, U, T / 4); and depth (N, 1 + L), the stem's
        and each residual unit's.
        """
        net = self.network
        x, held = newest(window.flatten(2), net.receptive_frames), pose.flatten(1)[:, :, None]
        way = Way(cuts, window.shape[0])
        passed = run_pair(net, way.points(x, held), held)
        relus = [way.ends(pair) for pair in passed.relus]
        row = way.repeated(self._row(label, against))
        top = head_multipliers(net, relus[-1], row)  # (S N, C, pool)
        first = way.mean(first_multipliers(net, relus[:-1], top))  # (N, U, F)
        units = first * (way.last(passed.first[0]) - passed.first[1])
        back = torch.unflatten(input_multipliers(net, first), 1, window.shape[2:])
        return (
            way.last(passed.logits),
            passed.held_logits,
            *self._of_inputs(back, x, held),
            in_bins(units, self.window_frames),
            way.total(depth_parts(net, passed, way, top)),
        )

    def _row(self, label: Tensor, against: Tensor) -> Tensor:
        """The weights (N, C) of the score: of one logit, or of the difference of two."""
        rows = F.pad(self.network.head.weight, (0, 0, 0, 1))  # row -1 is zero
        return rows[label] - rows[against]

    def _of_inputs(self, back: Tensor, x: Tensor, held: Tensor) -> tuple[Tensor, Tensor]:
        """The readings `inputs` and `whole_body`, from multipliers (N, J, K, F).

        `x` (N, J K, F) and `held` (N, J K, 1) are the input and its reference.
        """
        joints, channels = back.shape[1:3]
        both = torch.unflatten(torch.cat([x, held], dim=2), 1, (joints, channels))
        whole = torch.zeros(())
        for group, body in zip(self.whole_body.moving, self.whole_body(both), strict=True):
            whole = whole + back[:, :, group] * (body[..., :-1] - body[..., -1:])
        inputs = in_bins(back.flatten(1, 2) * (x - held), self.window_frames)
        bins = in_bins(whole.flatten(1, 2), self.window_frames)
        return (
            torch.unflatten(inputs, 1, (joints, channels)),
            torch.unflatten(bins, 1, (joints, AXES)),
        )
