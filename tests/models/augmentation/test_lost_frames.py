import numpy as np

from models.augmentation.lost_frames import bridge_gaps
from models.augmentation.settings import Variation


def test_a_gap_is_a_straight_line_between_the_frames_beside_it():
    joints_m = np.random.default_rng(1).standard_normal((200, 90, 18, 3)).astype(np.float32)
    out, bridged = bridge_gaps(np.random.default_rng(0), joints_m, Variation(lost_body=0.5))
    assert 0.4 < bridged.any(axis=1).mean() < 0.6
    assert bridged.sum(axis=1).max() <= 45 and not bridged[:, [0, -1]].any()
    np.testing.assert_array_equal(out[~bridged], joints_m[~bridged])
    second = np.diff(out, 2, axis=1)[bridged[:, 1:-1]]
    np.testing.assert_allclose(second, 0, atol=1e-5)


def test_a_short_stream_keeps_its_first_and_last_frame():
    joints_m = np.random.default_rng(1).standard_normal((50, 8, 18, 3)).astype(np.float32)
    out, bridged = bridge_gaps(np.random.default_rng(0), joints_m, Variation(lost_body=1))
    np.testing.assert_array_equal(out[:, [0, -1]], joints_m[:, [0, -1]])
    assert bridged.any()
