import msgspec
import numpy as np

from models.clips import clip_input, held_to_stride, last_windows, whole_clips
from models.data import Piece
from models.features import CANONICAL_PICKS, TEMPLATE, FeatureSettings, clip_features
from models.window import BodyWindow
from tests.fakes.recognizer import CARD


def piece(frames, labels=None):
    """Somebody who moves a little, all the time."""
    rng = np.random.default_rng(frames)
    joints = TEMPLATE + rng.normal(0, 0.02, (frames, 18, 3)).astype(np.float32)
    return Piece(joints, np.ones(frames, int) if labels is None else np.array(labels), 1, "set")


def test_only_clips_of_one_action_are_whole():
    one, two = piece(6), piece(6, [0, 0, 1, 1, 1, 0])
    assert whole_clips([one, two]) == [one]


def test_the_first_pose_is_held_to_the_stride():
    for frames, held in ((1, 3), (3, 1), (4, 0), (9, 3)):
        joints = piece(frames).joints_m
        found = held_to_stride(joints)
        np.testing.assert_array_equal(found[held:], joints)
        assert (found[:held] == joints[0]).all()
        assert len(found) % 4 == 0


def test_the_input_is_the_features_of_the_clip():
    made = piece(40)
    seen = np.ones((1, 40, 18), bool)
    expected = clip_features(made.joints_m[None], seen, FeatureSettings())[0]
    np.testing.assert_array_equal(clip_input(made, FeatureSettings()), expected)


def test_windows_of_short_and_long_clips_are_what_a_stream_ends_on():
    for frames in (1, 2, 47, 48, 49, 200):
        made = piece(frames)
        window = BodyWindow(CARD)
        wide = np.zeros((25, 3), np.float32)
        due = False
        for pose in held_to_stride(made.joints_m):
            wide[CANONICAL_PICKS] = pose
            due = window.push(wide.copy(), np.ones(25, np.float32))
        assert due
        np.testing.assert_array_equal(last_windows([made], CARD)[0], window.input())


def test_a_window_can_begin_anew():
    window, fresh = BodyWindow(CARD), BodyWindow(CARD)
    moved = np.random.default_rng(0).normal(0, 1, (70, 25, 3)).astype(np.float32)
    sure = np.ones(25, np.float32)
    for pose in moved[:61]:
        window.push(pose, sure)
    window.reset()
    due = [(window.push(pose, sure), fresh.push(pose, sure)) for pose in moved[61:]]
    assert [mine for mine, _ in due] == [n % 4 == 3 for n in range(9)]
    assert all(mine == other for mine, other in due)
    np.testing.assert_array_equal(window.input(), fresh.input())


def test_a_window_follows_the_stride_of_its_card():
    window = BodyWindow(msgspec.structs.replace(CARD, stride_frames=2))
    pose, sure = np.zeros((25, 3), np.float32), np.ones(25, np.float32)
    assert [window.push(pose, sure) for _ in range(4)] == [False, True, False, True]
