import numpy as np

from models.acting_limbs import ACTING, LEGS, RIGHT_ARM
from models.datasets.pieces import Piece
from models.evaluation.attribution.distractors import DRAWS, Distractors
from models.evaluation.attribution.limbs import CERTAIN, acting_joints, joints_of
from models.evaluation.attribution.samples import actions_of, ending_with_actions
from models.evaluation.limb_changes import LabelledMotion
from models.features import JOINT, JOINTS_USED
from models.labels import UTD
from tests.fakes.walkers import raising, standing, walking


def piece(joints_m, label=1):
    return Piece(joints_m, np.full(len(joints_m), label), 2, UTD)


def motions(*pairs):
    return [LabelledMotion(joints_m, label) for joints_m, label in pairs]


def test_legs_move_under_an_arm_action():
    clip = piece(raising(60))
    distractors = Distractors(motions((walking(40), "walk"), (standing(40), "jog")))
    changed, origin = distractors.graft([clip], ["wave"], np.random.default_rng(0))
    assert origin.tolist() == [0] * DRAWS
    legs = joints_of([LEGS])
    for one in changed:
        assert np.ptp(one.joints_m[:, JOINT["AnkleLeft"]], axis=0).max() > 0.3
        np.testing.assert_array_equal(one.joints_m[:, ~legs], clip.joints_m[:, ~legs])


def test_arms_move_above_a_leg_action():
    both = raising(60) + raising(60, "Left") - standing(60)
    distractors = Distractors(motions((both, "clap"), (walking(), "walk")))
    pieces = [piece(walking(60)), piece(standing(60))]
    changed, origin = distractors.graft(
        pieces, ["front_right_kick", "jumping_jack"], np.random.default_rng(0)
    )
    assert origin.tolist() == [0] * DRAWS
    hand = [JOINT["HandLeft"], JOINT["ShoulderLeft"]]
    assert np.ptp(np.diff(changed[0].joints_m[:, hand, 1], axis=1)) > 0.5


def test_nothing_is_grafted_without_a_donor():
    distractors = Distractors(motions((raising(), "wave"), (standing(), "an own label")))
    assert distractors.graft([piece(raising())], ["wave"], np.random.default_rng(0))[0] == []


def test_the_last_action_of_a_piece_is_a_donor():
    recording = Piece(standing(50), np.repeat([1, 0, 2], [10, 25, 15]), 7, "any")
    (action,) = actions_of([recording], ["background", "wave", "clap"])
    assert (len(action.joints_m), action.label) == (15, "clap")


def test_acting_joints_are_those_of_the_acting_limb():
    (mask,) = acting_joints([piece(raising())], ["wave"])
    np.testing.assert_array_equal(mask, joints_of([RIGHT_ARM]))
    names = [JOINTS_USED[i] for i in np.flatnonzero(mask)]
    assert names == ["ShoulderRight", "ElbowRight", "WristRight", "HandRight"]
    assert set(ACTING) >= CERTAIN


def test_a_recording_is_cut_at_the_end_of_each_action():
    labels = np.repeat([0, 1, 0, 2], [10, 20, 5, 15])
    recording = Piece(standing(50), labels, 7, "any")
    cuts = ending_with_actions(recording, ["background", "wave", "clap"])
    assert [(len(cut.joints_m), cut.labels[-1]) for cut in cuts] == [(30, 1), (50, 2)]
