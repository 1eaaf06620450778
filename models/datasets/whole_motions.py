"""Reads clip sets as motions of whole bodies: no gaps, 30 Hz, the joints that the network reads.

Unlike `models.datasets.pieces`, classes need not be in any vocabulary, and lost joints are filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.features import CANONICAL_PICKS, JOINT, BoolArray, FloatArray
from models.labels import plain_label
from models.motion import at_times
from sensor.formats import clip_set
from sensor.skeleton import KINECT_V2, convert_joints

RATE_HZ = 30.0
_HAND_SHARE = np.float32(0.32)
"""Length of a hand (wrist to its middle) as a share of the forearm, for sets without hands."""


@dataclass(frozen=True, eq=False)
class WholeMotion:
    """A clip: joints float32 (T, 18, 3) metres at 30 Hz, its plain class name, person and view."""

    joints_m: FloatArray
    name: str
    person: int
    view: int


def load_motions(path: Path, rate_hz: float = RATE_HZ) -> list[WholeMotion]:
    """Read all clips of an `.npz` clip set that was recorded at `rate_hz`.

    Lost joints are interpolated, hands that were never seen continue the forearm. A clip without
    two frames, or without any other joint, is left out. Raises RecordingError.
    """
    data = clip_set.load(path)
    joints, confidence = convert_joints(
        data.xyz_m, data.seen.astype(np.float32), data.layout, KINECT_V2
    )
    joints, seen = joints[:, CANONICAL_PICKS], confidence[:, CANONICAL_PICKS] > 0
    found = []
    for n, (first, end) in enumerate(zip(data.start[:-1], data.start[1:], strict=True)):
        times_s = np.arange(end - first) / rate_hz
        if data.t_s is not None:
            times_s = data.t_s[first:end] - data.t_s[first]
        body = _without_gaps(joints[first:end], seen[first:end])
        if body is not None and len(body) > 1 and times_s[-1] > 0:
            even_s = np.arange(0, times_s[-1] + 1e-6, 1 / RATE_HZ)
            frames = np.interp(even_s, times_s, np.arange(len(body)))
            name = plain_label(data.names[data.label[n]]) if data.label[n] >= 0 else ""
            person, view = int(data.subject[n]), int(data.view[n])
            found.append(WholeMotion(at_times(body, frames), name, person, view))
    return found


def _without_gaps(joints_m: FloatArray, seen: BoolArray) -> FloatArray | None:
    """Joints (T, 18, 3) interpolated where they are not `seen` (T, 18); None if one never is."""
    out, frames = joints_m.copy(), np.arange(len(joints_m))
    for joint in np.flatnonzero(~seen.all(axis=0)):
        at = np.flatnonzero(seen[:, joint])
        for axis in range(3):
            if len(at):
                out[:, joint, axis] = np.interp(frames, at, joints_m[at, joint, axis])
    for side in ("Left", "Right"):
        wrist, elbow = out[:, JOINT[f"Wrist{side}"]], out[:, JOINT[f"Elbow{side}"]]
        hand = JOINT[f"Hand{side}"]
        if not seen[:, hand].any():
            out[:, hand] = wrist + _HAND_SHARE * (wrist - elbow)
            seen = seen.copy()
            seen[:, hand] = True
    return out if seen.any(axis=0).all() else None
