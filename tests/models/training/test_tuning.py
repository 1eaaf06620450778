from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

import models.training.tuning as tuning
from models.card import Thresholds
from models.scoring.live_scoring import LiveScore
from tests.fakes.recognizer import CARD, LABELS, FakeRecognizer


@pytest.fixture
def models(monkeypatch):
    """Two models by folder. All answers of model `a` are right, all of model `b` are wrong."""
    loaded = {Path(name): FakeRecognizer() for name in ("a", "b")}
    logits = np.eye(3, dtype=np.float32)[[0, 1, 2, 0]] * 3
    answers = {"a": (logits, np.array([0, 1, 2, 0])), "b": (logits, np.array([1, 2, 0, 1]))}
    monkeypatch.setattr(tuning, "Recognizer", lambda folder, _: loaded[folder])
    monkeypatch.setattr(tuning, "clip_logits", lambda _, pieces: answers[pieces])
    return loaded


def validated():
    """Both models with pieces and streams; words stand in for their content."""
    streams = {"a": ["first", "second"], "b": ["third"]}
    return [tuning.Validated(Path(name), name, own) for name, own in streams.items()]


def test_two_models_share_one_temperature_and_have_their_own_streams(models, monkeypatch):
    chosen_on = []

    def choose(pairs):
        chosen_on.extend((model, model.card.temperature, stream) for model, stream in pairs)
        return Thresholds(enter=0.8), LiveScore(10, 9, 0, 1, 2)

    monkeypatch.setattr(tuning, "choose_thresholds", choose)
    tuned = tuning.tuned_on(validated())
    a, b = models.values()
    assert tuned.temperature > 1.5  # half of the answers of both models together are wrong
    assert tuned.thresholds.enter == 0.8
    assert chosen_on == [
        (model, tuned.temperature, stream)
        for model, stream in ((a, "first"), (a, "second"), (b, "third"))
    ]


def test_models_of_different_labels_are_not_tuned_together(models):
    models[Path("b")].card = replace(CARD, labels=LABELS[::-1])
    with pytest.raises(ValueError, match="different labels"):
        tuning.tuned_on(validated())
