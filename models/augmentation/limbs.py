"""Exchanges limbs between people, and moves motions to another body and place.

In one data set people kick with raised fists, in another with hanging arms. A network trained on
only one of them learns the fists instead of the kick. So arms and legs that play no part in an
action ("free" limbs) are sometimes replaced by those of another person.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.acting_limbs import ACTING, LEFT_ARM, LEGS, LIMBS_OF, RIGHT_ARM, free_limbs
from models.augmentation.bodies import BONE_TREE
from models.datasets.pieces import Piece
from models.features import JOINT, JOINTS_USED, FloatArray
from models.motion import resampled

_SIDES = ("Left", "Right")
_CHAINS = {
    **{
        f"Arm{s}": [JOINT[f"{j}{s}"] for j in ("Shoulder", "Elbow", "Wrist", "Hand")]
        for s in _SIDES
    },
    **{f"Leg{s}": [JOINT[f"{j}{s}"] for j in ("Hip", "Knee", "Ankle", "Foot")] for s in _SIDES},
}
"""Joints of each limb, from shoulder or hip outwards."""
HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
FEET = [JOINT[f"{j}{s}"] for j in ("Ankle", "Foot") for s in _SIDES]
GROUP_NAMES = (LEFT_ARM, RIGHT_ARM, LEGS)
"""The groups of `models.acting_limbs` whose limbs can be exchanged."""
GROUPS = tuple(LIMBS_OF[name] for name in GROUP_NAMES)
"""The limbs of each of these groups. Both legs are one group, because they balance the body."""
_STILL_M = 0.5
"""A limb is free only if its path is shorter than this, in metres. Chosen by hand."""
_STILL_SHARE = 0.3
"""A limb is free only if its path is shorter than this share of the longest. Chosen by hand."""
_LEGS_ALONE = 1.25
"""Both arms are free if the legs' path is this many times as long as the arms'. Chosen by hand."""


def path_m(joints_m: FloatArray, limb: str) -> float:
    """The path in metres of a limb's wrist or ankle relative to the shoulder or hip."""
    chain = _CHAINS[limb]
    steps = np.diff((joints_m[:, chain[2]] - joints_m[:, chain[0]])[::3], axis=0)
    return float(np.linalg.norm(steps, axis=1).sum())


def free_groups(joints_m: FloatArray, label: str) -> list[int]:
    """Indices of the `GROUPS` without a part in an action, joints float32 (T, 18, 3) metres.

    For the labels of `models.acting_limbs`, these are the limbs that do not act. For other labels
    (own recordings), these are limbs that hardly move, and both arms if the legs move clearly
    further.
    """
    if label in ACTING:
        return [GROUP_NAMES.index(group) for group in free_limbs(label, joints_m)]
    gone_m = [max(path_m(joints_m, limb) for limb in group) for group in GROUPS]
    free = {
        n
        for n, far_m in enumerate(gone_m)
        if far_m < _STILL_M and far_m < _STILL_SHARE * max(gone_m)
    }
    if gone_m[2] > _LEGS_ALONE * max(gone_m[:2]):
        free |= {0, 1}
    return sorted(free)


def facing_turn(joints_m: FloatArray) -> FloatArray:
    """The rotation (3, 3) of row vectors from a body that faces the camera to this one's facing.

    The facing is the mean over time of a motion (T, 18, 3).
    """
    left = [JOINT["ShoulderLeft"], JOINT["HipLeft"]]
    right = [JOINT["ShoulderRight"], JOINT["HipRight"]]
    x, _, z = (joints_m[:, right] - joints_m[:, left]).mean(axis=(0, 1))
    width = max(float(np.hypot(x, z)), 1e-6)
    return np.array([[x, 0, z], [0, width, 0], [-z, 0, x]], np.float32) / np.float32(width)


def transplant_limbs(
    joints_m: FloatArray, donor_m: FloatArray, group: Sequence[str], mirrored: bool = False
) -> FloatArray:
    """The body (T, 18, 3) with the limbs of `group` moving as a donor's (D, 18, 3) do.

    The body keeps its bone lengths and facing. The donor's motion is resampled to T frames.
    `mirrored` takes the donor's limbs of the other side.
    """
    other = resampled(donor_m, len(joints_m))
    flip = np.array([-1 if mirrored else 1, 1, 1], np.float32)
    turn = facing_turn(donor_m).T @ np.diag(flip) @ facing_turn(joints_m)
    out = joints_m.copy()
    for limb in group:
        side, across = ("Left", "Right") if limb.endswith("Left") else ("Right", "Left")
        theirs = _CHAINS[limb.replace(side, across) if mirrored else limb]
        mine = _CHAINS[limb]
        for n in range(1, len(mine)):
            bone = (other[:, theirs[n]] - other[:, theirs[n - 1]]) @ turn
            own_m = np.linalg.norm(joints_m[:, mine[n]] - joints_m[:, mine[n - 1]], axis=1)
            length = np.linalg.norm(bone, axis=1, keepdims=True).mean()
            share = np.float32(own_m.mean() / max(float(length), 1e-3))
            out[:, mine[n]] = out[:, mine[n - 1]] + bone * share
    return out


def bone_lengths(pieces: Sequence[Piece]) -> FloatArray:
    """The bones of a person's pieces, see `bones_of`."""
    return bones_of([piece.joints_m for piece in pieces])


def bones_of(motions: Sequence[FloatArray]) -> FloatArray:
    """The length of the bone to each joint, float32 (18,) metres, at least 1 cm.

    It is the median over every tenth frame of all motions (T, 18, 3).
    """
    joints_m = np.concatenate([motion[::10] for motion in motions])
    hips_m = joints_m[:, HIPS].mean(axis=1)
    out = np.zeros(len(JOINTS_USED), np.float32)
    for joint, parent, _, _ in BONE_TREE:
        start = hips_m if parent < 0 else joints_m[:, parent]
        out[joint] = np.median(np.linalg.norm(joints_m[:, joint] - start, axis=1))
    return np.maximum(out, np.float32(0.01))


def scale_bones(joints_m: FloatArray, factors: FloatArray) -> FloatArray:
    """The motion (T, 18, 3) with the bone to each joint `factors` (18,) times as long."""
    hips_m = joints_m[:, HIPS].mean(axis=1)
    out = np.empty_like(joints_m)
    for joint, parent, _, _ in BONE_TREE:
        start = hips_m if parent < 0 else joints_m[:, parent]
        moved = hips_m if parent < 0 else out[:, parent]
        out[:, joint] = moved + (joints_m[:, joint] - start) * factors[joint]
    return out


def place_at(joints_m: FloatArray, pose_m: FloatArray) -> FloatArray:
    """The motion (T, 18, 3) moved to where a body (18, 3) stands.

    Its first frame has the hips above those of the body, and the feet on the same floor.
    """
    hips = pose_m[HIPS].mean(axis=0) - joints_m[0, HIPS].mean(axis=0)
    floor = pose_m[FEET, 1].min() - joints_m[0, FEET, 1].min()
    return np.asarray(joints_m + np.array([hips[0], floor, hips[2]]), np.float32)
