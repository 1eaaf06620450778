import numpy as np

from models.synthesis.falls.frame_labels import ONSET_FRAMES, fall_outcome, first_rest
from sensor.skeleton import KINECT_V2

J = KINECT_V2.index


def falling(down: int = 20, floor_m: float = 0.1) -> np.ndarray:
    """A body that stands for 30 frames, falls in `down` frames, and lies; (T, 25, 3), z up."""
    joints = np.zeros((90, 25, 3))
    share = np.clip((np.arange(90) - 30) / down, 0, 1) ** 2
    for name, height in (
        ("SpineBase", 0.95),
        ("SpineMid", 1.2),
        ("SpineShoulder", 1.4),
        ("Head", 1.6),
    ):
        joints[:, J[name], 2] = height + share * (floor_m - height)
    return joints


def test_a_fall_starts_after_its_cause_and_ends_at_rest():
    found = fall_outcome(falling(), 30, 1.7)
    assert found is not None
    assert 30 <= found.start <= 30 + ONSET_FRAMES
    assert 48 <= found.rest <= 52


def test_nothing_before_the_cause_is_a_fall():
    found = fall_outcome(falling(), 40, 1.7)
    assert found is not None and found.start == 40


def test_a_body_that_stays_up_has_not_fallen():
    assert fall_outcome(falling(floor_m=0.8), 30, 1.7) is None


def test_a_body_that_still_moves_does_not_rest():
    joints = falling()
    joints[45:, :, 0] += np.linspace(0, 2, 45)[:, None]
    assert first_rest(joints, 35, 1.7) is None
    assert fall_outcome(joints, 30, 1.7) is None
