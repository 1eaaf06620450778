import sys

import numpy as np
import pytest

from models.card import DEFAULT_MODEL
from models.datasets.pieces import Piece
from models.evaluation.attribution import judging, protocol, shapley
from models.evaluation.attribution.samples import answered
from models.inference.recognizer import Recognizer
from models.labels import UTD
from tests.fakes.walkers import raising, walking, write_set


def motions():
    rng = np.random.default_rng(0)
    clips = [raising(60), raising(48, "Left"), walking(80), raising(60) + raising(60, "Left")]
    return [clip + rng.normal(0, 0.003, clip.shape).astype(np.float32) for clip in clips]


@pytest.fixture
def few(monkeypatch):
    """Fewer samples, so that the test is quick."""
    monkeypatch.setattr(judging, "SHAPLEY_CLIPS", 1)
    monkeypatch.setattr(shapley, "PERMUTATIONS", 4)


@pytest.mark.train
@pytest.mark.slow
def test_the_protocol_measures_test_people(tmp_path, few):
    pytest.importorskip("torch", reason="needs the train extra")
    names = [label_of(clip) for clip in motions()]
    acted = [(clip, name, 2) for clip, name in zip(motions(), names, strict=True)]
    acted += [(motions()[0], names[0], 1)]
    write_set(tmp_path / "utd_mhad.npz", acted)
    judgement = protocol.judge(DEFAULT_MODEL, tmp_path)
    figures = judgement.figures
    assert figures["clips"] == figures["clips_right"] == 4
    assert figures["complete"] == 1
    assert {"deletion_joints: random", "mirrored", "noise_2_cm"} <= set(figures)
    assert {"deletion_joints: cam", "random_weights", "integrated_gradients_cost"} <= set(figures)
    assert judgement.seen_in_training == (2, 4, 6, 8)
    one = protocol.EXPLANATIONS.of_people((1,))
    assert one.judge(DEFAULT_MODEL, tmp_path).figures["clips"] == 1
    with pytest.raises(ValueError, match="no clip of the people 5"):
        protocol.judge(DEFAULT_MODEL, tmp_path, (5,))


def label_of(joints_m):
    """The label that the shipped model gives, which then counts as the right one."""
    recognizer = Recognizer(DEFAULT_MODEL)
    piece = Piece(joints_m, np.zeros(len(joints_m), np.int64), 2, UTD)
    (label,) = answered(recognizer, recognizer.logits, [piece]).labels
    return recognizer.card.labels[label]


@pytest.mark.slow
def test_gradients_are_left_out_without_torch(tmp_path, few, monkeypatch):
    name = label_of(motions()[0])
    write_set(tmp_path / "utd_mhad.npz", [(motions()[0], name, 2)])
    monkeypatch.setitem(sys.modules, "models.network.onnx_weights", None)
    judgement = protocol.judge(DEFAULT_MODEL, tmp_path)
    assert "deletion_joints: cam" not in judgement.figures
    assert "deletion_joints: motion energy" in judgement.figures
    assert "they need torch" in judgement.note
