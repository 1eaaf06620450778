import numpy as np
import pytest

from models.augmentation.limbs import HIPS
from models.augmentation.walking import ROOM, headings, stroll, turned, walk_of
from models.features import JOINT
from tests.fakes.walkers import WALK_M_S, standing, walking

WALKS = [walk_of(walking(90)), walk_of(walking(75, turn=1.2))]


@pytest.mark.parametrize("turn", [0.0, 1.0, -2.0])
def test_a_walk_has_no_place_and_no_direction(turn):
    walk = walk_of(walking(90, turn))
    np.testing.assert_allclose(headings(walk.poses_m), 0, atol=1e-3)
    np.testing.assert_allclose(walk.poses_m[:, HIPS].mean(axis=1)[:, [0, 2]], 0, atol=1e-4)
    np.testing.assert_allclose(walk.steps_m[1:, 1], -WALK_M_S / 30, atol=1e-4)


def test_a_stroll_begins_where_the_body_stands_and_stays_in_the_room():
    start = turned(standing(1), np.float32([0.7]))[0]
    joints = stroll(np.random.default_rng(1), WALKS, start, 1800, ROOM)
    assert joints.shape == (1800, 18, 3)
    hips = joints[:, HIPS].mean(axis=1)
    assert np.linalg.norm(hips[0] - start[HIPS].mean(axis=0)) < 0.1
    assert abs(headings(joints)[0] - headings(start[None])[0]) < 0.1
    for axis, (low, high) in zip((0, 2), ROOM, strict=True):
        assert low - 1.5 < hips[60:, axis].min()
        assert hips[60:, axis].max() < high + 1.5
    assert np.ptp(headings(joints)) > 2 * np.pi


def test_a_stroll_goes_where_the_body_faces_without_jumps():
    joints = stroll(np.random.default_rng(2), WALKS, standing(1)[0], 900, ROOM)
    way = np.diff(joints[:, HIPS].mean(axis=1), axis=0) * 30
    facing = headings(joints)[1:]
    forward = way[:, 0] * np.sin(facing) - way[:, 2] * np.cos(facing)
    np.testing.assert_allclose(forward, WALK_M_S, atol=0.1)
    assert np.abs(np.diff(joints, axis=0)).max() * 30 < 6
    feet = joints[:, [JOINT["FootLeft"], JOINT["FootRight"]], 1]
    assert abs(float(feet.min()) - float(standing(1)[0, :, 1].min())) < 0.05
