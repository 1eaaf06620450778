"""The joints that carry a filter."""

import numpy as np

from models.features import JOINTS_USED
from models.story.action_reading import Split
from models.story.unit_tracks import unit_tracks
from models.unit_groups import joint_groups


def kernel(*weights):
    """A kernel of one unit for each dict of joints and weights."""
    out = np.zeros((len(weights), 18, 4, 12), np.float32)
    for unit, by_joint in enumerate(weights):
        for joint, weight in by_joint.items():
            out[unit, JOINTS_USED.index(joint), 1, 3] = weight
    return out


def test_a_group_has_the_fewest_joints_that_carry_half():
    two, one, none = joint_groups(
        kernel({"AnkleLeft": 3, "HipLeft": -2.9, "Head": 2}, {"HandRight": 5, "Head": 1}, {}),
        JOINTS_USED,
    )
    assert two.joints == ("AnkleLeft", "HipLeft")
    assert one.joints == ("HandRight",) and abs(one.shares[0] - 25 / 26) < 1e-9
    assert none.joints == ()


def test_tracks_are_the_strongest_units_with_signed_shares():
    units = np.array([[1, -4, 0.5], [1, 0, 0.5]], np.float32)
    split = Split(0.0, 1.0, np.zeros((2, 18)), np.zeros(2), units, np.zeros(10), 0.0)
    first, second = unit_tracks(
        split, joint_groups(kernel({"Head": 1}, {"HandLeft": 1}, {}), JOINTS_USED), 2
    )
    assert (first.unit, first.share, first.group.joints) == (1, 4.0, ("HandLeft",))
    assert (second.unit, second.share) == (0, -2.0)
    np.testing.assert_array_equal(first.values, [-4, 0])
