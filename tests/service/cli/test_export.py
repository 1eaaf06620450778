from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from models.card import (
    CARD_FILE,
    DEFAULT_MODEL,
    EXPLAIN_FILE,
    MODEL_FILE,
    load_card,
    save_card,
    sha256_of,
)
from models.inference.readings import WindowReader
from models.inference.recognizer import Recognizer
from service.__main__ import app
from tests.service.cli.commands import one_line

pytest.importorskip("torch", reason="needs the train extra")
pytest.importorskip("onnxscript", reason="needs the train extra")


def test_a_run_or_a_model_folder_is_needed_but_not_both(cli: CliRunner, tmp_path: Path) -> None:
    for given in ([], [str(tmp_path), "--from", str(tmp_path)]):
        done = cli.invoke(app, ["export", *given, "--out", str(tmp_path / "out")])
        assert done.exit_code == 2
        one_line(done.stderr, "with --from")


def test_a_model_folder_keeps_its_thresholds(cli: CliRunner, tmp_path: Path) -> None:
    given = ["--from", str(DEFAULT_MODEL), "--tuned-by", str(tmp_path)]
    done = cli.invoke(app, ["export", *given, "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    one_line(done.stderr, "--tuned-by goes with a training run")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_a_model_is_refused(cli: CliRunner, tmp_path: Path) -> None:
    done = cli.invoke(app, ["export", "--from", str(tmp_path), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    one_line(done.stderr, "no model in")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_an_older_model_folder_gets_its_readings_without_its_run(
    cli: CliRunner, tmp_path: Path
) -> None:
    older, out = tmp_path / "older", tmp_path / "out"
    older.mkdir()
    shutil.copy(DEFAULT_MODEL / MODEL_FILE, older / MODEL_FILE)
    shutil.copy(DEFAULT_MODEL / CARD_FILE, older / CARD_FILE)
    save_card(replace(load_card(DEFAULT_MODEL), explain_sha256=""), older)
    done = cli.invoke(app, ["export", "--from", str(older), "--out", str(out)])
    assert done.exit_code == 0
    assert sha256_of(out / MODEL_FILE) == load_card(DEFAULT_MODEL).sha256
    assert not (older / EXPLAIN_FILE).exists()
    windows = np.random.default_rng(0).normal(size=(2, 168, 18, 4)).astype(np.float32)
    found = WindowReader(out).read(windows, np.array([3, 4]))
    expected = Recognizer(device="cpu", threads=1).reader().read(windows, np.array([3, 4]))
    np.testing.assert_allclose(found.units, expected.units, atol=1e-5)
