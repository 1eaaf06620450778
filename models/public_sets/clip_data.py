"""Reads the small published sets: clips at one frame rate, without gaps.

The sets are NW-UCLA (three views), MSR-Action3D (all 20 classes, and the subsets AS1 to AS3 of
Li, Zhang and Liu 2010), SBU Kinect Interaction (two actors in one input, five folds), and
UTD-MHAD, which only adds training data. The files have no times, so each set has the rate that
its authors name. NW-UCLA was recorded at an uneven rate; its rate here makes people walk at a
natural pace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.features import BoolArray, FloatArray
from models.labels import plain_label
from models.motion import at_times
from sensor.errors import RecordingError
from sensor.formats import clip_set
from sensor.formats.recording import LOCAL_LIMITS
from sensor.skeleton import placed

NW_UCLA, MSR, SBU, UTD = "nw_ucla", "msr_action3d", "sbu", "utd_mhad"

NATIVE_HZ = {NW_UCLA: 15.0, MSR: 15.0, SBU: 15.0, UTD: 30.0}
"""The frame rate of each file."""

CREDITS = {
    NW_UCLA: (
        "NW-UCLA",
        "J. Wang, X. Nie, Y. Xia, Y. Wu, S.-C. Zhu, Cross-view Action Modeling, Learning and "
        "Recognition, CVPR 2014",
    ),
    MSR: (
        "MSR-Action3D",
        "W. Li, Z. Zhang, Z. Liu, Action Recognition Based on a Bag of 3D Points, CVPRW 2010",
    ),
    SBU: (
        "SBU Kinect Interaction",
        "K. Yun, J. Honorio, D. Chattopadhyay, T. Berg, D. Samaras, Two-person Interaction "
        "Detection Using Body-Pose Features and Multiple Instance Learning, CVPRW 2012",
    ),
    UTD: (
        "UTD-MHAD",
        "C. Chen, R. Jafari, N. Kehtarnavaz, UTD-MHAD: A Multimodal Dataset for Human Action "
        "Recognition Utilizing a Depth Camera and a Wearable Inertial Sensor, ICIP 2015",
    ),
}
"""The title and the citation of each set."""

MSR_SUBSETS = {
    "as1": (2, 3, 5, 6, 10, 13, 18, 20),
    "as2": (1, 4, 7, 8, 9, 11, 14, 12),
    "as3": (6, 14, 15, 16, 17, 18, 19, 20),
}
"""The actions of each subset, counted from 1 as in file names (Li et al. 2010, table 1)."""

SBU_FOLDS = (
    (1, 9, 15, 19),
    (5, 7, 10, 16),
    (2, 3, 20, 21),
    (4, 6, 8, 11),
    (12, 13, 14, 17, 18),
)
"""The pairs of each fold, counted from 1 in the order of the file's `pairs`."""

EQUIVALENT_LABELS = {
    MSR: {
        "wave": "high_arm_wave",
        "clap": "hand_clap",
        "jog": "jogging",
        "throw": "high_throw",
        "catch": "hand_catch",
        "draw_circle_cw": "draw_circle",
    },
}
"""For each set: labels of other sets, and its own labels for the same motions."""

EXCHANGED_LABELS = {
    NW_UCLA: {(4, 2): ("sit_down", "stand_up"), (5, 2): ("donning", "doffing")},
}
"""For each set: two labels that are exchanged in the file for a person in a view.

In view 2 of NW-UCLA, the head of person 4 rises in each clip labelled as sitting down. The same
performances have the right labels in view 1. View 3, the test view, is as published.
"""


@dataclass(frozen=True, eq=False)
class ActionClip:
    """One action from beginning to end: float32 (T, J, 3), metres, at the rate of its set.

    T is 0 if nobody was seen. `person` and `view` are those of the file; for SBU, `person` is the
    index of the pair.
    """

    joints_m: FloatArray
    label: int
    person: int
    view: int


ClipFilter = Callable[[ActionClip], bool]
"""Selects clips."""


@dataclass(frozen=True, eq=False)
class ActionSet:
    """The clips of a data set at `rate_hz`, and the names of its joints and labels."""

    name: str
    path: Path
    joints: tuple[str, ...]
    labels: tuple[str, ...]
    clips: tuple[ActionClip, ...]
    rate_hz: float

    def select(self, wanted: ClipFilter) -> list[ActionClip]:
        """The clips for which `wanted` is true, in the order of the file."""
        return [clip for clip in self.clips if wanted(clip)]


