import numpy as np

from models.augmentation.repetition import find_cycle, repeat_cycle
from models.features import JOINTS_USED
from tests.models.test_features import standing

HAND = JOINTS_USED.index("HandRight")


def waving(frames=90, period=20):
    joints = standing(frames)[0]
    joints[:, HAND, 0] += 0.3 * np.sin(2 * np.pi * np.arange(frames) / period)
    return joints


def test_a_cycle_of_a_periodic_motion_is_whole_periods():
    start, end = find_cycle(waving())
    assert (end - start) % 20 == 0
    assert start >= 13
    assert end <= 77


def test_a_motion_in_one_direction_has_no_cycle():
    joints = standing(90)[0]
    joints[:, HAND, 0] += np.linspace(0, 1.5, 90)
    assert find_cycle(joints) is None
    assert find_cycle(standing(10)[0]) is None


def test_a_repeated_cycle_makes_no_leap():
    joints = waving()
    joints[:, HAND, 1] += np.linspace(0, 0.2, 90)  # it does not return exactly
    cycle = find_cycle(joints)
    longer = repeat_cycle(joints, cycle, 2)
    assert len(longer) == 90 + 2 * (cycle[1] - cycle[0])
    step = np.abs(np.diff(longer, axis=0)).max()
    assert step < np.abs(np.diff(joints, axis=0)).max() + 0.05
    np.testing.assert_array_equal(longer[: cycle[1]], joints[: cycle[1]])
    np.testing.assert_array_equal(longer[-1], joints[-1])
