from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.skeleton import KINECT_V2, LAYOUTS, Body, FloatArray, Frame
from sensor.tracking.outlier_rows import LEARNT_FRAMES, OutlierLimits
from sensor.tracking.outliers import OutlierFilter
from tests import builders

HAND = KINECT_V2.index["HandRight"]
ARM = [KINECT_V2.index[f"{part}Right"] for part in ("Wrist", "Hand", "HandTip", "Thumb")]
STEP_NS = round(1e9 / 30)


def still(frames: int = 40) -> FloatArray:
    return np.repeat(builders.pose()[None], frames, axis=0)


def through(gates: OutlierFilter, joints_m: FloatArray, start_ns: int = 0) -> np.ndarray:
    """Return the joints of one body that pass, bool (T, J)."""
    left = []
    for i, joints in enumerate(joints_m):
        body = Body(1, joints, np.ones(len(joints), np.float32))
        frame = builders.frame([body], start_ns + i * STEP_NS, i)
        left.append(gates.update(frame).bodies[0].confidence > 0)
    return np.array(left)


def lost(joints_m: FloatArray, limits: OutlierLimits | None = None) -> set[tuple[int, str]]:
    gates = OutlierFilter(KINECT_V2, limits or OutlierLimits())
    return {(int(t), KINECT_V2.joints[j]) for t, j in np.argwhere(~through(gates, joints_m))}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_an_ordinary_motion_is_unchanged(layout):
    gates = OutlierFilter(layout)
    for made in builders.recording(60, layout, people=3).frames:
        assert gates.update(made) is made


def test_a_hand_that_jumps_a_metre_is_missing_in_that_frame_only():
    joints = still()
    joints[30, HAND] += np.float32((1, 0, 0))
    # The tip is kept, since its bone starts at the rejected hand and is not judged.
    assert lost(joints) == {(30, "HandRight")}


@pytest.mark.parametrize("name", ["HandRight", "WristLeft", "Head", "HipLeft", "ShoulderRight"])
def test_a_joint_that_is_wrong_in_the_first_frame_is_missing_in_that_frame_only(name):
    joints = still()
    joints[0, KINECT_V2.index[name]] += np.float32((0.9, 0, 1.2))
    assert lost(joints) == {(0, name)}


@pytest.mark.parametrize("bad", [1, 2])
def test_a_joint_that_is_wrong_soon_after_the_first_frame_is_missing_there_only(bad):
    joints = still()
    joints[bad, HAND] += np.float32((0.9, 0, 1.2))
    assert lost(joints) == {(bad, "HandRight")}


def test_a_plausible_first_position_loses_against_two_that_agree():
    joints = still()
    joints[0, KINECT_V2.index["ElbowRight"], 1] += np.float32(0.45)
    joints[0, ARM, 1] += np.float32(0.9)  # raised, and hanging from the second frame on
    assert lost(joints) == {(1, KINECT_V2.joints[i]) for i in ARM}


def test_two_agreeing_positions_are_accepted_although_the_bone_is_long():
    joints = still(10)
    joints[:, HAND, 0] += np.float32(0.5)
    assert lost(joints) == {(0, "HandRight")}


def test_a_bad_first_position_teaches_no_bone_length():
    joints = still(60)
    foot = KINECT_V2.index["FootLeft"]
    joints[0, foot, 2] -= np.float32(0.15)  # plausible, but not near the next ones
    joints[40, foot, 2] -= np.float32(0.15)
    assert lost(joints) == {(40, "FootLeft")}


def test_a_body_in_the_wrong_unit_keeps_its_joints():
    assert lost(still() * np.float32(10)) == set()


def test_the_head_may_not_jump_as_far_as_a_hand():
    joints = still()
    joints[30, KINECT_V2.index["Head"], 0] += np.float32(0.5)
    assert lost(joints) == {(30, "Head")}


def test_a_fast_punch_is_accepted():
    joints = still()
    for i in range(40):
        joints[i, ARM, 2] -= np.float32(0.2 * np.sin(i))  # 6 m/s
    assert lost(joints) == set()


def test_a_joint_that_stays_where_it_jumped_to_is_accepted_soon():
    joints = still()
    joints[30:, ARM, 1] += np.float32(0.9)
    joints[30:, KINECT_V2.index["ElbowRight"], 1] += np.float32(0.45)
    assert {t for t, _ in lost(joints)} == {30}


def test_a_whole_body_that_jumps_keeps_its_joints():
    joints = still()
    joints[30:] += np.float32((2, 0, 0))
    assert lost(joints) == set()


