import numpy as np
import pytest

from models.card import EXEMPLARS_FILE, save_card
from models.datasets.pieces import Piece
from models.errors import ModelError
from models.features import CANONICAL_PICKS, TEMPLATE
from models.gallery.averaging import actions_in, save_exemplars
from models.gallery.demo_source import NOTE, demo_factory, demo_recording
from models.gallery.exemplars import Exemplars
from sensor.cameras import open_source
from sensor.errors import SourceUriError
from sensor.skeleton import KINECT_V2
from tests.fakes.recognizer import CARD

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


def test_people_rest_for_half_a_second_between_actions(exemplars):
    truths = [frame.truth for frame in demo_recording(exemplars).frames]
    wave_end = len(truths) - 1 - truths[::-1].index("wave")
    squat_start = truths.index("squat")
    assert 0.4 < (squat_start - wave_end) / 30 < 0.7
    assert 1.4 < truths.index("wave") / 30 < 1.8  # a new person stands still first


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


def test_exemplars_are_stored_without_pickle(tmp_path):
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


def open_demo(folder, text):
    return open_source(text, {"demo": demo_factory(folder)})


def test_the_demo_plays_the_exemplars_of_a_model(tmp_path):
    save_card(CARD, tmp_path)
    save_exemplars(CARD.labels[1:], [np.tile(TEMPLATE, (40, 1, 1))] * 2, tmp_path)
    source = open_demo(tmp_path, "demo:?pace=max&loop=false&name=hall")
    assert (source.name, source.kind, source.note, source.lossless) == ("hall", "demo", NOTE, True)
    truths = {frame.truth for frame in source.frames()}
    assert truths == {None, *CARD.labels[1:]}
    pair = list(open_demo(tmp_path, "demo:?people=2&pace=max&loop=false").frames())
    assert max(len(frame.bodies) for frame in pair) == 2
    assert {frame.truth for frame in pair} == {None}  # a frame has only one truth


@pytest.mark.parametrize("query", ["people=5", "people=no", "colour=red", "rest=-1", "loop=maybe"])
def test_a_wrong_option_is_named(tmp_path, query):
    save_card(CARD, tmp_path)
    save_exemplars(CARD.labels[1:], [np.tile(TEMPLATE, (40, 1, 1))] * 2, tmp_path)
    with pytest.raises(SourceUriError, match=query.split("=")[0]):
        open_demo(tmp_path, f"demo:?{query}")


def test_a_model_without_exemplars_has_no_demo(tmp_path):
    save_card(CARD, tmp_path)
    with pytest.raises(ModelError, match="has no exemplars to play"):
        open_demo(tmp_path, "demo:")
