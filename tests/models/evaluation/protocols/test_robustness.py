import numpy as np
import pytest

from models.card import DEFAULT_MODEL, load_card
from models.evaluation.clip_runs import Clips, Motion
from models.evaluation.perturbations import LOST, PERTURBATIONS
from models.evaluation.protocols import early, robustness
from models.evaluation.protocols.robustness import expected, perturbed
from models.mirroring import Mirror
from tests.builders import clip_set_arrays, npz, wave


@pytest.fixture
def data(tmp_path):
    """A folder with a small clip set of two people, with labels of the shipped model."""
    arrays = clip_set_arrays()
    arrays["names"] = np.array(load_card(DEFAULT_MODEL).labels[1:3])
    (tmp_path / "utd_mhad.npz").write_bytes(npz(arrays))
    return tmp_path


def test_a_loss_is_the_difference_to_the_clean_accuracy(data):
    judgement = robustness.judge(DEFAULT_MODEL, data)
    assert judgement.figures["clips"] == 2
    lost = [judgement.figures[LOST + one.name] for one in PERTURBATIONS]
    assert max(lost) <= judgement.figures["clean"]
    assert 0 <= judgement.accuracy <= 1
    assert set(judgement.figures) == set(robustness.PROTOCOLS[0].figures_help)


def test_beginnings_are_judged_at_each_cut(data):
    judgement = early.judge(DEFAULT_MODEL, data)
    assert judgement.accuracy == judgement.figures["seen_50"]
    assert all(
        judgement.figures[f"seen_{p}_named"] >= judgement.figures[f"seen_{p}"] for p in (25, 100)
    )


@pytest.mark.slow
def test_people_seen_in_training_are_listed(data):
    assert robustness.judge(DEFAULT_MODEL, data).seen_in_training == (2, 4, 6, 8)


def test_names_of_perturbations_are_unique():
    assert len({one.name for one in PERTURBATIONS}) == len(PERTURBATIONS)


def test_random_draws_depend_only_on_name_and_clip():
    joints = wave(20)
    motion = Motion(joints, np.ones(joints.shape[:2], bool), np.arange(20) / 30)
    clips = Clips((motion, motion), np.array([1, 1]))
    (noise,) = (one for one in PERTURBATIONS if one.name == "noise_3_cm")
    first, second = perturbed(clips, noise)
    again, _ = perturbed(clips, noise)
    np.testing.assert_array_equal(first.joints_m, again.joints_m)
    assert np.abs(first.joints_m - second.joints_m).max() > 0.01


def test_sided_labels_are_mirrored_with_the_body():
    labels = ["background", "swipe_left", "swipe_right", "clap"]
    mirror = Mirror.of(labels)
    truth = np.array([1, 2, 3])
    mirrored = PERTURBATIONS[-1]
    assert mirrored.name == "mirrored"
    assert expected(truth, mirrored, mirror).tolist() == [2, 1, 3]
    assert expected(truth, PERTURBATIONS[0], mirror).tolist() == [1, 2, 3]
