from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.errors import ModelError
from service.__main__ import app
from service.api.server import listen
from service.settings import Settings
from tests.service.cli.commands import PIPES, one_line


def test_serve_lists_every_setting_with_its_meaning(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("JOINTWISE_NONSENSE", "1")
    shown = cli.invoke(app, ["serve", "--settings"])
    _, *rows = (re.split(r"  +", line.strip()) for line in shown.stdout.splitlines())
    fields = Settings.model_fields
    assert [row[0] for row in rows] == [f"JOINTWISE_{name.upper()}" for name in fields]
    assert [row[2] for row in rows] == [field.description for field in fields.values()]
    defaults = {row[0].removeprefix("JOINTWISE_").lower(): row[1] for row in rows}
    assert defaults | {"port": "8765", "sources": "demo:", "model": "unset"} == defaults
    assert "-settings" in cli.invoke(app, ["serve", "--help"]).stdout


def test_a_missing_model_is_one_line(cli: CliRunner, tmp_path: Path) -> None:
    for command in (["classify", "x.csv"], ["serve", "--port", "0"]):
        shown = cli.invoke(app, [*command, "--model", str(tmp_path)])
        assert shown.exit_code == 2
        one_line(shown.stderr, "no model in")


def test_a_taken_port_is_one_line_before_anything_is_loaded(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise ModelError("loaded")

    monkeypatch.setattr("models.inference.recognizer.Recognizer", never)
    with listen("127.0.0.1", 0) as taken:
        shown = cli.invoke(app, ["serve", "--port", str(taken.getsockname()[1])])
    assert shown.exit_code == 2
    one_line(shown.stderr, "--port")


@pytest.mark.usefixtures("fake_model")
@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--source", "kinect-nine:0"], "kinect-nine"),
        (["--source", "replay:nowhere.npz"], "nowhere.npz"),
        (["--host", "0.0.0.0"], "SUBSCRIBE_TOKEN"),
        (["--device", "tpu"], "device"),
    ],
)
def test_wrong_options_are_one_line(cli: CliRunner, options: list[str], named: str) -> None:
    shown = cli.invoke(app, ["serve", "--port", "0", *options])
    assert shown.exit_code == 2
    one_line(shown.stderr, named)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT, which needs POSIX")
@pytest.mark.parametrize("inference", ["thread", "process"])
def test_serve_ends_quietly_after_two_ctrl_c(inference: str) -> None:
    command = [sys.executable, "-m", "service", "serve", "--port", "0"]
    environ = os.environ | {"JOINTWISE_INFERENCE": inference}
    with subprocess.Popen(
        [*command, "--source", "demo:", "--source", "demo:"], **PIPES, env=environ
    ) as serving:
        assert serving.stdout is not None
        greeting = list(iter(serving.stdout.readline, "  Press Ctrl-C to stop.\n"))
        for _ in range(2):
            serving.send_signal(signal.SIGINT)
            time.sleep(0.02)  # so that the process sees two signals
        _, said = serving.communicate(timeout=30)
    assert said == ""
    sources = [line.split()[1] for line in greeting if line.startswith("  source")]
    assert sources == ["demo:", "demo-2:"]
