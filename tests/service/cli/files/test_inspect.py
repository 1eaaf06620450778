from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sensor.formats import kinect_v2_csv
from sensor.skeleton import KINECT_V1, KINECT_V2, Body
from service.__main__ import app
from tests import builders
from tests.fakes.files import g3d as g3d_files


@pytest.mark.parametrize("command", ["inspect", "convert"])
def test_the_help_has_an_example(cli: CliRunner, command: str) -> None:
    shown = cli.invoke(app, [command, "--help"])
    assert shown.exit_code == 0 and f"Example: jointwise {command} " in shown.output


def test_inspect_shows_facts_and_a_picture(cli: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    path.write_text(kinect_v2_csv.write(builders.recording(30)))
    shown = cli.invoke(app, ["inspect", str(path)])
    assert shown.exit_code == 0
    for text in ("kinect-v2-csv", "never seen: FootLeft", "y is up", "metres", "30 Hz", "0: 30 fr"):
        assert text in shown.stdout
    assert sum(any("\u2800" < char <= "\u28ff" for char in line) for line in
               shown.stdout.splitlines()) > 10  # fmt: skip


def test_inspect_names_the_problem_for_which_classify_refuses(
    cli: CliRunner, tmp_path: Path
) -> None:
    made = builders.recording(30)
    frames = tuple(
        replace(f, bodies=tuple(Body(b.id, -b.joints_m, b.confidence) for b in f.bodies))
        for f in made.frames
    )
    path = tmp_path / "walk.csv"
    path.write_text(kinect_v2_csv.write(replace(made, frames=frames)))
    shown = cli.invoke(app, ["inspect", str(path)])
    assert shown.exit_code == 0
    assert "-y is up" in shown.stdout and "problem   walk: " in shown.stdout


def test_inspect_describes_an_unknown_file_and_writes_a_map(cli: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    names = [f"{joint}_{axis}" for joint in KINECT_V2.joints for axis in "xyz"]
    rows = builders.wave(30).reshape(30, -1) * 1000
    np.savetxt(path, rows, delimiter=",", header=",".join(names), comments="")
    shown = cli.invoke(app, ["inspect", str(path)])
    assert shown.exit_code == 1 and "walk.csv: " in shown.stderr
    assert "CSV with 75 columns and 30 rows: SpineBase_x" in shown.stdout
    assert list(tmp_path.iterdir()) == [path]

    written = cli.invoke(app, ["inspect", str(path), "--map"])
    made = tmp_path / "walk.csv.map.toml"
    assert written.exit_code == 0 and "25 of 25 joints" in written.stdout
    assert "millimetres" in written.stdout
    again = cli.invoke(app, ["inspect", str(path), "--map"])
    assert again.exit_code == 2 and "--force" in again.stderr

    mapped = cli.invoke(app, ["inspect", str(path), "--columns", str(made)])
    assert mapped.exit_code == 0 and "mapped-columns" in mapped.stdout
    assert "metres: the trunk is 0.47 long" in mapped.stdout
    converted = ["convert", str(path), str(tmp_path / "walk.skeleton"), "--columns", str(made)]
    assert cli.invoke(app, converted).exit_code == 0


def test_inspect_survives_any_bytes(cli: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "noise"
    path.write_bytes(np.random.default_rng(0).bytes(5000))
    shown = cli.invoke(app, ["inspect", str(path)])
    assert shown.exit_code == 1 and "binary data" in shown.stdout
    assert cli.invoke(app, ["inspect", str(tmp_path)]).exit_code == 2
    assert cli.invoke(app, ["inspect", str(tmp_path / "missing")]).exit_code == 2


@pytest.mark.usefixtures("fake_model")
def test_classify_reads_a_file_by_a_map(cli: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "walk.csv"
    names = [f"{joint}_{axis}" for joint in KINECT_V2.joints for axis in "xyz"]
    rows = builders.wave(90).reshape(90, -1)
    np.savetxt(path, rows, delimiter=";", header=";".join(names), comments="")
    assert cli.invoke(app, ["inspect", str(path), "--map"]).exit_code == 0
    shown = cli.invoke(app, ["classify", str(path), "--columns", f"{path}.map.toml"])
    assert shown.exit_code == 0 and "mapped-columns, kinect-v2, 3.0 s" in shown.stdout


def test_inspect_shows_a_folder_of_frames(cli: CliRunner, tmp_path: Path) -> None:
    folder = g3d_files.folder(builders.recording(30, KINECT_V1), tmp_path / "KinectOutput22")
    shown = cli.invoke(app, ["inspect", str(folder)])
    assert shown.exit_code == 0
    for text in ("g3d-xml", "kinect-v1", "30 Hz", "y is up"):
        assert text in shown.stdout
