"""Commands that read data ask for `--data` and name the files they need."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.evaluation.protocols import PROTOCOLS
from models.training.recipes import RECIPES
from service.__main__ import app
from service.cli.needed_files import files_of_protocol, files_of_recipe
from service.cli.options import NTU
from tests.service.cli.commands import one_line

OF_PROTOCOL = (
    "utd_mhad.npz, precog2016_s1to8.npz, ui_prmd_s1to8.npz and cmu_mocap_parts.npz "
    "(optional: simulated_falls.npz)"
)


@pytest.mark.parametrize("recipe", [*RECIPES, *NTU, "folder"])
def test_every_recipe_names_its_files(recipe: str) -> None:
    assert files_of_recipe(recipe)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("trains", [False, True])
def test_every_protocol_names_its_files(protocol: str, trains: bool) -> None:
    assert files_of_protocol(protocol, trains)


def test_each_file_is_named_once() -> None:
    assert files_of_protocol("merged", trains=True) == (
        "utd_mhad.npz, precog2016_s1to8.npz, kinder_gator_12people.npz, ui_prmd_s1to8.npz, "
        "cmu_mocap_parts.npz and kinder_gator_merged_classes.json (optional: simulated_falls.npz)"
    )


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["utd-cs"], f"utd-cs needs {OF_PROTOCOL}: give --data FOLDER"),
        (["utd-cs", "--model", "m"], "utd-cs needs utd_mhad.npz: give --data FOLDER"),
        (["falls"], "falls needs simulated_falls.npz: give --data FOLDER"),
        (["ntu60-cs"], "ntu60-cs needs the .skeleton files of NTU RGB+D: give --data FOLDER"),
    ],
)
def test_evaluate_asks_for_data(
    cli: CliRunner, tmp_path: Path, words: list[str], named: str
) -> None:
    shown = cli.invoke(app, ["evaluate", *words, "--out", str(tmp_path)])
    assert shown.exit_code == 2
    one_line(shown.stderr, named)


def test_train_asks_for_data(cli: CliRunner) -> None:
    pytest.importorskip("torch", reason="needs the train extra")
    shown = cli.invoke(app, ["train", "validation"])
    assert shown.exit_code == 2
    one_line(shown.stderr, f"needs {OF_PROTOCOL}: give --data FOLDER")


def test_tune_asks_for_data_with_several_models(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["tune", "m", "--tuned-by", "a", "--tuned-by", "b"])
    assert shown.exit_code == 2
    one_line(shown.stderr, f"needs {OF_PROTOCOL}: give --data FOLDER")
