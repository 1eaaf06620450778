import numpy as np
import pytest

from models.features import JOINT, TEMPLATE
from models.synthesis.gestures import HIP_MOTIONS
from models.synthesis.hip_motions import HipPath, follow_hips, jump, sit_down, squat, stand_up

HIPS = [JOINT["HipLeft"], JOINT["HipRight"]]
FEET = [JOINT["AnkleLeft"], JOINT["AnkleRight"]]
LEG_M = 0.77


def many(make):
    return [make(np.random.default_rng(seed), TEMPLATE) for seed in range(30)]


def sinks_m(joints_m):
    """How far the hips are below their first height, (T,)."""
    height = joints_m[:, HIPS, 1].mean(axis=1)
    return height[0] - height


def lengths_m(joints_m):
    ends = [("Hip", "Knee"), ("Knee", "Ankle"), ("Shoulder", "Elbow"), ("Elbow", "Wrist")]
    return np.stack(
        [
            np.linalg.norm(joints_m[:, JOINT[a + side]] - joints_m[:, JOINT[b + side]], axis=1)
            for a, b in ends
            for side in ("Left", "Right")
        ]
    )


@pytest.mark.parametrize("label", HIP_MOTIONS)
def test_bones_keep_their_lengths(label):
    for joints in many(HIP_MOTIONS[label]):
        lengths = lengths_m(joints)
        assert np.ptp(lengths, axis=1).max() < 0.02
        assert np.isfinite(joints).all() and joints.dtype == np.float32


def test_a_squat_sinks_and_returns_with_feet_on_the_floor():
    for joints in many(squat):
        assert sinks_m(joints).max() > 0.2 * LEG_M
        assert abs(sinks_m(joints)[-1]) < 0.02
        assert np.ptp(joints[:, FEET], axis=0).max() < 0.03


def test_a_jump_leaves_the_floor_and_lands():
    for joints in many(jump):
        rise = joints[:, FEET, 1] - TEMPLATE[FEET, 1]
        assert rise.max() > 0.07 and abs(rise[-1]).max() < 0.02


def test_sitting_down_ends_in_a_seat_and_standing_up_starts_there():
    for joints in many(sit_down):
        assert sinks_m(joints)[-1] > 0.25 * LEG_M
    for joints in many(stand_up):
        assert sinks_m(joints)[-1] < -0.25 * LEG_M


def test_a_path_that_stays_keeps_its_pose():
    path = HipPath.new()
    path.to(0.5, down=0.4, lean_deg=30)
    path.stay(1.0)
    joints = follow_hips(np.random.default_rng(0), TEMPLATE, path)
    np.testing.assert_allclose(joints[-1], joints[20], atol=1e-5)
