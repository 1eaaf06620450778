import numpy as np
import pytest

from models.acting_limbs import (
    ACTING,
    EITHER_ARM,
    GROUPS,
    LEFT_ARM,
    LEGS,
    LIMBS_OF,
    RIGHT_ARM,
    TRUNK,
    acting_groups,
    free_limbs,
    needed_sets,
)
from models.card import DEFAULT_MODEL, load_card
from tests.models.test_labels import moving


def swinging(*joints, reach_m=0.3):
    joints_m = moving(joints[0], np.zeros((60, 3)))
    path = reach_m * np.sin(np.arange(60) / 5)[:, None] * [0, 0, 1]
    for joint in joints:
        joints_m += moving(joint, path) - moving(joint, np.zeros((60, 3)))
    return joints_m


def test_the_table_has_every_class_of_the_shipped_model_and_falls():
    card = load_card(DEFAULT_MODEL)
    assert {*card.labels, "fall", "lie", "get_up"} - {card.background} <= set(ACTING)
    assert set().union(*ACTING.values()) <= {*GROUPS, EITHER_ARM}
    assert set(LIMBS_OF) == set(GROUPS)


@pytest.mark.parametrize(
    ("joints", "arms"),
    [
        (("HandLeft",), {LEFT_ARM}),
        (("HandRight",), {RIGHT_ARM}),
        (("HandLeft", "HandRight"), {LEFT_ARM, RIGHT_ARM}),
    ],
)
def test_the_arm_that_moves_waves_or_both_do(joints, arms):
    assert acting_groups("wave", swinging(*joints)) == arms


def test_a_squat_leaves_both_arms_free_and_a_punch_the_other_arm():
    joints_m = swinging("HandLeft", "HandRight")
    assert free_limbs("squat", joints_m) == (LEFT_ARM, RIGHT_ARM)
    assert free_limbs("left_punch", joints_m) == (RIGHT_ARM, LEGS)


def test_nothing_is_free_in_an_unknown_class():
    assert free_limbs("juggle", swinging("HandLeft")) == ()


def test_a_jumping_jack_needs_its_arms_and_its_legs():
    groups = acting_groups("jumping_jack", swinging("HandLeft"))
    assert needed_sets(groups) == [{LEFT_ARM, RIGHT_ARM}, {LEGS}]
    assert needed_sets(ACTING["squat"]) == [{LEGS, TRUNK}]
    assert needed_sets(ACTING["bow"]) == [{TRUNK}]
