"""Finds joints that cannot be right in a frame on its own, by the lengths of their bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.skeleton import FloatArray, Layout
from sensor.tracking.rows import length2

BoolArray = NDArray[np.bool_]

LONGEST_M = np.float32(0.8)
"""No bone is longer. The thigh of a tall person measures up to 0.7 m on a poor sensor."""
_TWICE, _SLACK_M = np.float32(2), np.float32(0.25)
"""A bone may be twice as long as that of the other side, plus 0.25 m."""
_LINKS = (("SpineShoulder", "Head"), ("HipLeft", "HipRight"))
"""Joints that are judged like the ends of a bone, as not every source has those between them."""


@dataclass(frozen=True, eq=False)
class BoneCheck:
    """The bones of a layout: both ends, the same bone of the other side, and bones of each joint.

    `parents`, `children` and `twins` are (B,); a bone without another side is its own twin.
    `touches` float32 (B, J) is 1 where a joint is an end of a bone.
    """

    parents: NDArray[np.intp]
    children: NDArray[np.intp]
    twins: NDArray[np.intp]
    touches: FloatArray

    @classmethod
    def of(cls, layout: Layout) -> BoneCheck:
        """Return the check for a layout."""
        index = layout.index
        links = [(index[a], index[b]) for a, b in _LINKS if a in index and b in index]
        bones = [*layout.bones, *(link for link in links if link not in layout.bones)]
        ends = np.array(bones, np.intp)
        mirrored = [index[_other_side(name)] for name in layout.joints]
        pairs = [(mirrored[a], mirrored[b]) for a, b in bones]
        twins = [bones.index(pair if pair in bones else bones[i]) for i, pair in enumerate(pairs)]
        touches = np.zeros((len(ends), len(layout.joints)), np.float32)
        touches[np.arange(len(ends))[:, None], ends] = 1
        return cls(ends[:, 0], ends[:, 1], np.array(twins, np.intp), touches)

    def misplaced(self, joints_m: FloatArray, ok: BoolArray) -> BoolArray:
        """Return, bool (N, J), which joints (N, J, 3) make bones impossibly long.

        Only joints that are `ok` (N, J) are looked at. Of the two ends of a long bone, the one with
        more long bones, and a larger share of them, is wrong; if both have the same, the child is.
        If most bones are long, the unit is wrong and not the joints.
        """
        bones_m = joints_m[:, self.children] - joints_m[:, self.parents]
        length_m = np.sqrt(length2(bones_m))
        measured = ok[:, self.parents] & ok[:, self.children]
        compared = measured[:, self.twins] & (self.twins != np.arange(len(self.twins)))
        twice_m = np.where(compared, _TWICE * length_m[:, self.twins] + _SLACK_M, LONGEST_M)
        long = measured & (length_m > np.minimum(twice_m, LONGEST_M))
        long &= (2 * long.sum(axis=1) <= measured.sum(axis=1))[:, None]
        found = np.zeros(ok.shape, bool)
        if long.any():
            count = long.astype(np.float32) @ self.touches
            blame = count * count / np.maximum(measured.astype(np.float32) @ self.touches, 1)
            parent = blame[:, self.parents] > blame[:, self.children]
            row, bone = np.nonzero(long)
            found[row, np.where(parent, self.parents, self.children)[row, bone]] = True
        return found


def _other_side(name: str) -> str:
    for here, there in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(here):
            return name.removesuffix(here) + there
    return name
