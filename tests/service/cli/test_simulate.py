from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.__main__ import app
from tests.models.synthesis.falls.motions import write_sets
from tests.service.cli.commands import one_line


def test_without_mujoco_the_extra_is_named(
    cli: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sets(tmp_path)
    monkeypatch.setitem(sys.modules, "mujoco", None)
    done = cli.invoke(app, ["simulate", "falls", "--data", str(tmp_path), "--clips", "1"])
    assert done.exit_code == 2
    one_line(done.stderr, "pip install 'jointwise[simulate]'")
    assert not (tmp_path / "simulated_falls.npz").exists()


def test_missing_clip_sets_are_named(cli: CliRunner, tmp_path: Path) -> None:
    done = cli.invoke(app, ["simulate", "falls", "--data", str(tmp_path)])
    assert done.exit_code == 2
    one_line(done.stderr, "cmu_mocap_parts.npz")


@pytest.mark.slow
def test_falls_are_written_into_the_data_folder(cli: CliRunner, tmp_path: Path) -> None:
    pytest.importorskip("mujoco", reason="needs the simulate extra")
    write_sets(tmp_path)
    done = cli.invoke(app, ["simulate", "falls", "--data", str(tmp_path), "--clips", "2"])
    assert done.exit_code == 0, done.output
    assert "1 falls and 1 everyday motions of" in done.stdout
    assert (tmp_path / "simulated_falls.npz").exists()
