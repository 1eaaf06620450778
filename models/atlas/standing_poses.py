"""A standing figure for the joints of any model, to draw filters on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.features import JOINTS_USED, TEMPLATE, FloatArray

_SAME = {"ShoulderCenter": "SpineShoulder", "Neck": "SpineShoulder"}
"""Names of joints in other layouts, and the joint of `TEMPLATE` that has their place."""
_CENTRE = {"HipCenter": 0.0, "SpineBase": 0.0, "Spine": 0.06, "SpineMid": 0.24, "Torso": 0.24}
"""Joints between hips and neck: their height above the hips in metres."""
_APART_M = 0.9
"""The distance between two people in metres. They face each other along x."""


def standing_pose(joints: Sequence[str], actors: int = 1) -> FloatArray:
    """The pose (J, 3) of one standing person, or of two who face each other, in metres.

    Names are those of Kinect v1, Kinect v2 or SBU; with two actors, the names of one stand behind
    `A_`, those of the other behind `B_`. A joint with another name is at the hips.
    """
    if actors == 1:
        return np.array([_place_of(joint) for joint in joints], np.float32)
    half = len(joints) // actors
    own = np.array([_place_of(joint.rpartition("_")[2]) for joint in joints[:half]], np.float32)
    return np.concatenate([_turned(own, toward) for toward in (1, -1)])


def _turned(pose_m: FloatArray, toward: int) -> FloatArray:
    """A figure that faces the camera, turned to +x or -x and placed on the other side of 0."""
    x, y, z = pose_m.T
    turned = np.stack([-z * toward - toward * _APART_M / 2, y, x * toward], axis=1)
    return np.asarray(turned, np.float32)


def _place_of(joint: str) -> tuple[float, float, float]:
    if joint in _CENTRE:
        return 0.0, _CENTRE[joint], 0.0
    name = _SAME.get(joint, joint)
    for side in ("Left", "Right"):
        if name.startswith(side):
            name = name.removeprefix(side) + side
    if name not in JOINTS_USED:
        return 0.0, 0.0, 0.0
    x, y, z = (float(value) for value in TEMPLATE[JOINTS_USED.index(name)])
    return x, y, z