def test_a_bone_that_grows_too_long_is_rejected():
    joints = still(60)
    foot = KINECT_V2.index["FootLeft"]
    for i in range(30, 60):  # slowly enough for the speed limit
        joints[i, foot, 2] -= np.float32(0.02 * (i - 30))
    missing = lost(joints)
    assert {name for _, name in missing} == {"FootLeft"}
    assert min(t for t, _ in missing) in range(33, 50)


def test_a_limb_foreshortened_for_a_while_may_stretch_again():
    joints = still(150)
    elbow = joints[0, KINECT_V2.index["ElbowRight"]]
    joints[30:90, ARM] = elbow + np.float32(0.5) * (joints[0, ARM] - elbow)
    assert lost(joints) == set()


def test_bones_are_not_judged_before_they_are_learnt():
    joints = still(LEARNT_FRAMES)
    joints[:, KINECT_V2.index["FootLeft"], 2] -= np.linspace(0, 0.5, LEARNT_FRAMES)
    assert lost(joints.astype(np.float32)) == set()


def test_low_confidence_is_missing_if_the_limit_says_so():
    sure = np.ones(25, np.float32)
    sure[HAND] = 0.3
    body = Body(1, builders.pose(), sure)
    frame = builders.frame([body])
    assert OutlierFilter(KINECT_V2).update(frame) is frame
    strict = OutlierFilter(KINECT_V2, OutlierLimits(confidence=0.5)).update(frame).bodies[0]
    assert np.flatnonzero(strict.confidence == 0).tolist() == [HAND]


def test_joints_behind_another_person_are_missing():
    before = builders.body(1, place_m=(0, 0, 2))
    behind = builders.body(2, place_m=(0, 0, 3))
    beside = builders.body(3, place_m=(1.5, 0, 3))
    shown = OutlierFilter(KINECT_V2).update(builders.frame([before, behind, beside])).bodies
    hidden = {KINECT_V2.joints[j] for j in np.flatnonzero(shown[1].confidence == 0)}
    assert {"SpineMid", "SpineBase"} <= hidden
    assert not hidden & {"Head", "FootLeft", "AnkleRight", "KneeLeft"}
    assert (shown[0].confidence > 0).all() and (shown[2].confidence > 0).all()


def test_a_body_too_close_to_the_origin_hides_nobody():
    centred = [builders.body(n, place_m=(0, 0, n)) for n in (0, 1)]
    frame = builders.frame(centred)
    assert OutlierFilter(KINECT_V2).update(frame) is frame


def test_a_gap_or_a_step_back_in_time_clears_the_state():
    gates = OutlierFilter(KINECT_V2)
    through(gates, still(30))
    moved = still(1)
    moved[0, ARM, 1] += np.float32(0.9)
    moved[0, KINECT_V2.index["ElbowRight"], 1] += np.float32(0.45)
    moved[0, HAND, 0] += np.float32(0.2)  # too far from the wrist for a learnt hand
    assert through(gates, moved, start_ns=30 * STEP_NS + 400_000_000).all()
    assert through(gates, still(1), start_ns=0).all()


def test_delayed_frames_do_not_look_too_fast():
    gates = OutlierFilter(KINECT_V2)
    joints = still(2)
    joints[1, HAND, 0] += np.float32(0.3)
    first, second = (builders.frame([Body(1, j, np.ones(25, np.float32))]) for j in joints)
    gates.update(first)
    late = replace(second, captured_ns=1_000_000)
    assert gates.update(late) is late


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_filter_only_removes_joints_and_is_deterministic(seed):
    rng = np.random.default_rng(seed)
    places = rng.normal(0, 1, (20, 3, 25, 3)).astype(np.float32)
    sure = (rng.random((20, 3, 25)) > 0.2).astype(np.float32)
    made = [
        Frame("s", i, i * STEP_NS, tuple(Body(n, places[i, n], sure[i, n]) for n in range(3)),
              KINECT_V2)
        for i in range(20)
    ]  # fmt: skip
    one, other = OutlierFilter(KINECT_V2), OutlierFilter(KINECT_V2)
    for frame in made:
        for raw, a, b in zip(
            frame.bodies, one.update(frame).bodies, other.update(frame).bodies, strict=True
        ):
            np.testing.assert_array_equal(a.confidence, b.confidence)
            assert ((a.confidence == raw.confidence) | (a.confidence == 0)).all()
            np.testing.assert_array_equal(
                a.joints_m[a.confidence > 0], raw.joints_m[a.confidence > 0]
            )
