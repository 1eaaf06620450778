"""Training and evaluating on the user's own recordings, one folder per class."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("lightning_fabric", reason="needs the train extra")
pytest.importorskip("onnxruntime", reason="needs onnxruntime")

import msgspec

from models.card import load_card
from models.datasets.own_recordings import load_own
from models.errors import ModelError
from models.evaluation.protocols import own_recordings
from models.training.recipes import STEPS
from service.__main__ import app
from tests.fakes.files.ntu import write_own

SMALL = {"streams": 8, "frames": 128, "pool": 4, "widths": [16, 16, 16]}
(FOLDER,) = own_recordings.PROTOCOLS


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    made = tmp_path_factory.mktemp("recordings")
    write_own(made, people=("anna", "ben"), takes=3)
    return made


def test_folds_are_trained_for_as_many_steps_as_a_served_model(recordings):
    own = load_own(recordings)
    assert own_recordings.own_config(own, 0).steps == STEPS
    assert FOLDER.of_steps(70).train.keywords == {"steps": 70}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["folder"], "folder needs your recordings in one folder per class: give --data FOLDER"),
        (["folder", "--tuned-by", "m"], "folder takes no --tuned-by"),
        (["ntu60-cs", "--steps", "9"], "ntu60-cs takes no --steps: it learns by epochs"),
        (["protocol", "--config", "c.json"], "protocol takes no --config"),
    ],
)
def test_an_option_without_effect_is_refused(words, said):
    shown = CliRunner().invoke(app, ["train", *words])
    assert shown.exit_code == 2
    assert said in shown.stderr


@pytest.mark.slow
def test_each_fold_is_tested_on_people_it_has_not_seen(recordings, tmp_path, monkeypatch):
    plain = own_recordings.own_config

    def small(own, seed, steps):
        return msgspec.convert(
            {**msgspec.to_builtins(plain(own, seed, 60)), **SMALL}, type(plain(own, seed))
        )

    monkeypatch.setattr(own_recordings, "own_config", small)
    models = FOLDER.train(recordings, 0, tmp_path)
    assert len(models) == 2
    judged = [FOLDER.judge(model, recordings) for model in models]
    assert [found.figures["clips"] for found in judged] == [9.0, 9.0]
    assert [found.seen_in_training for found in judged] == [()] * 2
    assert sum(found.accuracy for found in judged) / 2 > 0.5
    assert judged[0].answers.labels == ["background", "lift_left", "lift_right"]
    assert [len(found.data_files) for found in judged] == [9, 9]
    FOLDER.check(recordings, tmp_path)
    more = tmp_path / recordings.name
    write_own(more, people=("anna", "ben", "carla"), takes=3)
    with pytest.raises(ValueError, match="not those that the run"):
        FOLDER.check(more, tmp_path)


@pytest.mark.slow
def test_the_command_writes_a_model_folder(recordings, tmp_path):
    (tmp_path / "small.json").write_text(json.dumps(SMALL))
    shown = CliRunner().invoke(
        app, ["train", "folder", "--data", str(recordings), "--out", str(tmp_path / "run"),
              "--steps", "20", "--config", str(tmp_path / "small.json")],
    )  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert "learning from ben (9); tuning on anna (9)" in shown.stdout
    assert "except: lift_left as lift_right" in shown.stdout
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
    assert "create a folder in it for each class" in shown.stderr
