"""The table from a pose estimator's landmarks to joints."""

from __future__ import annotations

import numpy as np
import pytest

from sensor.cameras.pose.landmarks import (
    BONE_SHARES,
    MIDPOINTS,
    Pose,
    body_height_m,
    one_each,
    pose_of,
)
from sensor.landmarks import JOINT_LANDMARKS, LANDMARKS
from sensor.skeleton import KINECT_V2
from tests.fakes.cameras import rendered

AT = KINECT_V2.index


def landmarks() -> tuple[np.ndarray, np.ndarray]:
    """Return landmarks whose pixels and positions are multiples of their numbers."""
    numbers = np.arange(33, dtype=np.float32)
    return numbers[:, None] * (10, 1), numbers[:, None] * np.float32((1, 2, 3))


def test_the_table_names_joints_and_landmarks_that_exist() -> None:
    assert len(LANDMARKS) == len(set(LANDMARKS)) == 33
    assert set(JOINT_LANDMARKS) | {"HandTipLeft", "HandTipRight"} == set(KINECT_V2.joints)
    assert {mark for marks in JOINT_LANDMARKS.values() for mark in marks} <= set(LANDMARKS)
    assert {joint for bone in BONE_SHARES for joint in bone} <= set(KINECT_V2.joints)


@pytest.mark.parametrize("joint", [name for name in JOINT_LANDMARKS if "Right" in name])
def test_right_is_left_mirrored(joint: str) -> None:
    left = JOINT_LANDMARKS[joint.replace("Right", "Left")]
    assert JOINT_LANDMARKS[joint] == tuple(mark.replace("left", "right") for mark in left)


def test_a_joint_is_the_mean_of_its_landmarks() -> None:
    pixels, world = landmarks()
    pose = pose_of(pixels, world, np.ones(33), np.ones(33))
    assert pose.pixels[AT["ShoulderLeft"]].tolist() == [110, 11]
    assert pose.world_m[AT["KneeRight"]].tolist() == [26, 52, 78]
    assert pose.world_m[AT["SpineBase"]].tolist() == [23.5, 47, 70.5]


def test_midpoints_are_the_means_in_the_table() -> None:
    pixels, world = landmarks()
    pose = pose_of(pixels, world, np.ones(33), np.ones(33))
    for name, parts in MIDPOINTS.items():
        around = pose.world_m[[AT[part] for part in parts]].mean(axis=0)
        np.testing.assert_allclose(pose.world_m[AT[name]], around, rtol=1e-6)


def test_landmarks_that_are_not_shown_are_missing() -> None:
    pixels, world = landmarks()
    visible, present = np.full(33, 0.9), np.ones(33)
    present[LANDMARKS.index("left_hip")] = 0.4
    visible[LANDMARKS.index("left_pinky")] = 0.3
    pose = pose_of(pixels, world, visible, present)
    for gone in ("HipLeft", "SpineBase", "SpineMid", "HandTipLeft", "HandTipRight"):
        assert pose.confidence[AT[gone]] == 0
    assert pose.confidence[AT["HandLeft"]] == np.float32(0.3)
    assert pose.confidence[AT["HipRight"]] == np.float32(0.9)


def test_height_from_bones() -> None:
    rng = np.random.default_rng(0)
    joints = rendered.person(rng, 2.0, 30).joints_m
    seen = np.ones(25, bool)
    assert 1.4 < (body_height_m(joints, seen) or 0) < 2.1
    assert body_height_m(joints, ~seen) is None


def test_a_person_found_twice_is_one() -> None:
    rng = np.random.default_rng(0)
    first = rendered.estimate(rng, rendered.person(rng, 2.0, 0))
    again = Pose(first.pixels + 3, first.world_m, first.confidence * np.float32(0.5))
    beside = Pose(first.pixels + np.float32((150, 0)), first.world_m, first.confidence)
    unseen = Pose(first.pixels, first.world_m, first.confidence * 0)
    assert one_each([again, first, beside, unseen]) == [first, beside, unseen]
