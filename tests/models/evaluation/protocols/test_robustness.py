import numpy as np
import pytest

from models.card import DEFAULT_MODEL, load_card
from models.evaluation.clip_runs import Clips, Motion
from models.evaluation.perturbations import LOST, TROUBLES
from models.evaluation.protocols import early as partial
from models.evaluation.protocols import robustness
from models.evaluation.protocols.robustness import changed, expected
from models.mirroring import Mirror
from tests.builders import clip_set_arrays, npz, wave


@pytest.fixture
def data(tmp_path):
    """A folder with a small clip set of two people, in the shipped model's words."""
    arrays = clip_set_arrays()
    arrays["names"] = np.array(load_card(DEFAULT_MODEL).labels[1:3])
    (tmp_path / "utd_mhad.npz").write_bytes(npz(arrays))
    return tmp_path


def test_every_trouble_costs_the_difference_to_clean(data):
    judged = robustness.judge(DEFAULT_MODEL, data)
    assert judged.figures["clips"] == 2
    lost = [judged.figures[LOST + trouble.name] for trouble in TROUBLES]
    assert max(lost) <= judged.figures["clean"]
    assert 0 <= judged.accuracy <= 1
    assert set(judged.figures) == set(robustness.PROTOCOLS[0].figures_help)


def test_beginnings_are_judged_where_they_are_cut(data):
    judged = partial.judge(DEFAULT_MODEL, data)
    assert judged.accuracy == judged.figures["seen_50"]
    assert all(judged.figures[f"seen_{p}_named"] >= judged.figures[f"seen_{p}"] for p in (25, 100))


def test_people_the_shipped_model_knows_are_told(data):
    assert robustness.judge(DEFAULT_MODEL, data).seen_in_training == (2, 4, 6, 8)


def test_names_of_troubles_are_unique():
    assert len({trouble.name for trouble in TROUBLES}) == len(TROUBLES)


def test_what_is_drawn_depends_on_name_and_clip_alone():
    joints = wave(20)
    motion = Motion(joints, np.ones(joints.shape[:2], bool), np.arange(20) / 30)
    clips = Clips((motion, motion), np.array([1, 1]))
    (noise,) = (t for t in TROUBLES if t.name == "noise_3_cm")
    first, second = changed(clips, noise)
    again, _ = changed(clips, noise)
    np.testing.assert_array_equal(first.joints_m, again.joints_m)
    assert np.abs(first.joints_m - second.joints_m).max() > 0.01


def test_sided_labels_are_mirrored_with_the_body():
    labels = ["background", "swipe_left", "swipe_right", "clap"]
    mirror = Mirror.of(labels)
    truth = np.array([1, 2, 3])
    last = TROUBLES[-1]
    assert last.name == "mirrored"
    assert expected(truth, last, mirror).tolist() == [2, 1, 3]
    assert expected(truth, TROUBLES[0], mirror).tolist() == [1, 2, 3]
