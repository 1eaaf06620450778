"""Arms and legs that an action does not need, exchanged between people and data sets.

Whoever kicks in one data set holds the fists up, and in another the arms hang; a network that has
seen one kind of kick takes the fists for the kick. So limbs that play no part in an action are now
and then those of somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.augmentation.bodies import TREE
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
"""Each limb from where it hangs on the body to its end."""
HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
_FEET = [JOINT[f"{j}{s}"] for j in ("Ankle", "Foot") for s in _SIDES]
GROUPS = (("ArmLeft",), ("ArmRight",), ("LegLeft", "LegRight"))
"""What is exchanged together: legs carry each other's weight."""
_STILL_M, _STILL_SHARE, _LEGS_ALONE = 0.5, 0.3, 1.25


def _path_m(joints_m: FloatArray, limb: str) -> float:
    """How far the last but one joint of a limb goes against the joint that it hangs on."""
    chain = _CHAINS[limb]
    steps = np.diff((joints_m[:, chain[2]] - joints_m[:, chain[0]])[::3], axis=0)
    return float(np.linalg.norm(steps, axis=1).sum())


def free_groups(joints_m: FloatArray, label: str) -> list[int]:
    """Which of `GROUPS` play no part in an action, joints float32 (T, 18, 3) metres.

    Limbs that hardly move, against the others and at all; both arms where the legs go further; of
    a punch the other arm, however it is held up.
    """
    gone_m = [max(_path_m(joints_m, limb) for limb in group) for group in GROUPS]
    free = {
        n
        for n, far_m in enumerate(gone_m)
        if far_m < _STILL_M and far_m < _STILL_SHARE * max(gone_m)
    }
    if gone_m[2] > _LEGS_ALONE * max(gone_m[:2]):
        free |= {0, 1}
    if label.endswith("_punch"):
        free |= {1 if label.startswith("left") else 0}
    return sorted(free)


def facing_turn(joints_m: FloatArray) -> FloatArray:
    """The turn (3, 3) of row vectors from a body that faces the camera to this one, on average."""
    left = [JOINT["ShoulderLeft"], JOINT["HipLeft"]]
    right = [JOINT["ShoulderRight"], JOINT["HipRight"]]
    x, _, z = (joints_m[:, right] - joints_m[:, left]).mean(axis=(0, 1))
    width = max(float(np.hypot(x, z)), 1e-6)
    return np.array([[x, 0, z], [0, width, 0], [-z, 0, x]], np.float32) / np.float32(width)


def with_limbs_of(
    joints_m: FloatArray, donor_m: FloatArray, group: Sequence[str], mirrored: bool = False
) -> FloatArray:
    """The body (T, 18, 3) with limbs of another (D, 18, 3), at the own length of each bone.

    The donor's pace is brought to T frames; `mirrored` takes the limbs of its other side.
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


@dataclass(frozen=True)
class Donors:
    """For each of `GROUPS`, motions in which those limbs play no part."""

    motions: tuple[tuple[FloatArray, ...], ...]

    @classmethod
    def of(cls, pieces: Iterable[Piece], labels: Sequence[str]) -> Donors:
        """From whole actions."""
        found: list[list[FloatArray]] = [[] for _ in GROUPS]
        for piece in pieces:
            for n in free_groups(piece.joints_m, labels[piece.labels[0]]):
                found[n].append(piece.joints_m)
        return cls(tuple(map(tuple, found)))

    def exchanged(
        self, rng: np.random.Generator, joints_m: FloatArray, free: Sequence[int]
    ) -> FloatArray:
        """The action (T, 18, 3) with limbs of others for its `free` groups."""
        for n in free:
            mirrored = len(GROUPS[n]) == 1 and bool(rng.random() < 0.5)
            motions = self.motions[1 - n if mirrored else n]
            if motions:
                donor = motions[rng.integers(len(motions))]
                start = rng.integers(max(len(donor) - len(joints_m), 0) + 1)
                donor = donor[start : start + len(joints_m)]  # never faster than it was
                joints_m = with_limbs_of(joints_m, donor, GROUPS[n], mirrored)
        return joints_m


def bone_lengths(pieces: Sequence[Piece]) -> FloatArray:
    """The length of each joint's bone, the median over time and pieces, float32 (18,) metres."""
    joints_m = np.concatenate([piece.joints_m[::10] for piece in pieces])
    hips_m = joints_m[:, HIPS].mean(axis=1)
    out = np.zeros(len(JOINTS_USED), np.float32)
    for joint, parent, _, _ in TREE:
        start = hips_m if parent < 0 else joints_m[:, parent]
        out[joint] = np.median(np.linalg.norm(joints_m[:, joint] - start, axis=1))
    return np.maximum(out, np.float32(0.01))


def rebodied(joints_m: FloatArray, share: FloatArray) -> FloatArray:
    """The motion (T, 18, 3) with each bone `share` (18,) times as long."""
    hips_m = joints_m[:, HIPS].mean(axis=1)
    out = np.empty_like(joints_m)
    for joint, parent, _, _ in TREE:
        start = hips_m if parent < 0 else joints_m[:, parent]
        moved = hips_m if parent < 0 else out[:, parent]
        out[:, joint] = moved + (joints_m[:, joint] - start) * share[joint]
    return out


def placed(joints_m: FloatArray, pose_m: FloatArray) -> FloatArray:
    """The motion (T, 18, 3) moved to where a body (18, 3) stands: hips over hips, on its floor."""
    hips = pose_m[HIPS].mean(axis=0) - joints_m[0, HIPS].mean(axis=0)
    floor = pose_m[_FEET, 1].min() - joints_m[0, _FEET, 1].min()
    return np.asarray(joints_m + np.array([hips[0], floor, hips[2]]), np.float32)
