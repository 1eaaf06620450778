import numpy as np

from models.evaluation.attribution.shapley import shapley_values

WEIGHTS = np.arange(18, dtype=np.float32)


def moved(windows):
    """How far each joint is from the mean of the unchanged window, which is 0: (N, 18)."""
    return np.abs(windows[..., 0]).max(axis=1)


def window():
    x = np.zeros((8, 18, 4), np.float32)
    x[::2, :, 0], x[1::2, :, 0] = 1, -1
    return x


def test_shares_of_a_sum_are_its_parts():
    def logits(windows):
        return np.stack([moved(windows) @ WEIGHTS] * 2, axis=1)

    values = shapley_values(window(), 1, logits, np.random.default_rng(0), permutations=4)
    np.testing.assert_allclose(values, WEIGHTS, atol=1e-5)


def test_two_joints_that_only_count_together_share():
    def logits(windows):
        both = moved(windows)
        return (both[:, 2] * both[:, 9] + both[:, 4])[:, None]

    values = shapley_values(window(), 0, logits, np.random.default_rng(0), permutations=20)
    expected = np.zeros(18)
    expected[[2, 9, 4]] = 0.5, 0.5, 1
    np.testing.assert_allclose(values, expected, atol=1e-6)
