import numpy as np

from models.datasets.active_span import active_span
from models.features import JOINTS_USED
from tests.models.test_features import standing

HAND, OTHER = JOINTS_USED.index("HandRight"), JOINTS_USED.index("HandLeft")


def raised(joints, hand, start, end):
    joints[start:end, hand, 1] += 0.8 * np.sin(np.linspace(0, np.pi, end - start)) ** 0.5
    return joints


def test_rests_at_both_ends_are_left_out():
    start, end = active_span(raised(standing(150)[0], HAND, 50, 100))
    assert 40 <= start <= 53
    assert 97 <= end <= 110


def test_arms_spread_in_the_first_frame_are_preparation():
    joints = raised(standing(150)[0], HAND, 70, 120)
    joints[:30, OTHER, 0] -= np.linspace(0.5, 0, 30, dtype=np.float32)
    joints[:30, HAND, 0] += np.linspace(0.5, 0, 30, dtype=np.float32)
    start, _ = active_span(joints)
    assert 60 <= start <= 73


def test_a_pause_inside_an_action_is_part_of_it():
    joints = raised(raised(standing(150)[0], HAND, 40, 70), HAND, 80, 120)
    start, end = active_span(joints)
    assert start <= 43
    assert end >= 117


def test_an_action_from_the_first_frame_to_the_last_is_kept():
    joints = standing(90)[0]
    joints[:, HAND, 1] += 0.3 + 0.3 * np.sin(np.linspace(0, 40, 90))
    start, end = active_span(joints)
    assert start < 15
    assert end == 90
    assert active_span(standing(40)[0]) == (0, 40)


def test_arms_lowered_just_before_the_action_are_left_out():
    joints = standing(150)[0]
    spread = np.interp(np.arange(150), [0, 40, 100, 105], [0.7, 0.25, 0.25, 0]).astype(np.float32)
    joints[:, OTHER, 0] -= spread
    joints[:, HAND, 0] += spread
    start, end = active_span(raised(joints, HAND, 42, 100))
    assert 30 <= start <= 45
    assert 97 <= end <= 110


def test_small_steps_on_the_spot_are_found_after_the_arms_are_lowered():
    joints = standing(200)[0]
    joints[:40, HAND, 0] += np.linspace(0.6, 0, 40, dtype=np.float32)
    steps = 0.12 * np.maximum(np.sin(np.linspace(0, 30, 120)), 0).astype(np.float32)
    joints[60:180, JOINTS_USED.index("KneeLeft"), 2] -= steps
    start, end = active_span(joints)
    assert 50 <= start <= 75
    assert 150 <= end <= 190


def test_a_bent_body_is_active_while_bent():
    joints = standing(180)[0]
    hips = joints[0, JOINTS_USED.index("HipLeft"), 1]
    bent = np.interp(np.arange(180), [50, 80, 110, 140], [0, 1, 1, 0]).astype(np.float32)[:, None]
    upper = [i for i, name in enumerate(JOINTS_USED) if "Hip" not in name and i < 10]
    height = joints[:, upper, 1] - hips
    joints[:, upper, 2] -= bent * 0.8 * np.maximum(height, 0.2)
    joints[:, upper, 1] -= bent * (0.8 * np.maximum(height, 0) + 0.2)
    start, end = active_span(joints)
    assert 40 <= start <= 70
    assert 125 <= end <= 150


def test_lowered_hands_are_the_action_if_nothing_follows():
    joints = standing(200)[0]
    joints[:, HAND, 1] += np.interp(np.arange(200), [0, 60, 80], [0.7, 0.7, 0]).astype(np.float32)
    sway = 0.02 * np.sin(np.linspace(0, 6, 50)).astype(np.float32)
    joints[120:170, JOINTS_USED.index("Head"), 0] += sway
    start, end = active_span(joints)
    assert start == 0
    assert 70 <= end <= 90
