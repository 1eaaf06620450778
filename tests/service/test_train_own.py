"""Own recordings, one folder a class, to a model that serves, and to figures by person."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("lightning_fabric", reason="needs the train extra")
pytest.importorskip("onnxruntime", reason="needs onnxruntime")

import msgspec

from models.card import load_card
from models.errors import ModelError
from service.__main__ import app
from service.evaluation import folder as protocol
from tests.fakes.ntu import write_own

SMALL = {"streams": 8, "frames": 128, "pool": 4, "widths": [16, 16, 16]}
(FOLDER,) = protocol.PROTOCOLS


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    made = tmp_path_factory.mktemp("recordings")
    write_own(made, people=("anna", "ben"), takes=3)
    return made


def test_people_are_dealt_into_folds():
    three = protocol.folds(["a", "b", "c", "d", "e", "f", "g"])
    assert [split.test for split in three] == [["a", "d", "g"], ["b", "e"], ["c", "f"]]
    for split in three:
        assert sorted(split.learn + split.validation + split.test) == list("abcdefg")
        assert len(split.validation) == 1
    assert protocol.folds(["a", "b"])[0] == protocol.People(["b"], [], ["a"])
    with pytest.raises(ValueError, match="all recordings are of one person"):
        protocol.folds(["a"])


def test_each_fold_is_judged_on_people_it_has_not_seen(recordings, tmp_path, monkeypatch):
    plain = protocol.own_config

    def small(own, seed):
        return msgspec.convert(
            {**msgspec.to_builtins(plain(own, seed, 60)), **SMALL}, type(plain(own, seed))
        )

    monkeypatch.setattr(protocol, "own_config", small)
    models = FOLDER.train(recordings, 0, tmp_path)
    assert len(models) == 2
    judged = [FOLDER.judge(model, recordings) for model in models]
    assert [found.figures["clips"] for found in judged] == [9.0, 9.0]
    assert [found.seen_in_training for found in judged] == [()] * 2
    assert sum(found.accuracy for found in judged) / 2 > 0.5
    assert judged[0].answers.labels == ["background", "lift_left", "lift_right"]
    assert len(judged[0].data_files) == 18


def test_the_command_makes_a_model_that_serves(recordings, tmp_path):
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    shown = CliRunner().invoke(
        app, ["train", "folder", "--data", str(recordings), "--out", str(tmp_path / "run"),
              "--steps", "20", "--config", str(tmp_path / "small.json")],
    )  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert "learning from ben; tuning on anna" in shown.stdout
    card = load_card(tmp_path / "run" / "model")
    assert card.labels == ["background", "lift_left", "lift_right"]
    assert card.trained_on[0].people == [2]
    with pytest.raises(ModelError, match="learnt from everybody"):
        FOLDER.judge(tmp_path / "run" / "model", recordings)
    more = tmp_path / recordings.name
    write_own(more, people=("anna", "ben"), takes=4)
    shown = CliRunner().invoke(
        app, ["train", "folder", "--data", str(more), "--out", str(tmp_path / "run"),
              "--steps", "20", "--config", str(tmp_path / "small.json")],
    )  # fmt: skip
    assert shown.exit_code == 2
    assert "not those that the run" in shown.stderr


def test_no_recordings_is_one_line(tmp_path: Path):
    shown = CliRunner().invoke(
        app, ["train", "folder", "--data", str(tmp_path), "--out", str(tmp_path / "run")]
    )
    assert shown.exit_code == 2
    assert "make a folder in it for each class" in shown.stderr
