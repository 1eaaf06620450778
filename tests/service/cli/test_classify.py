from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress
from typer.testing import CliRunner

from sensor.formats import kinect_v2_csv
from sensor.skeleton import Frame
from service.__main__ import app
from service.cli.classify import _no_action
from service.clips import timeline
from service.wire.answers import BodyTimeline
from tests import builders
from tests.fakes.people import motion, recording
from tests.fakes.recognizer import FakeRecognizer
from tests.service.cli.commands import one_line


@pytest.mark.usefixtures("fake_model")
def test_classify_prints_a_table_and_names_bad_files(cli: CliRunner, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(kinect_v2_csv.write(recording()))
    bad.write_text("")
    shown = cli.invoke(app, ["classify", str(bad), str(good)])
    assert shown.exit_code == 1
    one_line(shown.stderr, "empty")
    assert re.search(r"raise right.*raise left", shown.stdout, re.DOTALL)


@pytest.mark.usefixtures("fake_model")
def test_classify_names_file_line_and_text_that_is_no_number(
    cli: CliRunner, tmp_path: Path
) -> None:
    broken, notes = tmp_path / "broken.csv", tmp_path / "notes.txt"
    text = kinect_v2_csv.write(recording())
    broken.write_text(text.replace(text.split(",")[3], "x.01", 1))
    notes.write_text("hello")
    shown = cli.invoke(app, ["classify", str(broken), str(notes)])
    first, second = shown.stderr.splitlines()
    assert first == 'jointwise: broken.csv, line 1: "x.01" is not a number'
    assert second.startswith("jointwise: notes.txt is not a supported recording: it seems to be")


@pytest.mark.usefixtures("fake_model")
def test_classify_prints_json_lines(cli: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "good.csv"
    path.write_text(kinect_v2_csv.write(recording()))
    shown = cli.invoke(app, ["classify", "--json", str(path), str(path)])
    lines = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [line["name"] for line in lines] == ["good", "good"]
    assert len(lines[0]["actions"]) == 2


@pytest.mark.usefixtures("fake_model")
def test_classify_says_when_there_is_no_known_action(cli: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "rest.csv"
    path.write_text(kinect_v2_csv.write(recording(motion((("rest", 2.0),)))))
    shown = cli.invoke(app, ["classify", str(path)])
    assert "no known action (closest: raise " in shown.stdout


@pytest.mark.usefixtures("fake_model")
def test_classify_shows_progress_on_a_terminal_only(
    cli: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "good.csv"
    path.write_text(kinect_v2_csv.write(recording()))
    monkeypatch.setenv("TTY_COMPATIBLE", "0")
    silent = cli.invoke(app, ["classify", "--json", str(path)])
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TTY_INTERACTIVE", "1")
    shown = cli.invoke(app, ["classify", "--json", str(path)])
    assert "good.csv" in shown.stderr and silent.stderr == ""
    assert shown.stdout == silent.stdout != ""


def test_progress_counts_the_frames_taken() -> None:
    made, taken = recording(), list[Frame]()

    def take(frames: Sequence[Frame]) -> Iterator[Frame]:
        for frame in progress.track(frames, task_id=task):
            taken.append(frame)
            yield frame

    with Progress(console=Console(file=io.StringIO())) as progress:
        task = progress.add_task("", total=None)
        answer = timeline.classify(FakeRecognizer(), made, take=take)
    assert answer == timeline.classify(FakeRecognizer(), made)
    assert taken == list(made.frames)
    count = len(made.frames)
    assert (progress.tasks[0].completed, progress.tasks[0].total) == (count, count)


def test_a_label_with_0_percent_is_not_called_closest() -> None:
    unsure = BodyTimeline(
        body=1,
        label="rest",
        confidence=0.9951,
        actions=[],
        times_s=[0.0],
        probabilities=[[0.9951, 0.0049, 0.0]],
        relevance=[],
        relevance_labels=[],
        residual_max=0.0,
    )
    assert _no_action(unsure, ["rest", "wave", "clap"], "rest") == "  no known action"


@pytest.mark.usefixtures("fake_model")
def test_classify_says_which_rate_it_assumes_and_takes_another(
    cli: CliRunner, tmp_path: Path
) -> None:
    path = tmp_path / "set.npz"
    path.write_bytes(builders.npz(builders.clip_set_arrays()))
    shown = cli.invoke(app, ["classify", "--json", str(path)])
    one_line(shown.stderr, "set: the clip set has no times and states no rate; 30 Hz is assumed")
    assert len(json.loads(shown.stdout)["notes"]) == 1
    faster = cli.invoke(app, ["classify", "--json", "--rate", "60", str(path)])
    assert faster.stderr == "" and json.loads(faster.stdout)["notes"] == []
    wrong = cli.invoke(app, ["classify", "--rate", "0", str(path)])
    assert wrong.exit_code == 1
    one_line(wrong.stderr, "rate=0 should be a number from 1 to 240")
