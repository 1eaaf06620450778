"""`jointwise classify --explain`."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.card import DEFAULT_MODEL, EXPLAIN_FILE
from sensor.formats import kinect_v2_csv
from sensor.formats.recording import Recording
from sensor.skeleton import KINECT_V2
from service.__main__ import app
from tests.fakes.people import recording
from tests.service.cli.commands import one_line

needs_model = pytest.mark.skipif(
    not (DEFAULT_MODEL / EXPLAIN_FILE).exists(), reason="the shipped model is not here"
)


@needs_model
def test_a_page_is_written_in_the_language_asked_for(cli: CliRunner, tmp_path: Path) -> None:
    from tests.models.story import exemplars

    clip, page = tmp_path / "wave.csv", tmp_path / "wave.html"
    frames = tuple(exemplars.frames("wave"))
    clip.write_text(kinect_v2_csv.write(Recording("wave", "test", KINECT_V2, frames, 30.0)))
    call = ["classify", str(clip), "--explain", str(page), "--language", "de", "--device", "cpu"]
    shown = cli.invoke(app, call)
    assert shown.exit_code == 0, shown.stderr
    text = page.read_text(encoding="utf-8")
    assert "Zeitlupe" in text and len(text) < 1_000_000
    assert str(page) in shown.stderr


def clip_at(folder: Path) -> Path:
    path = folder / "clip.csv"
    path.write_text(kinect_v2_csv.write(recording()))
    return path


@pytest.mark.usefixtures("fake_model")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--explain", "no/folder/page.html"], "there is no folder"),
        (["--explain", "."], "a name of its own"),
        (["--language", "fr"], "--language must be en or de"),
        (["--reference", "some"], "--reference must be mean, neutral or zero"),
    ],
)
def test_wrong_options_end_in_one_line(
    cli: CliRunner, tmp_path: Path, options: list[str], words: str
) -> None:
    shown = cli.invoke(app, ["classify", str(clip_at(tmp_path)), *options])
    assert shown.exit_code == 2
    one_line(shown.stderr, words)


@pytest.mark.usefixtures("fake_model")
def test_the_page_is_about_one_file(cli: CliRunner, tmp_path: Path) -> None:
    clip = str(clip_at(tmp_path))
    shown = cli.invoke(app, ["classify", clip, clip, "--explain", str(tmp_path / "page.html")])
    assert shown.exit_code == 2
    one_line(shown.stderr, "--explain takes one file (got 2)")


@needs_model
def test_an_unknown_label_names_the_close_ones(cli: CliRunner, tmp_path: Path) -> None:
    call = ["classify", str(clip_at(tmp_path)), "--explain", str(tmp_path / "page.html")]
    shown = cli.invoke(app, [*call, "--against", "wvae", "--device", "cpu"])
    assert shown.exit_code == 2
    one_line(shown.stderr, "did you mean wave")
