import pytest

from models.card import DEFAULT_MODEL
from models.evaluation.limb_changes import FROZEN, HELD, LabelledMotion
from models.evaluation.protocols import limbs
from models.evaluation.protocols.limbs import UNCHANGED, Answer, answers_of, cases_of, limb_figures
from tests.fakes.recognizer import FakeRecognizer
from tests.fakes.walkers import raising, standing, write_set


def test_every_clip_is_tried_unchanged_and_with_each_change():
    cases = cases_of([LabelledMotion(raising(), "wave")])
    assert [change for _, change in cases] == [UNCHANGED, HELD, "other", FROZEN]


def test_answers_are_by_clip_label_and_by_live_start():
    raised = standing(60)
    raised[20:50] = raising(60)[30]
    cases = [
        (LabelledMotion(raised, "raise_right"), UNCHANGED),
        (LabelledMotion(standing(60), "raise_right"), FROZEN),
        (LabelledMotion(raised, "raise_left"), HELD),
    ]
    answers = answers_of(FakeRecognizer(), cases)
    assert [(one.named, one.started) for one in answers] == [
        (True, True), (False, False), (False, False),
    ]  # fmt: skip


def test_classes_that_miss_a_target_are_counted():
    answers = [Answer("wave", HELD, True, True), Answer("wave", FROZEN, False, False)]
    answers += [Answer("squat", HELD, True, False), Answer("squat", FROZEN, True, False)]
    figures = limb_figures(answers)
    assert figures["followed"] == 1
    assert figures["followed_live"] == figures["followed_live: wave"] / 2 == 0.5
    assert figures["frozen: squat"] == 1
    assert (figures["classes_not_followed"], figures["classes_given_when_frozen"]) == (1, 1)


@pytest.mark.slow
def test_the_protocol_measures_test_people(tmp_path):
    motions = [(raising(40), "wave", 2), (raising(40, "Left"), "throw", 2), (raising(), "wave", 1)]
    write_set(tmp_path / "utd_mhad.npz", motions)
    judgement = limbs.judge(DEFAULT_MODEL, tmp_path)
    assert judgement.figures["clips"] == 2
    assert judgement.accuracy == judgement.figures["followed"]
    assert {"frozen: wave", "followed_live: throw"} <= set(judgement.figures)
    assert judgement.seen_in_training == (2, 4, 6, 8)
