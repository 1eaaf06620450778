import numpy as np

from models.atlas.excitation import MOST_MOMENTS, exciting_moments
from models.atlas.motions import Motion
from models.inference.first_layer import FirstLayer


def newest_of_joint(joint):
    """A filter that answers with the newest value of a joint."""
    kernel = np.zeros((1, 2, 1, 12), np.float32)
    kernel[0, joint, 0, -1] = 1
    return kernel


LAYER = FirstLayer(
    np.concatenate([newest_of_joint(0), newest_of_joint(1)]), np.zeros(2, np.float32)
)


def motion(label, peak, at):
    features = np.zeros((30, 2, 1), np.float32)
    features[at, 0], features[at + 1, 0] = peak, peak - 0.01
    return Motion(label, features)


def test_each_motion_gives_its_highest_moment_and_the_highest_come_first():
    motions = [motion(f"label {i}", i, 3 * i) for i in range(1, 8)]
    moments, still = exciting_moments(LAYER, motions, 30.0)
    assert [m.label for m in moments] == ["label 7", "label 6", "label 5", "label 4", "label 3"]
    assert len(moments) == MOST_MOMENTS
    assert [m.at_s for m in moments[:2]] == [0.7, 0.6] and moments[0].answer == 7
    assert moments[0].deviations > moments[1].deviations > 1
    assert [m.answer for m in still] == [0] * 5, "a joint that never moves excites nothing"


def test_without_motions_there_are_no_moments():
    assert exciting_moments(LAYER, [], 30.0) == [[], []]
