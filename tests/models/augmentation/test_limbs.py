import numpy as np
import pytest

from models.augmentation.free_limbs import Donors
from models.augmentation.limbs import (
    GROUPS,
    bone_lengths,
    free_groups,
    place_at,
    scale_bones,
    transplant_limbs,
)
from models.augmentation.settings import Variation
from models.datasets.pieces import Piece
from models.features import JOINTS_USED, TEMPLATE

AT = {name: i for i, name in enumerate(JOINTS_USED)}
LEFT_ARM, RIGHT_ARM, LEGS = range(3)


def standing(frames=60):
    return np.repeat(TEMPLATE[None], frames, axis=0)


def swinging(*joints, by_m=0.4, times=3):
    """A person who stands and swings these joints from side to side."""
    body = standing()
    for joint in joints:
        body[:, AT[joint], 0] += by_m * np.sin(np.linspace(0, 2 * np.pi * times, len(body)))
    return body


def turned(joints_m, degrees):
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return (joints_m @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])).astype(np.float32)


def lengths_m(joints_m, side="Left"):
    chain = [AT[f"{joint}{side}"] for joint in ("Shoulder", "Elbow", "Wrist", "Hand")]
    return np.linalg.norm(np.diff(joints_m[:, chain], axis=1), axis=2)


@pytest.mark.parametrize(
    ("moved", "label", "free"),
    [
        (("WristRight", "HandRight"), "wave", [LEFT_ARM, LEGS]),
        (("AnkleRight", "FootRight"), "front_right_kick", [LEFT_ARM, RIGHT_ARM]),
        (("WristLeft", "WristRight"), "clap", [LEGS]),
        (("WristLeft", "WristRight"), "left_punch", [RIGHT_ARM, LEGS]),
        (("WristLeft", "WristRight", "AnkleLeft"), "jog", [LEFT_ARM, RIGHT_ARM]),
        (("WristLeft", "WristRight", "AnkleLeft"), "own dance", []),
        (("WristRight", "HandRight"), "own sign", [LEFT_ARM, LEGS]),
    ],
)
def test_limbs_without_a_part_in_the_action_are_free(moved, label, free):
    assert free_groups(swinging(*moved), label) == free


@pytest.mark.parametrize("degrees", [0, 70])
def test_a_transplanted_arm_keeps_the_bones_and_the_shoulder_of_the_body(degrees):
    body = swinging("AnkleRight")
    other = turned(swinging("WristLeft", "HandLeft") * 1.3, degrees)
    made = transplant_limbs(body, other[::2], GROUPS[LEFT_ARM])
    arm = [AT[f"{joint}Left"] for joint in ("Elbow", "Wrist", "Hand")]
    rest = np.setdiff1d(np.arange(18), arm)
    np.testing.assert_array_equal(made[:, rest], body[:, rest])
    np.testing.assert_allclose(lengths_m(made).mean(0), lengths_m(body).mean(0), rtol=1e-3)
    along = made[:, AT["WristLeft"], 0] - made[:, AT["ElbowLeft"], 0]
    theirs = swinging("WristLeft")[:, AT["WristLeft"], 0] - TEMPLATE[AT["ElbowLeft"], 0]
    assert np.corrcoef(along, theirs)[0, 1] > 0.95  # the same motion, relative to the body


def test_an_arm_of_the_other_side_is_mirrored():
    other = swinging("WristRight", "HandRight")
    made = transplant_limbs(standing(), other, GROUPS[LEFT_ARM], mirrored=True)
    wrist = made[:, AT["WristLeft"], 0] - made[:, AT["ElbowLeft"], 0]
    theirs = other[:, AT["WristRight"], 0] - other[:, AT["ElbowRight"], 0]
    assert np.corrcoef(wrist, theirs)[0, 1] < -0.95


def test_donors_are_actions_in_which_the_limb_is_free():
    labels = ["background", "wave", "front_right_kick"]
    waves, kicks = swinging("WristRight", "HandRight"), swinging("AnkleRight", "FootRight")
    donors = Donors.of(
        [Piece(waves, np.full(60, 1), 1, "a"), Piece(kicks, np.full(60, 2), 1, "b")], labels
    )
    assert [len(motions) for motions in donors.free] == [2, 1, 1]
    made = donors.exchange(np.random.default_rng(0), kicks, [], Variation())
    np.testing.assert_array_equal(made, kicks)


def test_bones_are_scaled_to_those_of_another_body():
    small, large = standing() * np.float32(0.8), standing()
    bones = [bone_lengths([Piece(body, np.ones(60), 1, "a")]) for body in (small, large)]
    made = scale_bones(small, bones[1] / bones[0])
    np.testing.assert_allclose(made, large, atol=1e-5)


def test_a_motion_is_placed_where_a_body_stands():
    pose = TEMPLATE + np.float32((0.5, 0.3, 2.0))
    made = place_at(standing() * np.float32(0.9), pose)
    assert made[0, AT["FootLeft"], 1] == pytest.approx(pose[AT["FootLeft"], 1], abs=1e-5)
    hips = [AT["HipLeft"], AT["HipRight"]]
    np.testing.assert_allclose(made[0, hips].mean(0)[[0, 2]], pose[hips].mean(0)[[0, 2]], atol=1e-5)
