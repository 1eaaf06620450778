import msgspec
import numpy as np
import pytest

from models.card import DEFAULT_MODEL, load_card
from models.data import Piece
from service.evaluation import unknown
from service.evaluation.protocol import Judged
from service.evaluation.unknown import LEFT_OUT, Strangeness, judge, left_out, train, without
from tests.builders import clip_set_arrays, npz
from tests.fakes.recognizer import CARD

NAMES = [f"class_{n}" for n in range(27)]


def data_with(folder, names):
    arrays = clip_set_arrays()
    arrays["names"] = np.array(names)
    (folder / "utd_mhad.npz").write_bytes(npz(arrays))
    return folder


def test_each_seed_leaves_its_own_classes_out():
    assert len(set(left_out(NAMES, 0))) == LEFT_OUT
    assert left_out(NAMES, 0) == left_out(NAMES[::-1], 0)
    assert left_out(NAMES, 0) != left_out(NAMES, 1)


def test_pieces_with_a_class_left_out_are_left_out():
    labels = ["background", "wave", "clap", "push"]
    joints = np.zeros((4, 18, 3), np.float32)
    classes = [[0, 1, 1, 0], [0, 2, 2, 0], [3, 3, 3, 3]]
    pieces = [Piece(joints, np.array(one), 1, "s") for one in classes]
    kept = without(pieces, labels, ["clap"])
    assert [piece.labels.tolist() for piece in kept] == [[0, 1, 1, 0], [2, 2, 2, 2]]


def test_what_is_like_nothing_known_is_stranger():
    sure, torn, none = [0, 9, 0], [0, 2, 2], [9, 0, 0]
    strange = Strangeness.of(np.array([sure, torn, none], np.float32), CARD)
    assert strange.doubt.argmin() == strange.energy.argmin() == 0
    assert strange.doubt.argmax() == strange.energy.argmax() == 2


def test_unknown_clips_are_those_without_a_label(tmp_path):
    known = load_card(DEFAULT_MODEL).labels[1]
    judged: Judged = judge(DEFAULT_MODEL, data_with(tmp_path, [known, "strange_dance"]))
    assert judged.figures["clips"] == 2
    assert judged.figures["unknown_clips"] == 1
    assert judged.accuracy == judged.figures["auroc_doubt"]
    assert "strange_dance" in judged.note
    assert judged.answers.truth.tolist() == [1]
    assert judged.figures["unknown_minutes_live"] * 60 == pytest.approx(34 / 30, abs=0.01)
    assert set(judged.figures) == set(unknown.PROTOCOLS[0].figures_help)


def test_a_model_that_knows_everything_is_refused(tmp_path):
    with pytest.raises(ValueError, match="knows every class"):
        judge(DEFAULT_MODEL, data_with(tmp_path, load_card(DEFAULT_MODEL).labels[1:3]))


def test_a_model_is_trained_without_them(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    from models import train as training

    for name in ("utd_mhad", "precog2016_s1to8"):
        arrays = clip_set_arrays()
        if name == "utd_mhad":
            arrays["names"] = np.array(NAMES[:7])
        (tmp_path / f"{name}.npz").write_bytes(npz(arrays))
    told = {}

    def untrained(config, pieces, validation, run_dir):
        told["pieces"], told["labels"] = pieces, config.labels
        return training.new_network(msgspec.structs.replace(config, widths=(4, 4, 4))).eval()

    monkeypatch.setattr(training, "train_on_streams", untrained)
    monkeypatch.setattr(unknown, "tuned_on_validation", lambda data, run_dir: DEFAULT_MODEL)
    (folder,) = train(tmp_path, 3, tmp_path / "runs")
    card = load_card(folder)
    assert set(NAMES[:7]) - set(card.labels) == set(left_out(NAMES[:7], 3))
    assert card.thresholds == load_card(DEFAULT_MODEL).thresholds
    assert card.labels == told["labels"]
    assert all(piece.labels.max() < len(card.labels) for piece in told["pieces"])
