import numpy as np
import pytest

from models.features import JOINTS_USED
from models.labels import CMU, KINDER, UI_PRMD, UTD, merged_label, possible_labels
from tests.models.test_features import standing


def moving(joint, path):
    joints = standing(60)[0]
    joints[:, JOINTS_USED.index(joint)] += np.asarray(path, np.float32)
    return joints


def circle(turns):
    angle = np.linspace(0, 2 * np.pi * turns, 60)
    return 0.3 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)


def test_the_same_motion_in_two_sets_has_one_label():
    assert merged_label(KINDER, "Wave-your-other-hand", standing()[0]) == "wave"
    assert merged_label(UTD, "wave", standing()[0]) == "wave"
    assert possible_labels(KINDER, "Run-in-place-as-fast-as-you-can") == ("jog",)
    assert possible_labels(KINDER, "Bow") == ("bow",)


@pytest.mark.parametrize(
    ("name", "joint", "label"),
    [
        ("Punch", "HandLeft", "left_punch"),
        ("Punch", "HandRight", "right_punch"),
        ("Kick-a-ball", "AnkleRight", "front_right_kick"),
        ("Kick-a-ball-with-the-other-leg", "AnkleLeft", "front_left_kick"),
    ],
)
def test_a_side_that_the_set_does_not_name_is_found_by_the_motion(name, joint, label):
    assert merged_label(KINDER, name, moving(joint, circle(1))) == label
    assert label in possible_labels(KINDER, name)


@pytest.mark.parametrize(("turns", "label"), [(1, "draw_circle_ccw"), (-1, "draw_circle_cw")])
@pytest.mark.parametrize("hand", ["HandLeft", "HandRight"])
def test_a_circle_has_the_direction_that_the_person_sees(hand, turns, label):
    # x points to the person's right and y up, so growing angles turn counter-clockwise.
    assert merged_label(KINDER, "Draw-a-circle", moving(hand, circle(turns))) == label


def swept(hand, way_m):
    """A hand that rises, moves sideways by `way_m` metres, and is lowered again."""
    up = np.interp(np.arange(60), [0, 15, 45, 59], [0, 0.55, 0.55, 0])
    right = np.interp(np.arange(60), [0, 20, 40, 59], [0, 0, way_m, 0])
    return moving(hand, np.stack([right, up, 0 * up], axis=1))


@pytest.mark.parametrize("hand", ["HandLeft", "HandRight"])
@pytest.mark.parametrize("name", ["left-to-right", "right-to-left"])
def test_a_swipe_has_the_direction_of_the_hand_or_if_it_hardly_moves_of_its_name(name, hand):
    name = f"Swipe-across-an-imaginary-screen-in-front-of-you-from-{name}"
    named = "swipe_right" if name.endswith("right") else "swipe_left"
    for way_m, label in ((0.4, "swipe_right"), (-0.4, "swipe_left"), (0.05, named)):
        assert merged_label(KINDER, name, swept(hand, way_m)) == label
        assert label in possible_labels(KINDER, name)


def test_swipes_of_other_sets_keep_their_name():
    assert merged_label(UTD, "swipe_left", swept("HandRight", 0.4)) == "swipe_left"


def test_exercises_share_the_names_of_like_motions():
    assert merged_label(UI_PRMD, "Deep squat", standing()[0]) == "squat"
    assert possible_labels(UI_PRMD, "standing active straight leg raise") == (
        "lift_leg_to_the_front",
    )
    assert possible_labels(UI_PRMD, "sit to stand") == ("stand2sit", "sit2stand")
    with pytest.raises(ValueError, match="no single label"):
        merged_label(UI_PRMD, "sit to stand", standing()[0])


def test_free_motion_is_background_unless_it_is_a_known_action():
    assert possible_labels(CMU, "wash windows") == ("background",)
    assert possible_labels(CMU, "walk") == ("background", "walk")
    assert possible_labels(CMU, "direct traffic") == ()
