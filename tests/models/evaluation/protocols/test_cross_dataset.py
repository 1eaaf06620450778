import numpy as np
import pytest

from models.evaluation.protocols.cross_dataset import (
    Ongoing,
    leading_label,
    right_labels,
    streams_by_person,
)
from models.evaluation.protocols.merged import merged_classes
from models.evaluation.shared_motions import (
    KINDER_ANSWERS,
    MSR_ANSWERS,
    PRECOG_ANSWERS,
    UTD_ANSWERS,
)
from models.features import CANONICAL_PICKS
from models.labels import KINDER, PRECOG, UTD, plain_label, possible_labels
from models.public_sets.clip_data import MSR
from models.training.recipes import RECIPES
from sensor.errors import RecordingError
from sensor.formats.recording import Recording, Span
from sensor.skeleton import KINECT_V2, Body, Frame
from tests.builders import clip_set_arrays, npz
from tests.models.test_labels import swept

SECOND = 1_000_000_000


def ongoing(*items):
    return [Ongoing(round(at * SECOND), label, p) for at, label, p in items]


SPAN = Span("Wave-your-hand", 300, 420, 10 * SECOND, 14 * SECOND)


def test_the_label_with_the_greatest_sum_of_probability_leads():
    actions = ongoing((10.5, "throw", 0.9), (11, "wave", 0.6), (12, "wave", 0.6))
    assert leading_label(SPAN, actions) == "wave"
    assert leading_label(SPAN, ongoing((11, "throw", 0.9), (12, "wave", 0.6))) == "throw"


def test_actions_outside_the_clip_do_not_count():
    actions = ongoing((9.9, "throw", 1), (11, "wave", 0.2), (14.6, "throw", 1))
    assert leading_label(SPAN, actions) == "wave"
    assert leading_label(SPAN, ongoing((9, "throw", 1))) is None


@pytest.mark.parametrize(("label", "path_m"), [("swipe_left", -0.4), ("swipe_right", 0.4)])
def test_a_swipe_is_right_in_the_direction_of_the_hand(label, path_m):
    joints_m = np.zeros((60, len(KINECT_V2.joints), 3), np.float32)
    joints_m[:, CANONICAL_PICKS] = swept("HandRight", path_m)
    confidence = np.ones(joints_m.shape[:2], np.float32)
    frames = [
        Frame(KINDER, n, n * SECOND // 30, (Body(1, *one),), KINECT_V2)
        for n, one in enumerate(zip(joints_m, confidence, strict=True))
    ]
    recording = Recording(KINDER, "clip set", KINECT_V2, tuple(frames), 30.0)
    name = "Swipe-across-an-imaginary-screen-in-front-of-you-from-left-to-right"
    span = Span(name, 0, 59, 0, 2 * SECOND)
    answers = KINDER_ANSWERS[plain_label(name)]
    assert right_labels(answers, recording, span) == {label}
    assert right_labels(KINDER_ANSWERS["punch"], recording, span) == KINDER_ANSWERS["punch"]


def test_both_directions_test_the_same_motions():
    for label in {label for right in KINDER_ANSWERS.values() for label in right}:
        assert label in UTD_ANSWERS or label in PRECOG_ANSWERS or label.startswith("side_")
    learnt = {label for name in KINDER_ANSWERS for label in possible_labels(KINDER, name)}
    for right in (*UTD_ANSWERS.values(), *PRECOG_ANSWERS.values()):
        assert right & learnt


def test_no_recipe_learns_from_its_test_set():
    assert KINDER not in RECIPES["wild"].train
    assert {UTD, PRECOG} <= set(RECIPES["wild"].train)
    assert set(RECIPES["wild-reverse"].train) == {KINDER}


def test_the_set_for_choosing_settings_is_not_learnt_from():
    assert all(MSR not in recipe.train for recipe in RECIPES.values())
    learnt = {label for name in KINDER_ANSWERS.values() for label in name}
    assert {label for right in MSR_ANSWERS.values() for label in right} & learnt


def test_a_set_of_another_rate_keeps_its_speed(tmp_path):
    for name in ("set", MSR):
        (tmp_path / f"{name}.npz").write_bytes(npz(clip_set_arrays()))
    spans = [streams_by_person(tmp_path, name)[0].spans[0] for name in ("set", MSR)]
    lengths = [span.end_ns - span.start_ns for span in spans]
    assert lengths[1] == pytest.approx(2 * lengths[0], rel=0.1)


def test_each_person_has_a_stream_of_the_chosen_motions(tmp_path):
    (tmp_path / "set.npz").write_bytes(npz(clip_set_arrays()))
    streams = streams_by_person(tmp_path, "set", motions=["wave"])
    assert {plain_label(span.label) for one in streams for span in one.spans} == {"wave"}
    people = np.unique(clip_set_arrays()["subject"])
    assert len(streams) == len(people)


def test_classes_that_are_merged_share_their_labels(tmp_path):
    (tmp_path / "kinder_gator_merged_classes.json").write_text(
        '{"Walk-in-place": "Walk-or-run", "Run-in-place": "Walk-or-run", "Bow": "Bow"}'
    )
    found = merged_classes(tmp_path)
    assert found == {
        "walk_in_place": {"walk", "jog"}, "run_in_place": {"walk", "jog"}, "bow": {"bow"},
    }  # fmt: skip


def test_the_error_names_a_missing_table(tmp_path):
    with pytest.raises(RecordingError, match="merged_classes"):
        merged_classes(tmp_path)
