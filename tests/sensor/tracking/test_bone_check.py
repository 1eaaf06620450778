"""Joints that make bones impossibly long are found in a frame on its own."""

from __future__ import annotations

import numpy as np
import pytest

from sensor.skeleton import KINECT_V1, KINECT_V2, LAYOUTS, FloatArray, Layout, convert_joints
from sensor.tracking.bone_check import BoneCheck
from tests import builders

FAR_M = np.random.default_rng(4).normal(0, 1, (12, 3))
FAR_M = (1.5 * FAR_M / np.linalg.norm(FAR_M, axis=1, keepdims=True)).astype(np.float32)


def found(joints_m: FloatArray, ok: np.ndarray, layout: Layout = KINECT_V2) -> set[str]:
    (wrong,) = BoneCheck.of(layout).misplaced(joints_m[None], ok[None])
    return {layout.joints[i] for i in np.flatnonzero(wrong)}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
@pytest.mark.parametrize("off_m", FAR_M[:4])
def test_each_joint_is_found_and_no_other(layout: Layout, off_m: FloatArray) -> None:
    for i, name in enumerate(layout.joints):
        joints = builders.pose(layout)
        assert not found(joints, np.ones(len(joints), bool), layout)
        joints[i] += off_m
        assert found(joints, np.ones(len(joints), bool), layout) == {name}


@pytest.mark.parametrize("off_m", FAR_M)
def test_joints_are_found_although_the_source_has_fewer(off_m: FloatArray) -> None:
    made, sure = convert_joints(
        builders.pose(KINECT_V1), np.ones(20, np.float32), KINECT_V1, KINECT_V2
    )
    without_spine = sure.copy()
    without_spine[[KINECT_V2.index["SpineBase"], KINECT_V2.index["SpineMid"]]] = 0
    for seen in (sure, without_spine):
        for i in np.flatnonzero(seen):
            joints = made.copy()
            joints[i] += off_m
            assert found(joints, seen > 0) == {KINECT_V2.joints[i]}


def test_a_limb_is_compared_with_the_other_side() -> None:
    joints, ok = builders.pose(), np.ones(25, bool)
    elbow, hand = (KINECT_V2.index[name] for name in ("ElbowLeft", "HandLeft"))
    shoulder = KINECT_V2.index["ShoulderLeft"]
    joints[hand, 2] -= np.float32(0.4)
    assert found(joints, ok) == {"HandLeft"}
    joints = builders.pose()
    joints[elbow] += np.float32(0.8) * (joints[shoulder] - joints[elbow])  # foreshortened
    assert not found(joints, ok)
    joints = builders.pose() * np.float32(1.25)  # a very tall person
    assert not found(joints, ok)


def test_a_body_in_another_unit_is_not_judged() -> None:
    ok = np.ones(25, bool)
    for times in (10, 100, 1000):
        assert not found(builders.pose() * np.float32(times), ok)


def test_joints_that_are_not_ok_are_not_looked_at() -> None:
    joints, ok = builders.pose(), np.ones(25, bool)
    ok[KINECT_V2.index["Head"]] = False
    joints[KINECT_V2.index["Head"]] += np.float32(5)
    assert not found(joints, ok)
