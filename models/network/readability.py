"""How readable the filters of the first layer are: how many joints carry each of them.

Each input of the first layer is a coordinate of a joint. So a filter that only a few joints carry
can be read as a motion of these joints (Kim and Reiter 2017, section 4).
"""

from __future__ import annotations

import torch
from torch import Tensor

from models import unit_groups
from models.network.res_tcn import CausalConv, MotionStem

CARRIED = 0.8
"""The share of a filter's squared norm that its joints have to carry."""


def joint_shares(stem: CausalConv, joints: int) -> Tensor:
    """The share of each joint in the squared norm of each filter, (filters, joints).

    `stem` is the first layer; its inputs are the channels of joint 0, of joint 1, and so on. Rows
    add up to 1; a filter of zeros has zeros.
    """
    kernel = stem.kernel() if isinstance(stem, MotionStem) else stem.weight
    by_joint = kernel.detach().cpu().reshape(len(kernel), joints, -1, kernel.shape[2])
    return torch.from_numpy(unit_groups.joint_shares(by_joint.numpy()))


def carrying_joints(stem: CausalConv, joints: int, share: float = CARRIED) -> Tensor:
    """The least number of joints that carry `share` of each filter's squared norm, (filters,)."""
    carried = joint_shares(stem, joints).sort(dim=1, descending=True).values.cumsum(dim=1)
    return ((carried < share).sum(dim=1) + 1).clamp_max(joints)


@torch.no_grad()
def shrink_joints(stem: MotionStem, joints: int, by: float) -> None:
    """Shrink the norm of each joint's weights in each filter by `by`, down to 0, in place.

    This is the proximal step of a group lasso (Yuan and Lin 2006, section 2) over joints. It ends
    with filters to which many joints contribute nothing. Weights for positions and for movement
    count together.
    """
    parts = [p.view(len(p), joints, -1) for p in (stem.weight, stem.motion)]
    norm = torch.sqrt(sum((part.square().sum(dim=2) for part in parts), torch.zeros(())))
    factor = (1 - by / norm.clamp_min(1e-12)).clamp_min(0)[..., None]
    for part in parts:
        part.mul_(factor)
