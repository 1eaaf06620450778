import numpy as np
import pytest

from models.features import JOINTS_USED, TEMPLATE, FeatureSettings, clip_features, measured_of

SETTINGS = FeatureSettings()
HEAD, HAND = JOINTS_USED.index("Head"), JOINTS_USED.index("HandRight")


def standing(frames=60, at=(0.3, 0.1, 2.5), size=1.0, turn_deg=0.0):
    """The template at a place, of a size, turned about the vertical axis: (1, T, 18, 3)."""
    angle = np.deg2rad(turn_deg)
    x, y, z = TEMPLATE.T * size
    turned = np.stack(
        [x * np.cos(angle) - z * np.sin(angle), y, x * np.sin(angle) + z * np.cos(angle)], 1
    )
    return np.tile((turned + np.float32(at)).astype(np.float32), (1, frames, 1, 1))


def features(joints, valid=None):
    seen = np.ones(joints.shape[:3], bool) if valid is None else valid
    return clip_features(joints, seen, SETTINGS)


@pytest.mark.parametrize("rate_hz", [0, -30, 1001, float("nan")])
def test_a_rate_outside_the_range_is_refused(rate_hz):
    with pytest.raises(ValueError, match="above 0 and at most 1000"):
        FeatureSettings(rate_hz=rate_hz)


@pytest.mark.parametrize("turn_deg", [-150, -60, 0, 45, 90, 179])
@pytest.mark.parametrize("size", [0.6, 1.2])
def test_place_size_and_facing_do_not_matter(turn_deg, size):
    found = features(standing(at=(-1, 0.4, 4), size=size, turn_deg=turn_deg))
    np.testing.assert_allclose(found[..., :3], 0, atol=1e-5)
    assert (found[..., 3] == 1).all()


def test_bodies_in_a_batch_do_not_affect_each_other():
    rng = np.random.default_rng(1)
    joints = np.concatenate([standing(), standing(turn_deg=70), standing(size=0.7)])
    joints += rng.normal(0, 0.05, joints.shape).astype(np.float32)
    alone = np.concatenate([features(one[None]) for one in joints])
    np.testing.assert_array_equal(features(joints), alone)


def test_features_are_causal():
    joints = standing()
    later = joints.copy()
    later[:, 30:] += 1
    np.testing.assert_array_equal(features(joints)[:, :30], features(later)[:, :30])


def test_missing_joints_are_marked_and_never_read():
    joints, seen = standing(), np.ones((1, 60, 18), bool)
    seen[:, 20:, HAND] = False
    other = joints.copy()
    other[:, 20:, HAND] = 1e6
    found = features(other, seen)
    np.testing.assert_array_equal(found, features(joints, seen))
    assert (found[:, 20:, HAND] == 0).all()


def test_features_are_zero_before_hips_neck_or_shoulders_were_seen():
    joints, seen = standing(), np.ones((1, 60, 18), bool)
    for joint in ("HipLeft", "HipRight", "SpineShoulder", "ShoulderLeft"):
        seen[:, :10, JOINTS_USED.index(joint)] = False
    found = features(joints, seen)
    assert (found[:, :10] == 0).all()
    assert (found[:, 10:, HEAD, 3] == 1).all()


@pytest.mark.parametrize(
    "lost",
    [
        ["HipLeft"], ["HipRight"], ["ShoulderRight"], ["SpineShoulder"],
        ["HipLeft", "HipRight"], ["ShoulderLeft", "SpineShoulder"], ["HipLeft", "ShoulderRight"],
    ],
)  # fmt: skip
def test_a_lost_joint_hardly_moves_the_others(lost):
    joints = standing()
    joints[:, 20:40, HAND, 1] += np.sin(np.linspace(0, np.pi, 20, dtype=np.float32)) * 0.6
    seen = np.ones((1, 60, 18), bool)
    gone = [JOINTS_USED.index(joint) for joint in lost]
    seen[:, :, gone] = False
    others = [i for i in range(18) if i not in gone]
    difference = features(joints, seen)[:, :, others] - features(joints)[:, :, others]
    assert np.abs(difference).max() < 0.12


def test_a_jump_and_a_step_are_visible():
    joints = standing(90)
    joints[:, 30:40, :, 1] += 0.3
    found = features(joints)
    assert found[0, 35, HEAD, 1] > 0.2
    joints = standing(90)
    joints[:, 30:, :, 0] += 0.5
    found = features(joints)
    assert found[0, 32, HEAD, 0] > 0.4 > found[0, 89, HEAD, 0] > 0


def test_a_complete_trunk_is_measured_equally_beside_an_incomplete_one() -> None:
    joints_m = np.random.default_rng(3).normal(size=(6, 18, 3)).astype(np.float32)
    valid = np.ones((6, 18), bool)
    alone = measured_of(joints_m, valid)
    valid[5, JOINTS_USED.index("HipLeft")] = False
    beside = measured_of(joints_m, valid)
    for a, b in zip(alone, beside, strict=True):
        assert a.dtype == b.dtype and np.array_equal(a[:5], b[:5])
