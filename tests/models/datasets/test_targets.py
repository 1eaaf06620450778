import numpy as np

from models.datasets.targets import TargetRule, targets


def test_predictions_in_frames_without_a_target_have_no_weight():
    labels = np.r_[np.zeros(60), np.full(30, -1), np.zeros(60)].astype(np.int64)
    at = np.arange(3, 150, 4)
    target, weight = targets(labels, at, TargetRule())
    inside = labels[at] < 0
    assert (weight[inside] == 0).all()
    assert (weight[~inside] == 1).all()
    assert (target == 0).all()
