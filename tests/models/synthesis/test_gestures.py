import numpy as np
import pytest

from models.augmentation.bodies import BONE_TREE
from models.augmentation.limbs import HIPS
from models.datasets.pieces import Piece
from models.features import JOINTS_USED, TEMPLATE
from models.labels import KINDER, merged_label
from models.synthesis.gestures import GESTURES, SYNTHETIC, synthesise, synthesise_gesture
from tests.models.augmentation.test_limbs import turned

AT = {name: i for i, name in enumerate(JOINTS_USED)}
HAND, SHOULDER = AT["HandRight"], AT["ShoulderRight"]
_OTHER = {"left": "right", "right": "left"}
ARM_M = 0.46
"""Length of the template's arm from shoulder to wrist."""


def gone_m(joints_m, degrees=0):
    """The right hand relative to its shoulder: right, up, forward of the body."""
    facing = turned(joints_m, -degrees)
    return (facing[:, HAND] - facing[:, SHOULDER]) * np.array([1, 1, -1])


def many(label, degrees=0, count=20):
    """Gestures of a class on a body that is turned by `degrees`."""
    rng = np.random.default_rng(0)
    pose = turned(TEMPLATE, degrees) + np.array([0.3, 0, 2.5], np.float32)
    return [synthesise_gesture(rng, label, pose.astype(np.float32)) for _ in range(count)]


@pytest.mark.parametrize("label", GESTURES)
def test_a_gesture_starts_and_ends_in_the_pose_and_keeps_every_bone(label):
    pose = turned(TEMPLATE, 40)
    rng = np.random.default_rng(0)
    leaps = 0
    for joints in [synthesise_gesture(rng, label, pose) for _ in range(20)]:
        assert joints.dtype == np.float32
        assert np.isfinite(joints).all()
        assert 20 < len(joints) < 400
        assert np.abs(joints[[0, -1]] - pose).max() < 0.03
        leaps += np.linalg.norm(np.diff(joints, axis=0), axis=2).max() > 0.35
        for joint, parent, _, limb in BONE_TREE:
            if limb:
                bone = np.linalg.norm(joints[:, joint] - joints[:, parent], axis=1)
                own = np.linalg.norm(pose[joint] - pose[parent])
                seen = SEEN_HANDS.get(label, (1, 1)) if joint == AT["HandRight"] else (1, 1)
                assert seen[0] * own - 1e-3 < bone.min() <= bone.max() < seen[1] * own + 1e-3
    assert not leaps


SEEN_HANDS = {"point": (1, 2.2), "stop_sign": (0.4, 1.2), "come_here": (0.4, 1)}
"""Least and greatest factor of the hand's length in gestures that point or show the palm."""


