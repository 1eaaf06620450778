"""The actors of a recording: bodies ranked by motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sensor.skeleton import FloatArray, Frame
from sensor.tracking.identity import Tracks


@dataclass
class Actor:
    """One identity of a sample: in which frames it was, and where its joints were."""

    at: list[int] = field(default_factory=list)
    joints_m: list[FloatArray] = field(default_factory=list)
    person: bool = False

    def motion_m2(self) -> float:
        """How much the joints move: their variance in time, times the frames that show it."""
        joints = np.stack(self.joints_m)  # (frames, 25, 3)
        seen = (joints != 0).any(axis=2, keepdims=True)
        count = np.maximum(seen.sum(axis=0), 1)
        mean = joints.sum(axis=0) / count
        variance = (((joints - mean) ** 2) * seen).sum(axis=0) / count
        return float(variance.sum()) * len(self.at)


def actors_of(frames: Sequence[Frame]) -> list[Actor]:
    """The identities in a stream of frames."""
    tracks, found = Tracks(), dict[int, Actor]()
    for at, frame in enumerate(frames):
        for body in tracks.update(frame).bodies:
            actor = found.setdefault(body.id, Actor())
            actor.at.append(at)
            actor.joints_m.append(body.joints_m)
            actor.person |= body.id not in tracks.tentative
    return list(found.values())
