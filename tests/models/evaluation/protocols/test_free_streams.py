import pytest

from models.acting_limbs import ACTING
from models.card import DEFAULT_MODEL, load_card
from models.evaluation.free_motion import (
    actions_by_person,
    between_of,
    streams_of,
    walking_streams,
)
from models.evaluation.protocols import free_streams
from models.evaluation.protocols.free_streams import MEANINGS
from models.evaluation.test_people import CMU_TEST_PEOPLE, learnt_people
from models.labels import CMU, UI_PRMD
from models.public_sets.clip_data import MSR, NW_UCLA
from tests.fakes.walkers import raising, standing, walking, write_set

WALKER, STRANGER = CMU_TEST_PEOPLE[0], -1


@pytest.fixture
def data(tmp_path):
    """A folder with small sets of the protocol's names."""
    motions = [
        (walking(90), "walk", WALKER),
        (standing(200), "wash self", WALKER),
        (walking(90), "walk", STRANGER),
    ]
    write_set(tmp_path / f"{CMU}.npz", motions)
    acts = [(raising(30), "high_arm_wave", 1), (raising(30, "Left"), "hammer", 1)]
    write_set(tmp_path / f"{MSR}.npz", acts)
    acts = [(raising(30), "throw", 4), (standing(30), "sit down", 4), (raising(1), "throw", 4)]
    write_set(tmp_path / f"{NW_UCLA}.npz", acts, view=[1, 2, 1])
    return tmp_path


def test_only_test_people_of_cmu_move_between_actions(data):
    between = between_of(data)
    assert [part.name for part in between.walks] == ["walk"]
    assert [part.name for part in between.others] == ["wash_self"]


def test_clips_have_their_real_length_a_name_and_mended_labels(data):
    (motions,) = actions_by_person(data, NW_UCLA).values()
    assert [motion.name for motion in motions] == ["throw", "stand_up"]  # one frame is left out
    assert len(motions[0].joints_m) == 59  # 15 frames a second become 30


def test_each_person_does_each_motion_in_a_stream(data):
    (stream,) = streams_of(data, MSR, between_of(data))
    names = [span.label for span in stream.spans]
    assert names.count("high_arm_wave") == names.count("hammer") == 1


def test_ten_minutes_of_walking_are_one_walk(data):
    (recording,) = walking_streams(data, seconds=20)
    assert [span.label for span in recording.spans] == ["background", "walk"]
    assert 20 < recording.duration_s < 25


def test_every_meaning_names_a_class_of_the_vocabulary():
    for meanings in MEANINGS.values():
        known = [meaning.known_to(ACTING) for meaning in meanings.values() if meaning.labels]
        assert all(meaning.labels for meaning in known)


def test_the_card_says_which_people_a_model_learnt_from():
    card = load_card(DEFAULT_MODEL)
    assert learnt_people(card, UI_PRMD) == learnt_people(card, CMU, CMU_TEST_PEOPLE) == ()


@pytest.mark.slow
def test_found_and_false_are_reported(data):
    judgement = free_streams.judge_streams(DEFAULT_MODEL, data)
    assert judgement.figures["actions"] >= 3
    assert "found: high_arm_wave" in judgement.figures
    assert "false_actions_per_hour: clap" in judgement.figures
    assert 0 <= judgement.figures["found_at_0.7"] <= 1
    assert judgement.confidences is not None
    assert judgement.seen_in_training == ()


@pytest.mark.slow
def test_starts_while_walking_are_counted(data):
    judgement = free_streams.judge_walks(DEFAULT_MODEL, data, seconds=20)
    figures = judgement.figures
    assert figures["minutes"] == pytest.approx(20 / 60, abs=0.1)
    assert judgement.accuracy == (figures["false_actions"] == 0)
    assert 0 <= figures["walking_share"] <= 1
