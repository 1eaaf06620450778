import numpy as np

from models.datasets.pieces import Piece
from models.features import TEMPLATE, FeatureSettings, clip_features
from models.scoring.clip_answers import clip_input, held_to_stride, whole_clips


def piece(frames, labels=None):
    """A clip with small random movements."""
    rng = np.random.default_rng(frames)
    joints = TEMPLATE + rng.normal(0, 0.02, (frames, 18, 3)).astype(np.float32)
    return Piece(joints, np.ones(frames, int) if labels is None else np.array(labels), 1, "set")


def test_only_clips_with_one_label_are_whole():
    one, two = piece(6), piece(6, [0, 0, 1, 1, 1, 0])
    assert whole_clips([one, two]) == [one]


def test_a_clip_is_padded_to_a_multiple_of_the_stride():
    for frames, held in ((1, 3), (3, 1), (4, 0), (9, 3)):
        joints = piece(frames).joints_m
        found = held_to_stride(joints)
        np.testing.assert_array_equal(found[held:], joints)
        assert (found[:held] == joints[0]).all()
        assert len(found) % 4 == 0


def test_the_input_is_the_features_of_the_clip():
    clip = piece(40)
    seen = np.ones((1, 40, 18), bool)
    expected = clip_features(clip.joints_m[None], seen, FeatureSettings())[0]
    np.testing.assert_array_equal(clip_input(clip, FeatureSettings()), expected)
