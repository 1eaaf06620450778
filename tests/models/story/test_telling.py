"""The rules of a story, on movements and splits that are given."""

import numpy as np
import pytest

from models.features import JOINT
from models.story.action_reading import Split
from models.story.movements import Movement, _without_halves
from models.story.telling import Told, tell

TIMES_S = np.arange(120) / 30


def split(**shares):
    """A split whose positive relevance is divided so; the rest is spread over all joints."""
    relative = np.full((2, 18), (1 - sum(shares.values())) / 36)
    body = np.zeros(2)
    for name, share in shares.items():
        if name == "body":
            body[0] = share
        else:
            relative[0, JOINT[name]] += share
    return Split(1.0, 0.0, relative, body, np.zeros((2, 4)), np.zeros(3), 0.0)


def movement(part, kind, start, end, times=1):
    return Movement(part, kind, start, end, 0.5, 0.3, (("HandRight", 0.3),), 0.4, times)


def story(*movements, decided=None, contrast=None, language="en"):
    told = Told(
        movements, split(**(decided or {"HandRight": 0.5})), split(**(contrast or {"Head": 0.4})),
        "right_punch", "wave", TIMES_S, (0.0, 4.0),
    )  # fmt: skip
    return tell(told, language)


def first(text):
    return text.split(". ")[0]


def test_movements_follow_each_other():
    text = story(
        movement("right_leg", "raise", 0, 30),
        movement("right_leg", "lower", 30, 60),
        movement("left_arm", "swing", 70, 100, times=3),
    ).text
    assert first(text + " ") == (
        "The right leg rises from 0.0 to 1.0 s, then sinks from 1.0 to 2.0 s, then the left arm "
        "swings back and forth from 2.3 to 3.3 s"
    )


def test_movements_at_the_same_time():
    text = story(
        movement("body", "lower", 0, 30),
        movement("trunk", "bend", 2, 28),
        movement("both_legs", "bend", 4, 31),
    ).text
    assert text.startswith(
        "The whole body sinks from 0.0 to 1.0 s, while the trunk bends and both legs bend. "
    )


def test_a_short_movement_has_one_time_and_german_its_own_order():
    movements = movement("right_arm", "raise", 0, 30), movement("left_leg", "swing", 60, 66)
    assert "then the left leg swings at 2.1 s" in story(*movements).text
    german = story(*movements, language="de").text
    assert german.startswith(
        "Der rechte Arm hebt sich von 0,0 bis 1,0 s, dann schwingt das linke Bein bei 2,1 s. "
    )


@pytest.mark.parametrize(
    ("decided", "contrast", "words"),
    [
        ({"HandRight": 0.5}, {"Head": 0.4}, ["The right hand counted most", "the head spoke most"]),
        ({"Head": 0.5}, {"Head": 0.4}, ["The head counted most", "it also spoke most against"]),
        ({"Head": 0.05}, {"body": 0.4}, ["No single joint decided;", "the motion of the whole"]),
        ({"body": 0.2}, {"Head": 0.09}, ["whole body counted", "no single joint decided between"]),
    ],
)
def test_what_decided_is_named_above_15_percent(decided, contrast, words):
    text = story(movement("body", "raise", 0, 9), decided=decided, contrast=contrast).text
    assert all(word in text for word in words), text


def test_without_a_movement_none_is_told():
    found = story()
    assert found.text.startswith("No part of the body with a clear movement decided. ")
    assert [one.about for one in found.clauses] == ["decided", "contrast"]


def test_one_arm_is_not_told_in_the_time_of_both():
    both, inside = movement("both_arms", "swing", 10, 50), movement("left_arm", "raise", 20, 40)
    later, leg = movement("left_arm", "raise", 60, 90), movement("left_leg", "raise", 20, 40)
    assert _without_halves([both, inside, later, leg]) == [both, later, leg]
