import numpy as np
import pytest

from models.augmentation.free_limbs import Donors, without_acting_limbs
from models.augmentation.limbs import GROUP_NAMES
from models.augmentation.settings import Variation
from models.datasets.pieces import Piece
from models.features import JOINT, TEMPLATE

LABELS = ["background", "wave", "squat", "walk", "jumping_jack"]
LEFT_ARM, RIGHT_ARM, LEGS = range(3)
ARMS = [JOINT[f"{joint}{side}"] for joint in ("Wrist", "Hand") for side in ("Left", "Right")]


def swing(frames=60):
    return (0.3 * np.sin(np.linspace(0, 4 * np.pi, frames)))[:, None].astype(np.float32)


def waving():
    body = np.repeat(TEMPLATE[None], 60, axis=0)
    body[:, [JOINT["WristRight"], JOINT["HandRight"]], 0] += swing()
    return body


def squatting():
    """Hips, trunk and arms go down; the arms also swing."""
    body = np.repeat(TEMPLATE[None], 60, axis=0)
    feet = [JOINT[f"{joint}{side}"] for joint in ("Ankle", "Foot") for side in ("Left", "Right")]
    moved = [j for j in range(len(TEMPLATE)) if j not in feet]
    body[:, moved, 1] -= np.abs(swing())
    body[:, ARMS, 2] += swing()
    return body


def piece(joints_m, label):
    return Piece(joints_m, np.full(len(joints_m), LABELS.index(label)), 1, "a")


def donors():
    return Donors.of([piece(waving(), "wave"), piece(squatting(), "squat")], LABELS)


def local(joints_m):
    """Joints relative to the middle of the shoulders."""
    shoulders = [JOINT["ShoulderLeft"], JOINT["ShoulderRight"]]
    return joints_m - joints_m[:, shoulders].mean(axis=1, keepdims=True)


def moves(joints_m, joints):
    return float(np.ptp(joints_m[:, joints], axis=0).max()) > 0.05


def test_still_arms_follow_the_trunk_and_do_not_swing():
    variation = Variation(limbs_still=1)
    made = donors().exchange(
        np.random.default_rng(0), squatting(), [LEFT_ARM, RIGHT_ARM], variation
    )
    assert moves(local(squatting()), ARMS)
    assert not moves(local(made), ARMS)
    legs = [JOINT[f"{joint}{side}"] for joint in ("Hip", "Knee") for side in ("Left", "Right")]
    np.testing.assert_array_equal(made[:, legs], squatting()[:, legs])


def test_legs_walk_under_an_arm_that_acts():
    walk = np.repeat(TEMPLATE[None], 90, axis=0)
    walk[:, JOINT["AnkleLeft"], 2] += swing(90)[:, 0]
    walks = Donors.of([piece(walk, "walk")], LABELS)
    made = walks.exchange(
        np.random.default_rng(0), waving(), [LEGS], Variation(limbs_still=0, walks=1)
    )
    assert moves(made, [JOINT["AnkleLeft"]])
    np.testing.assert_array_equal(made[:, ARMS], waving()[:, ARMS])


def test_a_wave_without_its_arm_keeps_the_rest_of_the_motion():
    body = waving()
    body[:, JOINT["AnkleLeft"], 2] += swing()[:, 0]
    made = without_acting_limbs(np.random.default_rng(0), body, "wave")
    assert made is not None and not moves(local(made), ARMS)
    assert moves(made, [JOINT["AnkleLeft"]])


def test_a_squat_without_its_legs_is_a_body_that_stands_and_moves_its_arms():
    made = without_acting_limbs(np.random.default_rng(0), squatting(), "squat")
    assert made is not None and moves(made, ARMS)
    assert not moves(made, [j for j in range(len(TEMPLATE)) if j not in ARMS])


def test_an_action_of_arms_and_legs_loses_one_of_them():
    body = squatting()
    made = [
        without_acting_limbs(np.random.default_rng(seed), body, "jumping_jack")
        for seed in range(10)
    ]
    assert {moves(local(one), ARMS) for one in made if one is not None} == {True, False}


@pytest.mark.parametrize("label", ["own dance", "background"])
def test_nothing_is_taken_out_of_a_label_whose_limbs_are_not_known(label):
    assert without_acting_limbs(np.random.default_rng(0), waving(), label) is None


def test_groups_have_names():
    assert GROUP_NAMES[LEGS] == "legs"
