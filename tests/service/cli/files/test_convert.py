from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sensor.formats import kinect_v2_csv, ntu_skeleton, read_recording
from service.__main__ import app
from tests import builders
from tests.service.cli.commands import one_line


def test_convert_writes_the_format_of_the_suffix(cli: CliRunner, tmp_path: Path) -> None:
    source, out = tmp_path / "walk.csv", tmp_path / "walk.skeleton"
    source.write_text(kinect_v2_csv.write(builders.recording(30)))
    shown = cli.invoke(app, ["convert", str(source), str(out)])
    assert shown.exit_code == 0 and shown.stderr == ""
    assert shown.stdout == f"{out}: NTU .skeleton, 30 frames of walk, 1.0 s\n"
    assert read_recording(out).format == "ntu-skeleton"


def test_convert_says_what_the_format_cannot_hold(cli: CliRunner, tmp_path: Path) -> None:
    source, out = tmp_path / "walk.skeleton", tmp_path / "walk.txt"
    source.write_text(ntu_skeleton.write(builders.recording(30, people=3)))
    shown = cli.invoke(app, ["convert", str(source), str(out), "--to", "kinect-v2-csv"])
    assert shown.stdout.splitlines()[1:] == [
        "  Kinect v2 CSV holds one body: body 1 kept, 2 left out"
    ]


def test_convert_keeps_an_existing_file(cli: CliRunner, tmp_path: Path) -> None:
    source = tmp_path / "walk.csv"
    source.write_text(kinect_v2_csv.write(builders.recording(30)))
    text = source.read_text()
    refused = cli.invoke(app, ["convert", str(source), str(source)])
    assert refused.exit_code == 2 and source.read_text() == text
    one_line(refused.stderr, "--force")
    assert cli.invoke(app, ["convert", "--force", str(source), str(source)]).exit_code == 0
    assert source.read_text() == text


def test_convert_says_that_rests_are_made_up(cli: CliRunner, tmp_path: Path) -> None:
    source, out = tmp_path / "set.npz", tmp_path / "set.jsonl"
    source.write_bytes(builders.npz(builders.clip_set_arrays()))
    shown = cli.invoke(app, ["convert", str(source), str(out)])
    assert "s are rests made up to join the clips; --select rest=0" in shown.stdout
    command = [
        "convert",
        "--force",
        "--rate",
        "30",
        str(source),
        str(out),
        "--select",
        "label=wave",
    ]
    shown = cli.invoke(app, [*command, "--select", "subject=1"])
    assert len(shown.stdout.splitlines()) == 1
    assert len(read_recording(out).frames) == 20


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["out.bin"], "no known suffix"),
        (["out.csv", "--to", "x"], "no format to write is called 'x'"),
        (["out.csv", "--select", "label"], "no KEY=VALUES"),
        (["out.csv", "--select", "label=a"], "only a clip set (.npz) takes label"),
        (["missing/out.csv"], "there is no folder"),
    ],
)
def test_convert_refuses_in_one_line(
    cli: CliRunner, tmp_path: Path, options: list[str], expected: str
) -> None:
    source = tmp_path / "walk.csv"
    source.write_text(kinect_v2_csv.write(builders.recording(3)))
    shown = cli.invoke(app, ["convert", str(source), str(tmp_path / options[0]), *options[1:]])
    assert shown.exit_code == 2
    one_line(shown.stderr, expected)
