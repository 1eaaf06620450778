import msgspec
import numpy as np
import pytest

from models.card import DataCredit
from models.evaluation.protocols import exercises
from models.evaluation.protocols.exercises import judge_exercises
from models.labels import UI_PRMD
from models.training.recipes import CREDITS
from tests.builders import clip_set_arrays, npz
from tests.fakes.recognizer import CARD, FakeRecognizer


@pytest.fixture
def recognizer(monkeypatch):
    """A model of two exercises that has learnt from person 1 of UI-PRMD."""
    found = FakeRecognizer()
    credit = DataCredit(CREDITS[UI_PRMD][0], [1], "c", "t")
    found.card = msgspec.structs.replace(CARD, trained_on=[credit])
    monkeypatch.setattr(exercises, "Recognizer", lambda folder: found)
    return found


def data_with(folder, names):
    (folder / f"{UI_PRMD}.npz").write_bytes(npz(clip_set_arrays() | {"names": np.array(names)}))
    return folder


def test_the_clips_of_people_who_were_not_learnt_from_are_counted(tmp_path, recognizer):
    found = judge_exercises(tmp_path, data_with(tmp_path, ["raise right", "raise left"]))
    assert found.figures["clips"] == 2  # of the four clips, those of person 2
    assert found.answers.truth.tolist() == [1, 2]
    assert found.accuracy == 0.5 and found.figures["right: raise_right"] == 1
    assert not found.seen_in_training


def test_a_model_with_other_classes_is_refused(tmp_path, recognizer):
    with pytest.raises(ValueError, match="judge a model of a recipe prmd-N"):
        judge_exercises(tmp_path, data_with(tmp_path, ["deep squat", "raise left"]))