@pytest.mark.parametrize(("label", "least", "most"), [("stop_sign", 19, 76), ("point", 0, 1)])
def test_a_palm_is_bent_up_and_a_finger_continues_the_forearm(label, least, most):
    for joints in many(label):
        hand = joints[:, AT["HandRight"]] - joints[:, AT["WristRight"]]
        forearm = joints[:, AT["WristRight"]] - joints[:, AT["ElbowRight"]]
        sizes = np.linalg.norm(hand, axis=1) * np.linalg.norm(forearm, axis=1)
        bent_deg = np.rad2deg(np.arccos(np.clip((hand * forearm).sum(axis=1) / sizes, -1, 1)))
        assert least < bent_deg[len(joints) // 2] + 0.1 < most


@pytest.mark.parametrize("degrees", [0, 70, 180])
@pytest.mark.parametrize(("label", "other"), [("swipe_left", "right"), ("swipe_right", "left")])
def test_a_swipe_has_its_direction_in_every_facing(degrees, label, other):
    """The class name asks for the other direction, so only the motion can decide."""
    asked = f"Swipe across an imaginary screen in front of you from {_OTHER[other]} to {other}"
    for joints in many(label, degrees):
        assert merged_label(KINDER, asked, joints) == label
        gone = gone_m(joints, degrees)
        right = gone[gone[:, 1] > -0.6 * ARM_M, 0]  # while the hand is raised
        first, last = sorted((int(right.argmin()), int(right.argmax())))
        assert (1 if label == "swipe_right" else -1) * (right[last] - right[first]) > 0.15


@pytest.mark.parametrize("label", ["draw_circle_cw", "draw_circle_ccw"])
def test_a_circle_has_the_direction_of_its_label(label):
    told = [merged_label(KINDER, "Draw-a-circle", joints) for joints in many(label)]
    assert np.mean([one == label for one in told]) > 0.9


def test_a_punch_reaches_forward_a_raised_hand_up_and_an_arm_to_the_side():
    for label, axis in (("right_punch", 2), ("raise_hand", 1), ("raise_arm_to_the_side", 0)):
        for joints in many(label):
            assert gone_m(joints)[:, axis].max() > 0.7 * ARM_M


def test_fists_box_in_turn_and_hands_clap_together():
    for joints in many("boxing"):
        out = -(joints[:, [HAND, AT["HandLeft"]], 2] - joints[:, [SHOULDER], 2]) / ARM_M
        assert (out.max(axis=0) > 0.6).all()  # each moves forward
        assert not (out > 0.9 * out.max(axis=0)).all(axis=1).any()  # but not both at once
    for joints in many("clap"):
        apart = np.linalg.norm(joints[:, HAND] - joints[:, AT["HandLeft"]], axis=1)
        assert apart.min() < 0.15
        assert apart.max() > 0.3


def test_boxing_is_a_punch_in_a_vocabulary_without_boxing():
    pose = [Piece(np.repeat(TEMPLATE[None], 40, axis=0), np.full(40, 1), 3, "toy")]
    both = synthesise(pose, ["background", "right_punch", "boxing"], 0)
    alone = synthesise(pose, ["background", "right_punch"], 0)
    assert len(alone) == len(both)
    assert {int(one.labels[0]) for one in alone} == {1}


@pytest.mark.parametrize(
    ("label", "axis"),
    [("raise_knee", 1), ("lift_leg_to_the_side", 0), ("front_right_kick", 2)],
)
def test_a_leg_moves_up_sideways_or_forward_and_the_other_one_stands(label, axis):
    for joints in many(label):
        ankle = joints[:, AT["AnkleRight"]] * np.array([1, 1, -1])
        assert np.ptp((ankle - joints[:, AT["HipRight"]] * np.array([1, 1, -1]))[:, axis]) > 0.1
        stands = joints[:, AT["AnkleLeft"]] - joints[:, AT["HipLeft"]]
        assert np.ptp(stands, axis=0).max() < 1e-5
        hangs = joints[:, AT["HandRight"]] - joints[:, AT["ShoulderRight"]]
        assert np.ptp(hangs, axis=0).max() < 1e-5
        knee = joints[:, AT["KneeRight"]] - joints[:, AT["HipRight"]]
        assert (-knee[:, 2] > -0.35).all()


def test_a_throw_turns_the_trunk_at_least_as_far_as_the_hips():
    turned_deg = []
    for joints in many("throw"):
        np.testing.assert_allclose(np.ptp(joints[:, HIPS].mean(axis=1), axis=0), 0, atol=1e-5)
        across = [
            joints[:, AT[f"{j}Right"]] - joints[:, AT[f"{j}Left"]] for j in ("Shoulder", "Hip")
        ]
        angle = [np.ptp(np.rad2deg(np.arctan2(a[:, 2], a[:, 0]))) for a in across]
        assert angle[1] < angle[0] + 0.1
        turned_deg.append(angle)
    assert (np.max(turned_deg, axis=0) > (40, 20)).all()


def test_gestures_are_made_for_each_person_and_each_label():
    labels = ["background", "squat", "wave", "draw_x"]
    pieces = [
        Piece(np.repeat(TEMPLATE[None] * size, 40, axis=0), np.full(40, 1), who, "toy")
        for who, size in ((3, 1.0), (5, 0.8))
    ]
    found, again = synthesise(pieces, labels, 0), synthesise(pieces, labels, 0)
    assert {one.data_set for one in found} == {SYNTHETIC}
    assert {one.subject for one in found} == {0, 1}
    assert {int(label) for one in found for label in one.labels} == {1, 2, 3}
    assert all(np.array_equal(a.joints_m, b.joints_m) for a, b in zip(found, again, strict=True))
    assert synthesise(pieces, ["background", "bowling"], 0) == []
