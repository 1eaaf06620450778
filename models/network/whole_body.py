"""The share of the input that comes from the motion of the whole body: of the hips in the room.

Joints are placed relative to an origin that follows the hips slowly. A step moves the hips away
from it, and every joint with them. So a channel that holds the position of a joint (or its speed,
or another linear function of it) is the same channel of the middle of the hips plus a remainder,
the joint relative to the hips. `WholeBody` computes the former from the window alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from models.features import CHANNELS, JOINTS_USED, FloatArray

AXES = 3
_HIPS = {"HipLeft", "HipRight", "LeftHip", "RightHip"}
_FEWEST_SEEN = 1e-3
"""Below the smallest share of frames in which a joint can be seen in a window."""


def hip_means(joints: Sequence[str], actors: int = 1) -> FloatArray:
    """The matrix (J, J) that replaces each joint by the mean of the two hips of its actor.

    The joints of one actor follow those of the other; an actor's name stands before `_`. Raises
    ValueError if an actor has no hips.
    """
    means = np.zeros((len(joints), len(joints)), np.float32)
    of_actor = len(joints) // actors
    for start in range(0, len(joints), of_actor):
        block = range(start, start + of_actor)
        hips = [i for i in block if joints[i].rpartition("_")[2] in _HIPS]
        if len(hips) != 2:
            raise ValueError(f"the joints {', '.join(joints)} have no left and right hip")
        means[start : start + of_actor, hips] = 1 / len(hips)
    return means


class WholeBody(nn.Module):
    """The whole-body part of the channels of an input.

    `means` is the matrix of `hip_means`. `moving` are the channels x, y, z of each quantity that
    moves with the body, (G, 3). `seen` is the channel that is 1 for a joint that was seen, or None.
    The offsets of `models.features.TEMPLATE` do not matter: those of the two hips add up to zero.
    """

    means: Tensor

    def __init__(
        self, means: FloatArray, moving: Sequence[Sequence[int]], seen: int | None
    ) -> None:
        super().__init__()
        self.register_buffer("means", torch.from_numpy(means))
        self.moving, self.seen = [list(group) for group in moving], seen

    @classmethod
    def of_features(cls) -> WholeBody:
        """The one for the input of `models.features`."""
        return cls(hip_means(JOINTS_USED), [range(AXES)], CHANNELS - 1)

    def forward(self, x: Tensor) -> list[Tensor]:
        """The part of each moving quantity, (N, J, 3, F) each, of inputs (N, J, K, F).

        It is the mean over the seen hips, and zero for a joint that is not seen.
        """
        if self.seen is None:
            return [self._at_hips(x[:, :, group]) for group in self.moving]
        seen = x[:, :, self.seen : self.seen + 1]  # (N, J, 1, F)
        share = seen / self._at_hips(seen).clamp_min(_FEWEST_SEEN)
        return [share * self._at_hips(x[:, :, group]) for group in self.moving]

    def _at_hips(self, x: Tensor) -> Tensor:
        """Replace each joint of (N, J, D, F) by the mean of its hips."""
        return (self.means.to(x.dtype) @ x.flatten(2)).reshape(x.shape)
