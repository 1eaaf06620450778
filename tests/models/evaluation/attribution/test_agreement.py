import numpy as np

from models.evaluation.attribution.agreement import correlations, rank_correlations, top_joints


def test_correlations_are_between_minus_one_and_one():
    rising = np.arange(12.0).reshape(1, 3, 4)
    assert correlations(rising, 2 * rising + 1) == [1]
    assert correlations(rising, -rising) == [-1]
    assert correlations(rising, np.ones((1, 3, 4))) == [0]


def test_rank_correlation_sees_only_the_order_and_ties_share_ranks():
    a = np.array([[1.0, 2, 3, 4], [1, 1, 2, 3]])
    b = np.array([[1.0, 10, 100, 1000], [5, 5, 7, 6]])
    np.testing.assert_allclose(rank_correlations(a, b), [1, 7 / 9])


def test_the_top_joint_has_the_largest_sum():
    scores = np.zeros((1, 3, 18))
    scores[0, 0, 4], scores[0, :, 7] = 2, 1
    assert top_joints(scores) == [7]
