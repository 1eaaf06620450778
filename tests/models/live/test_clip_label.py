import numpy as np
import pytest

from models.live.clip_label import choose_label, label_clip
from tests.fakes.recognizer import CARD


def rows(*spans):
    """Build predictions from spans (label, p, n): n predictions in which the label has p."""
    made = []
    for label, p, count in spans:
        row = np.full(len(CARD.labels), (1 - p) / (len(CARD.labels) - 1), np.float32)
        row[CARD.labels.index(label)] = p
        made += [row] * count
    return np.array(made, np.float32)


def named(*spans):
    return CARD.labels[label_clip(rows(*spans), CARD)[0]]


def test_the_most_probable_action_names_the_clip_wherever_it_is():
    assert named(("background", 0.9, 20), ("raise_left", 0.9, 8), ("background", 0.99, 40)) == (
        "raise_left"
    )
    assert named(("raise_left", 0.7, 12), ("raise_right", 0.95, 12)) == "raise_right"


def test_one_prediction_does_not_decide():
    assert named(("raise_left", 0.9, 8), ("raise_right", 0.99, 1)) == "raise_left"


def test_a_clip_in_which_no_action_leads_is_background():
    assert named(("background", 0.95, 30)) == "background"
    assert named(("background", 0.9, 10), ("raise_left", 0.9, 1), ("background", 0.9, 10)) == (
        "background"
    )


def test_a_clip_of_one_prediction_has_its_label():
    assert named(("raise_left", 0.9, 1)) == "raise_left"
    assert named(("background", 0.9, 1)) == "background"


def test_a_clip_without_predictions_is_background():
    assert label_clip(np.zeros((0, len(CARD.labels)), np.float32), CARD) == (
        CARD.labels.index(CARD.background),
        0.0,
    )


def test_it_returns_the_probability_of_the_label():
    assert label_clip(rows(("raise_left", 0.9, 5)), CARD)[1] == pytest.approx(0.9)
    assert label_clip(rows(("background", 0.9, 5)), CARD)[1] == pytest.approx(0.9)


def chosen(started, *spans):
    return choose_label(rows(*spans), started, CARD)


def test_a_clip_without_a_started_action_is_background():
    label, confidence = chosen([], ("background", 0.6, 10), ("raise_left", 0.9, 3))
    assert label == "background" and confidence == pytest.approx(0.6)


def test_the_label_is_always_an_action_that_started():
    spans = (("raise_left", 0.7, 12), ("raise_right", 0.95, 12))
    both = [("raise_left", 0.72), ("raise_right", 0.96)]
    assert chosen(both, *spans)[0] == "raise_right"
    assert chosen(both, *spans)[1] == pytest.approx(label_clip(rows(*spans), CARD)[1])
    assert chosen(both[:1], *spans) == ("raise_left", 0.72)
    assert chosen(both, ("background", 0.9, 4)) == ("raise_right", 0.96)


def test_a_clip_in_which_nobody_was_seen_is_background():
    assert choose_label(np.zeros((0, 3), np.float32), [], CARD) == ("background", 0.0)
