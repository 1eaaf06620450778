import numpy as np
import pytest

from models.unit_groups import (
    CARRIED,
    actor_shares,
    compares_people,
    group_name,
    group_of,
    joint_groups,
    joint_name,
    joint_shares,
)

JOINTS = ["Head", "HipLeft", "AnkleLeft", "WristRight"]


def kernel_of(*rows):
    """Filters of 3 channels and 2 taps whose joints have these squared norms."""
    return np.sqrt(np.array(rows, np.float32)[:, :, None, None] / 6) * np.ones((1, 1, 3, 2))


def test_the_group_holds_the_fewest_joints_that_carry_half():
    [group] = joint_groups(kernel_of([0.1, 0.3, 0.4, 0.2]), JOINTS)
    assert group.joints == ("AnkleLeft", "HipLeft") and group.name == "left ankle + left hip"
    assert group.shares == pytest.approx((0.4, 0.3)) and group.share >= CARRIED


def test_one_joint_can_be_the_whole_group():
    [group] = joint_groups(kernel_of([0, 0, 0.6, 0.4]), JOINTS)
    assert group.name == "left ankle"


def test_shares_add_up_to_one_and_a_filter_of_zeros_has_none():
    shares = joint_shares(kernel_of([1, 2, 3, 4], [0, 0, 0, 0]))
    np.testing.assert_allclose(shares.sum(axis=1), [1, 0])
    assert group_of(shares[1], JOINTS).name == "no joints"


def test_a_long_group_is_named_by_its_strongest_joints():
    names = [f"joint {i}" for i in range(6)]
    assert group_name(names) == "joint 0 + joint 1 + joint 2 + joint 3 + 2 more"
    assert group_name(names[:4]) == "joint 0 + joint 1 + joint 2 + joint 3"


def test_joints_of_two_people_are_named_with_their_person():
    assert joint_name("A_LeftHand") == "A's left hand"
    assert joint_name("B_Torso") == "B's torso"
    assert joint_name("HandTipLeft") == "left hand tip"


def test_a_filter_that_reads_both_people_compares_them():
    of_actors = actor_shares(joint_shares(kernel_of([4, 1, 4, 1], [4, 4, 1, 0])), 2)
    np.testing.assert_allclose(of_actors, [[0.5, 0.5], [8 / 9, 1 / 9]])
    assert [compares_people(row) for row in of_actors] == [True, False]
    assert not compares_people(np.array([1.0]))
