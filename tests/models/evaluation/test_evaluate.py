import json
import re
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from models.card import DEFAULT_MODEL, load_card
from models.evaluation.protocols import PROTOCOLS
from service.__main__ import app
from tests.builders import clip_set_arrays, npz


@pytest.fixture
def data(tmp_path):
    """A folder with a small UTD-MHAD of people 1 and 2, with labels of the shipped model."""
    folder = tmp_path / "data"
    folder.mkdir()
    arrays = clip_set_arrays()
    arrays["names"] = np.array(load_card(DEFAULT_MODEL).labels[1:3])
    (folder / "utd_mhad.npz").write_bytes(npz(arrays))
    return folder


def run(*words):
    return CliRunner().invoke(app, ["evaluate", *map(str, words)])


def one_line(result):
    assert result.exit_code == 2
    (line,) = result.stderr.strip().splitlines()
    return line


def test_a_report_is_written_and_printed(data, tmp_path):
    out = tmp_path / "out"
    result = run("utd-cs", "--out", out, "--data", data, "--model", DEFAULT_MODEL)
    assert result.exit_code == 0, result.output
    report = json.loads((out / "report.json").read_text())
    assert report["protocol"] == "utd-cs"
    assert report["figures"]["clips"] == 2
    assert report["seeds"] == [0]
    assert report["seen_in_training"] == [2, 4, 6, 8]
    assert re.search(r"# utd-cs: \d+\.\d\d%", result.output)
    assert (out / "report.md").read_text() in result.output
    assert all((out / name).exists() for name in report["plots"])


def test_own_recordings_need_a_data_folder_and_other_protocols_take_no_steps(tmp_path):
    message = one_line(run("folder", "--out", tmp_path))
    assert "folder needs your recordings in one folder per class: give --data FOLDER" in message
    message = one_line(run("utd-cs", "--out", tmp_path, "--steps", 9))
    assert "utd-cs trains by its own recipe: leave --steps out" in message


def test_each_model_is_a_run(data, tmp_path):
    words = ["--model", DEFAULT_MODEL, "--model", DEFAULT_MODEL]
    assert run("utd-cs", "--out", tmp_path / "o", "--data", data, *words).exit_code == 0
    report = json.loads((tmp_path / "o/report.json").read_text())
    assert len(report["runs"]) == 2
    assert report["accuracy_spread"] == 0


def test_without_matplotlib_there_are_no_plots_and_a_message(data, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in [name for name in sys.modules if name.startswith("matplotlib.")]:
        monkeypatch.delitem(sys.modules, name)
    result = run("utd-cs", "--out", tmp_path / "o", "--data", data, "--model", DEFAULT_MODEL)
    assert result.exit_code == 0, result.output
    assert "pip install 'jointwise[evaluate]'" in result.stderr
    assert json.loads((tmp_path / "o/report.json").read_text())["plots"] == []


def test_protocols_are_listed():
    result = run("list")
    assert all(name in result.output for name in PROTOCOLS)


def test_wrong_use_is_one_line(data, tmp_path):
    assert "unknown protocol 'nothing'" in one_line(run("nothing", "--out", tmp_path))
    assert "give --out FOLDER" in one_line(run("utd-cs"))
    words = ["utd-cs", "--out", tmp_path, "--data", data, "--people", "9"]
    assert "leave --people out" in one_line(run(*words))
    words = ["precog-online", "--out", tmp_path, "--data", data, "--people", "9,ten"]
    assert "should be numbers" in one_line(run(*words))


def test_missing_data_is_one_line(tmp_path):
    words = ["--out", tmp_path, "--data", tmp_path, "--model", DEFAULT_MODEL]
    assert "utd_mhad" in one_line(run("utd-cs", *words))
    assert "precog2016" in one_line(run("precog-online", *words))
