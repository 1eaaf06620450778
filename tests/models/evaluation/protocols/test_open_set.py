from dataclasses import replace

import numpy as np
import pytest

from models.card import DEFAULT_MODEL, load_card
from models.evaluation.protocol import Judgement
from models.evaluation.protocols import open_set
from models.evaluation.protocols.open_set import (
    SCORES,
    judge_unknown,
    live_figures,
    strangeness_of_a_second,
)
from models.evaluation.runs import merge_folds
from tests.builders import clip_set_arrays, npz
from tests.fakes.people import motion, recording
from tests.fakes.recognizer import CARD, FakeRecognizer


def labelled_as(plain, label, span_s):
    """The recording with a label from the first to the second time of `span_s`."""
    frames = tuple(
        replace(frame, truth=label if span_s[0] <= frame.captured_ns / 1e9 < span_s[1] else None)
        for frame in plain.frames
    )
    return replace(plain, frames=frames)


def data_with(folder, names):
    arrays = clip_set_arrays()
    arrays["names"] = np.array(names)
    (folder / "utd_mhad.npz").write_bytes(npz(arrays))
    return folder


@pytest.mark.parametrize("name", SCORES)
def test_an_uncertain_answer_has_a_higher_score(name):
    certain, uncertain = [0, 9, 0], [0, 2, 2]
    strange = SCORES[name](np.array([certain, uncertain], np.float32), CARD)
    assert strange[1] > strange[0]


def test_an_answer_that_changes_within_a_second_has_a_higher_score():
    steady, changing = [[0, 9, 0], [0, 9, 0]], [[0, 9, 0], [0, 0, 9]]
    strange = strangeness_of_a_second(np.array([steady, changing], np.float32), CARD)
    assert strange == pytest.approx([0, 0.5], abs=0.01)


def test_clips_of_unknown_classes_are_counted_and_scored(tmp_path):
    known = load_card(DEFAULT_MODEL).labels[1]
    judgement = judge_unknown(DEFAULT_MODEL, data_with(tmp_path, [known, "strange_dance"]))
    assert judgement.figures["clips"] == 2
    assert judgement.figures["unknown_clips"] == 1
    assert judgement.accuracy == judgement.figures["auroc"]
    assert "strange_dance" in judgement.note
    assert judgement.answers.truth.tolist() == [1]
    assert judgement.figures["live_unknown_minutes"] * 60 == pytest.approx(34 / 30, abs=0.01)
    assert set(judgement.figures) == set(open_set.PROTOCOLS[0].figures_help)


def test_a_model_that_knows_every_class_is_refused(tmp_path):
    with pytest.raises(ValueError, match="knows every class"):
        judge_unknown(DEFAULT_MODEL, data_with(tmp_path, load_card(DEFAULT_MODEL).labels[1:3]))


def test_every_start_in_a_stream_of_unknown_actions_is_false():
    stream = labelled_as(recording(motion()), "dance", (1.0, 2.5))
    figures = live_figures(FakeRecognizer(), stream)
    assert figures["live_unknown_minutes"] * 60 == pytest.approx(1.5, abs=0.05)
    assert figures["live_false_actions"] == 1
    assert figures["live_false_actions_per_hour"] == pytest.approx(2400, rel=0.05)
    assert figures["live_unknown_clips_with_a_start"] == 1
    assert figures["live_false_actions_in_rests"] == 1


def test_false_actions_of_several_draws_add_up():
    stream = labelled_as(recording(motion()), "dance", (1.0, 2.5))
    one = live_figures(FakeRecognizer(), stream)
    three = merge_folds(open_set.PROTOCOLS[0], [Judgement(1.0, one, "")] * 3).figures
    for name in ("unknown_minutes", "false_actions", "false_actions_in_rests"):
        assert three[f"live_{name}"] == pytest.approx(3 * one[f"live_{name}"])
    bound = "live_false_actions_per_hour_at_most"
    assert three[bound] < 0.7 * one[bound]
