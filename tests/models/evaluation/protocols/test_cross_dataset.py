import numpy as np
import pytest

from models.evaluation.protocols.cross_dataset import (
    Going,
    leading_label,
    right_labels,
    streams_by_person,
)
from models.evaluation.protocols.merged import merged_classes
from models.evaluation.protocols.shared_motions import (
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


def going(*items):
    return [Going(round(at * SECOND), label, sure) for at, label, sure in items]


SPAN = Span("Wave-your-hand", 300, 420, 10 * SECOND, 14 * SECOND)


def test_the_label_that_goes_on_longest_and_surest_leads():
    said = going((10.5, "throw", 0.9), (11, "wave", 0.6), (12, "wave", 0.6))
    assert leading_label(SPAN, said) == "wave"
    assert leading_label(SPAN, going((11, "throw", 0.9), (12, "wave", 0.6))) == "throw"


def test_what_goes_on_outside_the_clip_does_not_count():
    said = going((9.9, "throw", 1), (11, "wave", 0.2), (14.6, "throw", 1))
    assert leading_label(SPAN, said) == "wave"
    assert leading_label(SPAN, going((9, "throw", 1))) is None


@pytest.mark.parametrize(("label", "way_m"), [("swipe_left", -0.4), ("swipe_right", 0.4)])
def test_of_swipes_that_one_is_right_which_the_hand_shows(label, way_m):
    joints_m = np.zeros((60, len(KINECT_V2.joints), 3), np.float32)
    joints_m[:, CANONICAL_PICKS] = swept("HandRight", way_m)
    sure = np.ones(joints_m.shape[:2], np.float32)
    frames = [
        Frame(KINDER, n, n * SECOND // 30, (Body(1, *one),), KINECT_V2)
        for n, one in enumerate(zip(joints_m, sure, strict=True))
    ]
    recording = Recording(KINDER, "clip set", KINECT_V2, tuple(frames), 30.0)
    name = "Swipe-across-an-imaginary-screen-in-front-of-you-from-left-to-right"
    span = Span(name, 0, 59, 0, 2 * SECOND)
    answers = KINDER_ANSWERS[plain_label(name)]
    assert right_labels(answers, recording, span) == {label}
    assert right_labels(KINDER_ANSWERS["punch"], recording, span) == KINDER_ANSWERS["punch"]


def test_both_ways_ask_for_the_same_motions():
    for label in {label for right in KINDER_ANSWERS.values() for label in right}:
        assert label in UTD_ANSWERS or label in PRECOG_ANSWERS or label.startswith("side_")
    learnt = {label for name in KINDER_ANSWERS for label in possible_labels(KINDER, name)}
    for right in (*UTD_ANSWERS.values(), *PRECOG_ANSWERS.values()):
        assert right & learnt


def test_nothing_of_the_unseen_set_is_learnt_from():
    assert set(RECIPES["wild"].train) == {UTD, PRECOG}
    assert set(RECIPES["wild-reverse"].train) == {KINDER}


def test_what_settings_are_chosen_on_is_neither_learnt_from_nor_the_test():
    assert all(MSR not in recipe.train for recipe in RECIPES.values())
    learnt = {label for name in KINDER_ANSWERS.values() for label in name}
    assert {label for right in MSR_ANSWERS.values() for label in right} & learnt


def test_a_set_of_another_rate_goes_at_its_own_pace(tmp_path):
    for name in ("set", MSR):
        (tmp_path / f"{name}.npz").write_bytes(npz(clip_set_arrays()))
    spans = [streams_by_person(tmp_path, name)[0].spans[0] for name in ("set", MSR)]
    lengths = [span.end_ns - span.start_ns for span in spans]
    assert lengths[1] == pytest.approx(2 * lengths[0], rel=0.1)


def test_each_person_gets_a_stream_of_the_motions_asked_for(tmp_path):
    (tmp_path / "set.npz").write_bytes(npz(clip_set_arrays()))
    streams = streams_by_person(tmp_path, "set", motions=["wave"])
    assert {plain_label(span.label) for one in streams for span in one.spans} == {"wave"}
    people = np.unique(clip_set_arrays()["subject"])
    assert len(streams) == len(people)


def test_merged_classes_join_the_labels_of_their_motions(tmp_path):
    (tmp_path / "kinder_gator_merged_classes.json").write_text(
        '{"Walk-in-place": "Walk-or-run", "Run-in-place": "Walk-or-run", "Bow": "Bow"}'
    )
    found = merged_classes(tmp_path)
    assert found == {
        "walk_in_place": {"walk", "jog"}, "run_in_place": {"walk", "jog"}, "bow": {"bow"},
    }  # fmt: skip


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(RecordingError, match="merged_classes"):
        merged_classes(tmp_path)
