import numpy as np
import pytest

from models.evaluation.attribution.areas import JOINTS, MOMENTS, area, areas_of, first_cells
from models.evaluation.attribution.methods import RELEVANCE, SMOOTHED, smoothed
from models.evaluation.attribution.removal import probability, removed, removed_joints
from models.evaluation.attribution.samples import Samples


@pytest.fixture
def window():
    return np.random.default_rng(0).normal(size=(16, 18, 4)).astype(np.float32)


def test_a_removed_joint_takes_its_mean_pose(window):
    joints = np.zeros((1, 18), bool)
    joints[0, 5] = True
    (changed,) = removed_joints(window, joints)
    np.testing.assert_allclose(changed[:, 5], np.tile(window[:, 5].mean(axis=0), (16, 1)))
    np.testing.assert_array_equal(np.delete(changed, 5, axis=1), np.delete(window, 5, axis=1))
    cells = np.repeat(joints[:, None], 4, axis=1)
    np.testing.assert_allclose(removed(window, cells)[0], changed, atol=1e-6)


def test_a_joint_that_is_removed_for_a_moment_does_not_jump(window):
    window[:, 2] = np.linspace(0, 1, 16)[:, None]
    cells = np.zeros((1, 4, 18), bool)
    cells[0, 3, 2] = True
    (changed,) = removed(window, cells)
    np.testing.assert_array_equal(changed[:8, 2], window[:8, 2])
    assert np.abs(np.diff(changed[:, 2, 0])).max() < 0.15
    assert changed[-1, 2, 0] < window[-1, 2, 0]


@pytest.mark.parametrize(("players", "count"), [(JOINTS, 19), (MOMENTS, 11)])
def test_cells_are_removed_from_the_highest_score_down(players, count):
    scores = np.random.default_rng(1).normal(size=(4, 18))
    cells = first_cells(scores, players)
    assert cells.shape == (count, 4, 18)
    assert not cells[0].any()
    assert cells[-1].all()
    values = np.broadcast_to(scores.sum(axis=0), (4, 18)) if players == JOINTS else scores
    for gone in cells[1:-1]:
        assert values[gone].min() > values[~gone].max()


def test_the_area_of_a_line_is_a_half():
    assert area(np.linspace(1, 0, 11)) == pytest.approx(0.5)


def test_the_joint_that_decides_comes_first_in_the_better_order(window):
    def logits(windows):
        moved = np.abs(windows[:, :, 3] - windows[:, :, 3].mean(axis=1, keepdims=True)).sum((1, 2))
        return np.stack([np.zeros(len(windows)), moved - 1], axis=1).astype(np.float32)

    samples = Samples((), window[None], np.array([1]))
    good = np.zeros((1, 4, 18))
    good[:, :, 3] = 1
    areas = areas_of(samples, {"good": good, "bad": -good}, logits, 1.0)
    assert set(areas) == {
        "deletion_joints", "insertion_joints", "deletion_joint_moments", "insertion_joint_moments",
    }  # fmt: skip
    for test, by_method in areas.items():
        worse, better = sorted(by_method, key=lambda name: by_method[name][0])
        assert (better if "insertion" in test else worse) == "good"


def test_probability_is_that_of_the_class():
    logits = np.log(np.array([[1, 3], [1, 1]], np.float32))
    np.testing.assert_allclose(probability(logits, 1, 1.0), [0.75, 0.5])


def test_smoothed_relevance_keeps_what_does_not_change_in_time():
    scores = np.tile(np.arange(18.0), (1, 12, 1))
    np.testing.assert_allclose(smoothed(scores), scores)
    alternating = scores * np.array([1, -1] * 6)[:, None]
    assert np.abs(smoothed(alternating)).max() < 0.6 * 17
    samples = Samples((), np.zeros((1, 48, 18, 4), np.float32), np.array([0]))
    both = {RELEVANCE: scores, SMOOTHED: scores}
    areas = areas_of(samples, both, lambda windows: np.zeros((len(windows), 2)), 1.0)
    assert set(areas["deletion_joints"]) == {RELEVANCE}
    assert set(areas["insertion_joint_moments"]) == {RELEVANCE, SMOOTHED}
