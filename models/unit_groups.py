"""Names a first-layer unit by the joints that carry its weights: "left ankle + left hip"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features import FloatArray
from models.wording import joint_text

CARRIED = 0.5
"""The share of a filter's squared norm that the joints of its group carry at least: most of it."""
MOST_NAMED = 4
"""The most joints of a group that its name lists."""
BETWEEN_FROM = 0.2
"""A filter compares two people if each of them carries at least this share. Chosen by hand."""


@dataclass(frozen=True)
class JointGroup:
    """The fewest joints that carry at least `CARRIED` of a filter's squared norm.

    `joints` are their names, strongest first, and `shares` their shares of the squared norm. A
    filter of zeros has no joints.
    """

    joints: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def name(self) -> str:
        """The joints in plain words: "left ankle + left hip"."""
        return group_name([joint_name(joint) for joint in self.joints])

    @property
    def share(self) -> float:
        """The share that the group carries together."""
        return sum(self.shares)


def joint_shares(kernel: FloatArray) -> NDArray[np.float64]:
    """The share (U, J) of each joint in the squared norm of each filter.

    `kernel` float32 (U, J, K, taps) are the weights of the first layer. Rows add up to 1; the row
    of a filter of zeros is zero.
    """
    squared = np.square(kernel, dtype=np.float64).sum(axis=(2, 3))
    return np.asarray(squared / np.maximum(squared.sum(axis=1, keepdims=True), 1e-30))


def joint_groups(kernel: FloatArray, joints: Sequence[str]) -> list[JointGroup]:
    """The joint group of each filter of a first layer (U, J, K, taps), with J names of joints."""
    return [group_of(row, joints) for row in joint_shares(kernel)]


def group_of(shares: NDArray[np.float64], joints: Sequence[str]) -> JointGroup:
    """The joint group of one filter, from the shares (J,) and the names of its joints.

    Joints with equal shares keep the order of the model.
    """
    order = np.argsort(-shares, kind="stable")
    count = min(int((np.cumsum(shares[order]) < CARRIED).sum()) + 1, len(order))
    chosen = [joint for joint in order[:count] if shares[joint] > 0]
    return JointGroup(
        tuple(joints[joint] for joint in chosen), tuple(float(shares[joint]) for joint in chosen)
    )


def group_name(names: Sequence[str]) -> str:
    """Join the names of joints: "left hand + left wrist". More than `MOST_NAMED` are counted."""
    if not names:
        return "no joints"
    rest = len(names) - MOST_NAMED
    return " + ".join(names[:MOST_NAMED]) + (f" + {rest} more" if rest > 0 else "")


def joint_name(joint: str) -> str:
    """A joint in plain words, with its actor in models of two: `A_LeftHand` is "A's left hand"."""
    actor, _, name = joint.rpartition("_")
    return f"{actor}'s {joint_text(name)}" if actor else joint_text(name)


def actor_shares(shares: NDArray[np.float64], actors: int) -> NDArray[np.float64]:
    """The share (U, actors) of each actor, from those of joints (U, J).

    The joints of one actor follow those of the other.
    """
    return np.asarray(shares.reshape(len(shares), actors, -1).sum(axis=2))


def compares_people(of_actors: NDArray[np.float64]) -> bool:
    """Whether a filter reads several actors, from the share (actors,) of each."""
    return len(of_actors) > 1 and bool((of_actors >= BETWEEN_FROM).all())
