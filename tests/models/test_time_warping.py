import numpy as np
import pytest

from models.motion import resampled
from models.time_warping import elastic_average, warp_cost, warp_path


def bump(frames, centre, width=6.0):
    """A bump at a moment, (T, 1, 3)."""
    t = np.arange(frames, dtype=np.float32)
    return np.exp(-(((t - centre) / width) ** 2))[:, None, None] * np.ones((1, 1, 3), np.float32)


def test_the_average_of_equal_motions_is_the_motion():
    motion = bump(40, 20)
    np.testing.assert_allclose(elastic_average([motion] * 3), motion, atol=1e-6)


def test_an_elastic_average_keeps_a_bump_that_a_plain_one_blurs():
    motions = [bump(60, centre) for centre in (18, 26, 34, 42)]
    assert np.mean(motions, axis=0).max() < 0.6
    assert elastic_average(motions).max() > 0.95


def test_the_length_is_the_median_length():
    assert len(elastic_average([bump(n, n / 2) for n in (30, 40, 70)])) == 40


def test_warping_matches_the_textbook_recursion():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(7, 2)), rng.normal(size=(1, 7, 2))
    expected = np.full((8, 8), np.inf)
    expected[0, 0] = 0
    for i in range(1, 8):
        for j in range(1, 8):
            near = min(expected[i - 1, j], expected[i, j - 1], expected[i - 1, j - 1])
            expected[i, j] = ((one[i - 1] - other[0, j - 1]) ** 2).sum() + near
    found = warp_cost(one, other)[0]
    np.testing.assert_allclose(found, expected)
    path = warp_path(found)
    assert path[0] == (6, 6)
    assert path[-1] == (0, 0)


def test_resampling_keeps_both_ends():
    motion = bump(30, 9)
    for frames in (2, 17, 90):
        found = resampled(motion, frames)
        assert len(found) == frames
        np.testing.assert_allclose(found[[0, -1]], motion[[0, -1]])


def test_an_average_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="no motions"):
        elastic_average([])
