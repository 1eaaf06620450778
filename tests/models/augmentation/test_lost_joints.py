import numpy as np

from models.augmentation.bodies import lose_joints
from models.augmentation.settings import Variation


def test_joints_are_lost_for_a_moment_or_for_the_whole_stream():
    seen = lose_joints(
        np.random.default_rng(0), (200, 90, 18), Variation(lost_joint=0.1, lost_ends=0)
    )
    never, always = ~seen.any(axis=1), seen.all(axis=1)
    assert 0.05 < never.mean() < 0.15
    assert 0 < 1 - never.mean() - always.mean() < 0.1


def test_joints_that_were_not_measured_are_lost_together_in_half_of_the_streams():
    measured = np.ones((400, 18), bool)
    measured[:200, [5, 9]] = False
    calm = Variation(lost_joint=0, lost_ends=0, lost_moment=0)
    seen = lose_joints(np.random.default_rng(0), (400, 8, 18), calm, measured)
    lost = ~seen.any(axis=1)
    np.testing.assert_array_equal(lost[:, 5], lost[:, 9])
    assert 0.4 < lost[:200, 5].mean() < 0.6
    assert not lost[200:].any() and not np.delete(lost, [5, 9], axis=1).any()
