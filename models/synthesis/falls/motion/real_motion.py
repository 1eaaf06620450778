"""Stretches of real motion that simulated clips begin with: people who stand, and people who walk.

They come from the clip sets in the data folder; those that are not there are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.labels import CMU, PRECOG, UI_PRMD, UTD
from models.synthesis.falls.body.hinges import Floats
from models.synthesis.falls.motion.pose_fitting import fit_poses
from sensor.errors import RecordingError
from sensor.formats import clip_set
from sensor.skeleton import KINECT_V2, FloatArray, convert_joints

STANDING_SETS = (UTD, PRECOG, UI_PRMD)
WALKING_SET = CMU
TEST_PEOPLE = {UTD: (2, 4, 6, 8), PRECOG: (7, 8), UI_PRMD: (7, 8), CMU: (5, 6, 7)}
"""People that the recipe `protocol` tests on: only bodies that it tests on move like them."""
_WALKS = ("walk", "walk on uneven terrain")
_LIFE = ("walk", "wash self", "wash windows", "direct traffic", "dance", "bend over, scoop up",
         "basketball signals", "walk on uneven terrain")  # fmt: skip
"""Motions of CMU in which no known action happens for seconds."""
_STILL_M_S, _WALK_M_S = 0.6, 0.5
"""Greatest speed of a joint of a person who stands, and least speed of hips that walk."""
_SHORTEST, _LONGEST = 15, 240
"""Frames of a stretch; a standing person sways back and forth when a longer one is needed."""
_WALK_FRAMES = 75
_J = KINECT_V2.index


@dataclass(frozen=True, eq=False)
class Motion:
    """Poses (T, 35) of a stretch of real motion, and where they come from: `set/person/clip`.

    `tested` says whether the person is one of `TEST_PEOPLE`.
    """

    poses: Floats
    source: str
    tested: bool


@dataclass(frozen=True)
class RealMotions:
    """Stretches in which people stand, walk, and do other things of everyday life."""

    standing: tuple[Motion, ...]
    walking: tuple[Motion, ...]
    life: tuple[Motion, ...]

    def of(self, tested: bool) -> RealMotions:
        """The motions of test people or of all others; kinds that would be empty stay whole."""
        kinds = (self.standing, self.walking, self.life)
        return RealMotions(
            *(tuple(m for m in kind if m.tested == tested) or kind for kind in kinds)
        )


@dataclass(frozen=True, eq=False)
class _Clip:
    """A clip with the joints that poses are fitted to, float32 (T, 25, 3) in camera space."""

    joints_m: FloatArray
    label: str
    source: str
    tested: bool

    def motion(self, joints_m: FloatArray) -> Motion:
        """A stretch of the clip as poses."""
        return Motion(fit_poses(joints_m), self.source, self.tested)


def load_motions(data: Path) -> RealMotions:
    """Read the stretches. Raises RecordingError if there are none of standing or of walking."""
    standing = [
        clip.motion(_level(clip.joints_m[run]))
        for name in STANDING_SETS
        for clip in _clips(data / f"{name}.npz")
        for run in _still(clip.joints_m)
    ]
    whole = _clips(data / f"{WALKING_SET}.npz")
    walking = [
        clip.motion(clip.joints_m[run])
        for clip in whole
        if clip.label in _WALKS
        for run in _walks(clip.joints_m)
    ]
    life = [
        clip.motion(clip.joints_m[at : at + _LONGEST])
        for clip in whole
        if clip.label in _LIFE
        for at in range(0, len(clip.joints_m) - _LONGEST // 2, _LONGEST * 3 // 4)
    ]
    if not (standing and walking and life):
        raise RecordingError(
            f"{data}: falls begin with real motions of people who stand and walk: put "
            f"{WALKING_SET}.npz and at least one of "
            f"{', '.join(f'{name}.npz' for name in STANDING_SETS)} there"
        )
    return RealMotions(tuple(standing), tuple(walking), tuple(life))


def _clips(path: Path) -> list[_Clip]:
    """The clips of a set, or none if there is no such file."""
    if not path.exists():
        return []
    data = clip_set.load(path)
    needed = [_J[name] for name in KINECT_V2.joints if not name.startswith(_UNUSED)]
    found = []
    for i, (start, end) in enumerate(zip(data.start[:-1], data.start[1:], strict=True)):
        joints, seen = data.xyz_m[start:end], data.seen[start:end].astype(np.float32)
        joints, seen = convert_joints(joints, seen, data.layout, KINECT_V2)
        joints = joints[(seen[:, needed] > 0).all(axis=1)]
        label = data.names[data.label[i]] if data.names and data.label[i] >= 0 else ""
        source = f"{data.name}/{data.subject[i]}/{data.clip[i]}"
        tested = int(data.subject[i]) in TEST_PEOPLE[data.name]
        found.append(_Clip(joints, label, source, tested))
    return found


_UNUSED = ("Hand", "Thumb", "Spine", "Neck")
"""Joints that poses are not fitted to."""


def _level(joints: FloatArray) -> FloatArray:
    """Joints (T, 25, 3) of a standing person, turned so that the body is upright on average."""
    shoulders = joints[:, [_J["ShoulderLeft"], _J["ShoulderRight"]]].mean(axis=(0, 1))
    ankles = joints[:, [_J["AnkleLeft"], _J["AnkleRight"]]].mean(axis=(0, 1))
    up = (shoulders - ankles) / np.linalg.norm(shoulders - ankles)
    across = np.cross(up, (0, 1, 0))
    x, y, z = across
    skew = np.array(((0, -z, y), (z, 0, -x), (-y, x, 0)))
    # Rodrigues' formula for the least rotation that turns `up` to the vertical.
    turn = np.eye(3) + skew + skew @ skew / (1 + up[1])
    return np.asarray((joints - ankles) @ turn.T + ankles, np.float32)


def _still(joints: FloatArray) -> list[slice]:
    """Stretches of joints (T, 25, 3) in which a person stands still with hanging or bent arms."""
    if len(joints) < _SHORTEST:
        return []
    moved = np.linalg.norm(joints[3:] - joints[:-3], axis=2).max(axis=1) * 10
    speed = np.concatenate((moved[:1], moved, moved[-1:], moved[-1:]))
    high = joints[:, :, 1]
    hips, ankles = high[:, _J["HipLeft"]], high[:, [_J["AnkleLeft"], _J["AnkleRight"]]]
    leg = np.linalg.norm(joints[:, _J["HipLeft"]] - joints[:, _J["KneeLeft"]], axis=1)
    leg += np.linalg.norm(joints[:, _J["KneeLeft"]] - joints[:, _J["AnkleLeft"]], axis=1)
    wrists = high[:, [_J["WristLeft"], _J["WristRight"]]].max(axis=1)
    upright = (hips - ankles.max(axis=1) > 0.85 * leg) & (
        wrists < high[:, _J["ShoulderLeft"]] - 0.1
    )
    return _runs((speed < _STILL_M_S) & upright)


def _walks(joints: FloatArray) -> list[slice]:
    """Stretches of joints (T, 25, 3) in which the hips move over the floor."""
    hips = joints[:, [_J["HipLeft"], _J["HipRight"]]].mean(axis=1)[:, [0, 2]]
    if len(hips) <= _WALK_FRAMES:
        return []
    moved = np.linalg.norm(hips[15:] - hips[:-15], axis=1) * 2
    speed = np.concatenate((moved[:7], moved, moved[-8:]))
    return [run for run in _runs(speed > _WALK_M_S) if run.stop - run.start > _WALK_FRAMES]


def _runs(wanted: NDArray[np.bool_]) -> list[slice]:
    """The unbroken runs of true values, of at least `_SHORTEST` frames, cut at `_LONGEST`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False])).astype(int)))
    pieces = [
        slice(at, min(end, at + _LONGEST))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        for at in range(start, end, _LONGEST)
    ]
    return [piece for piece in pieces if piece.stop - piece.start >= _SHORTEST]
