import numpy as np
import pytest

from models.datasets.active_span import moving_span
from models.datasets.clip_labels import label_clip
from models.datasets.room_motion import jump_spans, kick_span, seat_spans, walking_spans
from models.features import JOINT, TEMPLATE
from models.labels import CMU, UI_PRMD


def body(path_m):
    """A body that keeps its pose and follows a path (T, 3)."""
    return np.asarray(TEMPLATE + np.asarray(path_m, np.float32)[:, None], np.float32)


def way(frames, to_m):
    """Stand for 30 frames, walk `to_m` metres away in `frames` frames, stand for 30 frames."""
    out = np.zeros((frames + 60, 3))
    out[:, 2] = np.interp(np.arange(frames + 60), [30, frames + 30], [0, to_m])
    return out


def test_a_person_walks_while_the_hips_travel_over_the_floor():
    ((start, end),) = walking_spans(body(way(90, 3.0)))
    assert abs(start - 30) < 8 and abs(end - 120) < 8
    assert walking_spans(body(way(90, 0.3))) == []  # 0.1 m/s is a shift of weight


def test_a_person_who_climbs_does_not_walk():
    path = way(90, 3.0)
    path[:60, 1] = 0.6
    ((start, end),) = walking_spans(body(path), climbs=True)
    assert start == 60 and end > 110


def test_a_short_stop_does_not_end_a_walk():
    path = np.zeros((120, 3))
    path[:, 0] = np.interp(np.arange(120), [0, 55, 66, 119], [0, 2, 2, 4])
    assert walking_spans(body(path)) == [(0, 120)]


def test_a_jump_begins_before_the_feet_leave_the_floor_and_ends_after_they_land():
    path = np.zeros((90, 3))
    path[40:52, 1] = 0.3
    assert jump_spans(body(path)) == [(31, 61)]


def test_a_kick_is_around_the_fastest_moment_of_a_foot():
    joints = body(np.zeros((90, 3)))
    joints[:, JOINT["AnkleRight"], 2] += np.interp(np.arange(90), [50, 54], [0, 0.8])
    start, end = kick_span(joints)
    assert start < 50 < 54 < end and end - start < 40
    assert label_clip(CMU, "soccer kick", joints) == (
        (start, end),
        [((start, end), "front_right_kick")],
    )


def seated(frames=110):
    """A person who stands, sits down at frames 20 to 45, and gets up at frames 65 to 90."""
    joints = body(np.zeros((frames, 3)))
    down_m = np.interp(np.arange(frames), [20, 45, 65, 90], [0, 0.4, 0.4, 0])
    above = [at for name, at in JOINT.items() if not name.startswith(("Ankle", "Foot", "Knee"))]
    joints[:, above, 1] -= down_m[:, None]
    return joints


def test_sitting_down_and_getting_up_are_two_actions():
    (down, up), (start, end) = seat_spans(seated())
    assert 15 < down < 30 and up <= start
    assert 40 < up < 60 and 50 < start < 66 and 80 < end < 95
    kept, labels = label_clip(UI_PRMD, "sit to stand", seated())
    assert kept == (0, 110) and [label for _, label in labels] == ["stand2sit", "sit2stand"]


def test_the_poses_held_at_both_ends_are_not_part_of_an_exercise():
    joints = body(np.zeros((100, 3)))
    wrist = [JOINT["WristLeft"], JOINT["HandLeft"]]
    joints[:, wrist, 1] += 0.5  # an arm that is raised all the time
    joints[30:70, wrist, 0] -= 0.5 * np.sin(np.linspace(0, np.pi, 40))[:, None]
    start, end = moving_span(joints)
    assert 25 <= start < 45 and 55 < end <= 75
    assert moving_span(body(np.zeros((40, 3)))) == (0, 40)


@pytest.mark.parametrize(
    ("data_set", "name", "label"),
    [(CMU, "dance", "background"), (CMU, "run", "jog"), (UI_PRMD, "deep squat", "squat")],
)
def test_other_clips_have_one_label(data_set, name, label):
    _, labels = label_clip(data_set, name, seated())
    assert [found for _, found in labels] == [label]
