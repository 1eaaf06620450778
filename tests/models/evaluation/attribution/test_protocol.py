from dataclasses import replace

import msgspec
import numpy as np
import pytest

from models.card import DEFAULT_MODEL
from models.datasets.pieces import Piece
from models.evaluation.attribution import judging, protocol, shapley
from models.evaluation.attribution.judging import Judging
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


@pytest.mark.slow
def test_the_protocol_measures_test_people(tmp_path, few):
    names = [label_of(clip) for clip in motions()]
    acted = [(clip, name, 2) for clip, name in zip(motions(), names, strict=True)]
    acted += [(motions()[0], names[0], 1)]
    write_set(tmp_path / "utd_mhad.npz", acted)
    judgement = protocol.judge(DEFAULT_MODEL, tmp_path)
    figures = judgement.figures
    assert figures["clips"] == figures["clips_right"] == 4
    assert figures["complete"] == 1
    assert {"deletion_joints: random", "mirrored", "noise_2_cm"} <= set(figures)
    assert "deletion_joints: cam" not in figures
    assert "no checkpoint" in judgement.note
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


@pytest.mark.train
@pytest.mark.slow
def test_a_model_in_its_run_folder_is_compared_with_gradients(tmp_path, few):
    torch = pytest.importorskip("torch", reason="needs the train extra")
    from models.evaluation.attribution.network import network_beside
    from models.training.config import TrainConfig, new_network
    from tests.fakes.network import write_untrained

    labels = ["background", *(f"action-{number}" for number in range(1, 9))]
    config = TrainConfig("toy", labels, widths=(16, 24, 32))
    network = new_network(config).eval()
    write_untrained(network, tmp_path / "model")
    recognizer = Recognizer(tmp_path / "model")
    assert network_beside(tmp_path / "model", recognizer) is None
    (tmp_path / "config.json").write_bytes(msgspec.json.encode(config))
    torch.save({"average": network.state_dict()}, tmp_path / "checkpoint.pt")
    found = network_beside(tmp_path / "model", recognizer)

    pieces = [Piece(clip, np.zeros(len(clip), np.int64), 2, UTD) for clip in motions()]
    given = answered(recognizer, recognizer.logits, pieces).labels
    right = [
        replace(piece, labels=np.full(len(piece.labels), label))
        for piece, label in zip(pieces, given, strict=True)
    ]
    figures = Judging(recognizer, found).judge(right).figures
    assert figures["clips_right"] == 4
    assert {"deletion_joints: cam", "random_weights", "integrated_gradients_cost"} <= set(figures)
    torch.save({"average": new_network(config).state_dict()}, tmp_path / "checkpoint.pt")
    assert network_beside(tmp_path / "model", recognizer) is None
