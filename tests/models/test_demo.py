import numpy as np
import pytest

from models.card import EXEMPLARS_FILE
from models.data import Piece
from models.demo import NOTE, demo_recording
from models.exemplars import Exemplars, actions_in, save_exemplars
from models.features import CANONICAL_PICKS, TEMPLATE
from sensor.skeleton import KINECT_V2

LABELS = ("wave", "squat", "clap", "throw")


@pytest.fixture
def exemplars():
    clip = np.zeros((40, 25, 3), np.float32)
    clip[:, CANONICAL_PICKS] = TEMPLATE
    confidence = np.zeros(25, np.float32)
    confidence[CANONICAL_PICKS] = 1
    return Exemplars(LABELS, (clip,) * len(LABELS), confidence, 30.0)


def test_the_same_seed_gives_the_same_frames(exemplars):
    one, again, other = (demo_recording(exemplars, seed) for seed in (3, 3, 4))
    for a, b in zip(one.frames, again.frames, strict=True):
        assert (a.captured_ns, a.truth, len(a.bodies)) == (b.captured_ns, b.truth, len(b.bodies))
        for x, y in zip(a.bodies, b.bodies, strict=True):
            np.testing.assert_array_equal(x.joints_m, y.joints_m)
    first, differs = one.frames[0].bodies[0], other.frames[0].bodies[0]
    assert not np.array_equal(first.joints_m, differs.joints_m)


def test_every_action_is_played_once_and_the_opening_comes_first(exemplars):
    truths = [frame.truth for frame in demo_recording(exemplars).frames]
    began = [t for before, t in zip([None, *truths], truths, strict=False) if t and t != before]
    assert began[:3] == ["wave", "squat", "clap"]
    assert sorted(began) == sorted(LABELS)


def test_people_stand_apart_and_keep_their_ids(exemplars):
    frames = demo_recording(exemplars, people=2).frames
    hips = KINECT_V2.index["HipLeft"]
    for frame in frames:
        assert len({body.id for body in frame.bodies}) == len(frame.bodies)
        if len(frame.bodies) == 2:
            a, b = (body.joints_m[hips] for body in frame.bodies)
            assert abs(a[0] - b[0]) > 0.7


def test_a_person_faces_the_camera_unmirrored(exemplars):
    body = demo_recording(exemplars).frames[0].bodies[0]
    at = {name: body.joints_m[i] for name, i in KINECT_V2.index.items()}
    assert at["ShoulderLeft"][0] < at["ShoulderRight"][0]
    assert at["Head"][1] > at["HipLeft"][1] > at["FootLeft"][1]


def test_the_note_says_that_it_is_no_recording():
    assert "not a recording" in NOTE


def test_exemplars_are_kept_small_and_without_pickle(tmp_path):
    path = save_exemplars(LABELS, [np.tile(TEMPLATE, (40, 1, 1))] * 4, tmp_path)
    assert path.name == EXEMPLARS_FILE
    with np.load(path, allow_pickle=False) as data:
        assert list(data["labels"]) == list(LABELS)
        assert data["joints_m"].shape == (160, 18, 3)


def test_actions_are_the_stretches_of_one_class():
    labels = np.array([0] * 20 + [2] * 15 + [0] * 5 + [2] * 3 + [1] * 20)
    piece = Piece(np.zeros((len(labels), 18, 3), np.float32), labels, 1, "set")
    assert [len(motion) for motion in actions_in([piece], 2)] == [15]
    assert [len(motion) for motion in actions_in([piece], 1)] == [20]
