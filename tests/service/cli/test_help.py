from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from service.__main__ import app
from service.version import version
from tests.service.cli.commands import ROOT


@pytest.mark.parametrize("command", ["", "serve", "watch", "classify", "record", "atlas"])
def test_every_command_has_help(cli: CliRunner, command: str) -> None:
    shown = cli.invoke(app, [*command.split(), "--help"])
    assert shown.exit_code == 0 and "Usage" in shown.output


def test_the_version_is_shown(cli: CliRunner) -> None:
    shown = cli.invoke(app, ["--version"])
    assert (shown.exit_code, shown.output) == (0, f"jointwise {version()}\n")


def imported(code: str) -> set[str]:
    listed = f"{code}\nimport sys; print(*sorted(m.split('.')[0] for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", listed], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_serving_never_imports_torch() -> None:
    found = imported(
        "import service.api.app, service.api.server, models.live.offline\n"
        "import service.cli.watch_view, service.clips.uploads\n"
        "import service.cli.serve, service.cli.watch, service.cli.classify\n"
        "import models.inference.recognizer, models.inference.stepper\n"
        "import models.gallery.exemplars, models.gallery.demo_source\n"
        "import models.atlas.making, service.atlas.cache"
    )
    assert "onnxruntime" not in found
    assert not {"torch", "onnx", "onnxscript", "matplotlib"} & found


def test_help_imports_neither_model_nor_server() -> None:
    found = imported("import service.__main__")
    assert not {"torch", "onnxruntime", "fastapi", "uvicorn", "numpy"} & found
