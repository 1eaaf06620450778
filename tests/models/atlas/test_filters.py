import numpy as np
import pytest

from models.atlas.filters import LONGEST_M, displaced, displacement_scale, velocities

RATE_HZ = 30.0


def weights_of(seed=1):
    return np.random.default_rng(seed).normal(size=(18, 3, 12)).astype(np.float32)


def test_the_longest_displacement_is_the_longest_drawn():
    weights, pose = weights_of(), np.zeros((18, 3), np.float32)
    moved = displaced(pose, weights, displacement_scale(weights))
    assert np.linalg.norm(moved, axis=2).max() == pytest.approx(LONGEST_M, rel=1e-5)


def test_a_filter_of_zeros_moves_nothing():
    weights, pose = np.zeros((18, 3, 12), np.float32), np.ones((18, 3), np.float32)
    assert (displaced(pose, weights, displacement_scale(weights)) == pose).all()


def test_the_displacement_excites_more_than_any_other_movement_of_its_size():
    weights, rng = weights_of(), np.random.default_rng(2)
    drawn = displaced(np.zeros((18, 3), np.float32), weights, displacement_scale(weights))
    size = np.linalg.norm(drawn)
    answer = (np.moveaxis(drawn, 0, 2) * weights).sum()
    for _ in range(50):
        other = rng.normal(size=weights.shape)
        other *= size / np.linalg.norm(other)
        assert (other * weights).sum() < answer


def test_velocities_are_answers_to_steady_movement():
    weights = weights_of()
    time_s = (np.arange(12) - 5.5) / RATE_HZ
    movement = np.zeros((18, 3, 12))
    movement[4, 1] = 2.0 * time_s  # joint 4 rises by 2 m/s
    expected = 2.0 * velocities(weights, RATE_HZ)[4, 1]
    assert (weights * movement).sum() == pytest.approx(expected, rel=1e-4)


def test_a_place_alone_has_no_velocity():
    held = np.ones((18, 3, 12), np.float32)
    np.testing.assert_allclose(velocities(held, RATE_HZ), 0, atol=1e-6)
