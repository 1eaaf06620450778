"""The people in a recording: each identity with its frames and its amount of motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sensor.skeleton import FloatArray, Frame
from sensor.tracking.identity import IdentityTracker


@dataclass
class Actor:
    """One identity: the frames `at` which it was seen, and its joints (25, 3) in each of them.

    `person` is True once the tracker was certain that it is a person.
    """

    at: list[int] = field(default_factory=list)
    joints_m: list[FloatArray] = field(default_factory=list)
    person: bool = False

    def motion_m2(self) -> float:
        """How much the joints move: the sum of their variances over time, times the frames."""
        joints = np.stack(self.joints_m)  # (frames, 25, 3)
        seen = (joints != 0).any(axis=2, keepdims=True)
        count = np.maximum(seen.sum(axis=0), 1)
        mean = joints.sum(axis=0) / count
        variance = (((joints - mean) ** 2) * seen).sum(axis=0) / count
        return float(variance.sum()) * len(self.at)


def actors_of(frames: Sequence[Frame]) -> list[Actor]:
    """Find the identities in the frames of a stream."""
    tracks, found = IdentityTracker(), dict[int, Actor]()
    for at, frame in enumerate(frames):
        for body in tracks.update(frame.of_seen_bodies()).bodies:
            actor = found.setdefault(body.id, Actor())
            actor.at.append(at)
            actor.joints_m.append(body.joints_m)
            actor.person |= body.id not in tracks.tentative
    return list(found.values())
