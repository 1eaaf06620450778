import numpy as np
import pytest

from models.acting_limbs import LEFT_ARM, LEGS, RIGHT_ARM, TRUNK
from models.augmentation.frozen_limbs import frozen, held
from models.evaluation.limb_changes import (
    FROZEN,
    HANGING,
    HELD,
    MARCHING,
    OTHER,
    LabelledMotion,
    LimbChanges,
)
from models.features import JOINT
from tests.fakes.walkers import raising, standing, walking

WAVE = LabelledMotion(raising(60), "wave")
WALK = LabelledMotion(walking(60), "walk")


def squatting():
    """A person who squats, with hands that go up and down."""
    joints = standing(60)
    down = 0.4 * np.sin(np.linspace(0, np.pi, 60))[:, None]
    feet = [n for name, n in JOINT.items() if name.startswith(("Ankle", "Foot"))]
    body = [n for n in JOINT.values() if n not in feet]
    joints[:, body, 1] -= down
    for side in ("Left", "Right"):
        joints[:, JOINT[f"Hand{side}"], 2] -= down[:, 0]
    return joints.astype(np.float32)


SQUAT = LabelledMotion(squatting(), "squat")


def path_m(joints_m, end, root):
    way = joints_m[:, JOINT[end]] - joints_m[:, JOINT[root]]
    return float(np.linalg.norm(np.diff(way, axis=0), axis=1).sum())


def changes(motion):
    return LimbChanges(np.random.default_rng(0), [WAVE, WALK, SQUAT]).of(motion)


def test_changes_that_apply_depend_on_the_acting_limbs():
    assert set(changes(WAVE)) == {HELD, OTHER, MARCHING, FROZEN}
    assert set(changes(SQUAT)) == {HELD, HANGING, OTHER, FROZEN}


@pytest.mark.parametrize("change", [HELD, OTHER, MARCHING])
def test_the_acting_arm_of_a_wave_moves_as_before(change):
    (changed,) = changes(WAVE)[change]
    arm = [JOINT[f"{joint}Right"] for joint in ("Shoulder", "Elbow", "Wrist", "Hand")]
    np.testing.assert_allclose(changed[:, arm], WAVE.joints_m[:, arm], atol=1e-5)


def test_legs_march_under_a_wave():
    (marching,) = changes(WAVE)[MARCHING]
    assert path_m(marching, "AnkleLeft", "HipLeft") > 0.5
    assert path_m(marching, "HandRight", "ShoulderRight") > 0.5


def test_a_wave_without_its_arm_is_a_standing_person():
    (still,) = changes(WAVE)[FROZEN]
    assert path_m(still, "HandRight", "ShoulderRight") < 1e-3


def test_arms_of_a_squat_hang_and_the_hips_still_sink():
    (hanging,) = changes(SQUAT)[HANGING]
    assert path_m(hanging, "HandLeft", "ShoulderLeft") < 1e-3
    assert np.ptp(hanging[:, JOINT["HipLeft"], 1]) == pytest.approx(0.4, abs=0.01)
    assert (hanging[:, JOINT["HandLeft"], 1] < hanging[:, JOINT["ElbowLeft"], 1]).all()


def test_a_squat_without_legs_stays_up_and_keeps_its_arms():
    still = frozen(SQUAT.joints_m, {LEGS, TRUNK})
    assert np.ptp(still[:, JOINT["HipLeft"], 1]) == 0
    assert path_m(still, "HandLeft", "ShoulderLeft") > 0.1


def test_frozen_arms_keep_the_body_moving():
    still = frozen(SQUAT.joints_m, {LEFT_ARM, RIGHT_ARM})
    np.testing.assert_array_equal(still, held(SQUAT.joints_m, {LEFT_ARM, RIGHT_ARM}))
    assert np.ptp(still[:, JOINT["HipLeft"], 1]) > 0.3