def load_action_set(data_dir: Path, name: str, rate_hz: float) -> ActionSet:
    """Read `name.npz` of a folder and resample its clips to `rate_hz`. Raises RecordingError."""
    path = data_dir / f"{name}.npz"
    data = _read_pairs(path) if name == SBU else _read_people(path)
    labels = tuple(plain_label(label) for label in data.labels)
    clips = []
    for i, (a, b) in enumerate(zip(data.start[:-1], data.start[1:], strict=True)):
        joints = at_rate(filled(data.joints_m[a:b], data.seen[a:b]), NATIVE_HZ[name], rate_hz)
        person, view = int(data.person[i]), int(data.view[i])
        exchanged = EXCHANGED_LABELS.get(name, {}).get((person, view), ())
        label = _corrected(labels, int(data.label[i]), exchanged)
        clips.append(ActionClip(joints, label, person, view))
    return ActionSet(name, path, data.joints, labels, tuple(clips), rate_hz)


def _corrected(labels: Sequence[str], label: int, exchanged: Sequence[str]) -> int:
    """The label, or the other one if it is one of two exchanged labels."""
    if labels[label] not in exchanged:
        return label
    return labels.index(exchanged[1 - exchanged.index(labels[label])])


@dataclass(frozen=True, eq=False)
class _Raw:
    """The arrays of a file: all frames, and the first frame, label, person and view of clips."""

    joints_m: FloatArray
    seen: BoolArray
    start: Sequence[int]
    label: Sequence[int]
    person: Sequence[int]
    view: Sequence[int]
    labels: Sequence[str]
    joints: tuple[str, ...]


def _read_people(path: Path) -> _Raw:
    data = clip_set.load(path)
    return _Raw(
        data.xyz_m, data.seen, data.start.tolist(), data.label.tolist(), data.subject.tolist(),
        data.view.tolist(), data.names, data.layout.joints,
    )  # fmt: skip


def _read_pairs(path: Path) -> _Raw:
    """Read SBU's file: frames of two bodies of 15 joints, `A_Head` to `B_RightFoot`."""
    try:
        arrays = clip_set.unpack(path.stem, path.read_bytes(), LOCAL_LIMITS)
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from None
    missing = {"xyz", "start", "label", "subject", "names", "joints"} - set(arrays)
    if missing:
        raise RecordingError(f"{path.stem}: the clip set has no array {min(missing)!r}")
    xyz, start = arrays["xyz"].astype(np.float32), arrays["start"]
    joints = tuple(str(name) for name in arrays["joints"])
    counts = (len(arrays["label"]), len(arrays["subject"]))
    if xyz.shape[1:] != (len(joints), 3) or counts != (len(start) - 1,) * 2:
        raise RecordingError(
            f"{path.stem}: xyz {xyz.shape}, {len(joints)} joints, {len(start)} starts and "
            f"{counts} labels and subjects do not fit together"
        )
    seen = placed(xyz)
    names = [str(label) for label in arrays["names"]]
    label, subject = arrays["label"].tolist(), arrays["subject"].tolist()
    return _Raw(xyz, seen, start.tolist(), label, subject, [0] * len(label), names, joints)


def filled(joints_m: FloatArray, seen: BoolArray) -> FloatArray:
    """Fill the gaps of a clip: joints (T, J, 3) and `seen` (T, J) to (T', J, 3).

    Frames before the first and after the last seen joint are cut off. Gaps are interpolated
    linearly. A joint that is never seen is put at the mean of the others. T' is 0 if nothing is
    seen.
    """
    somebody = np.flatnonzero(seen.any(axis=1))
    if not len(somebody):
        return joints_m[:0]
    cut = slice(somebody[0], somebody[-1] + 1)
    joints, seen = joints_m[cut].copy(), seen[cut]
    centre = np.nanmean(np.where(seen[..., None], joints, np.nan), axis=(0, 1))
    frames = np.arange(len(joints))
    for j in np.flatnonzero(~seen.all(axis=0)):
        at = np.flatnonzero(seen[:, j])
        for axis in range(3):
            known = joints[at, j, axis]
            joints[:, j, axis] = np.interp(frames, at, known) if len(at) else centre[axis]
    return joints


def at_rate(joints_m: FloatArray, from_hz: float, to_hz: float) -> FloatArray:
    """Resample a clip (T, J, 3) to another rate by linear interpolation."""
    if from_hz == to_hz or len(joints_m) < 2:
        return joints_m
    return at_times(joints_m, np.arange(0, len(joints_m) - 1 + 1e-6, from_hz / to_hz))
