import numpy as np

from models.synthesis.falls.camera import NEAREST_M, hidden, seen
from sensor.skeleton import KINECT_V2
from tests.builders import pose

J = KINECT_V2.index


def world(frames=60):
    """A standing person in the simulation's axes, on its floor."""
    joints = np.repeat(pose()[None], frames, axis=0).astype(float)[..., [2, 0, 1]]
    joints[..., 2] -= joints[..., 2].min()
    return joints


def test_people_are_before_the_camera_and_stand_on_a_floor_below_it():
    for seed in range(10):
        joints = seen(np.random.default_rng(seed), world())
        assert joints.dtype == np.float32
        assert joints[..., 2].min() > NEAREST_M - 0.1
        assert -1.6 < joints[..., 1].min() < -0.4
        assert (joints[:, J["Head"], 1] > joints[:, J["FootLeft"], 1] + 1).all()


def test_noise_is_small_and_differs_from_frame_to_frame():
    joints = seen(np.random.default_rng(3), world())
    steps = np.linalg.norm(np.diff(joints, axis=0), axis=2)
    assert 0.0005 < steps.mean() < 0.03


def test_a_hand_behind_the_trunk_is_hidden():
    joints = pose(place_m=(0, 0, 2.5))[None].astype(float)
    joints[0, J["HandLeft"]] = joints[0, J["SpineMid"]] * 1.12
    found = hidden(joints)[0]
    assert found[J["HandLeft"]] == 1
    assert found[J["Head"]] == 0
