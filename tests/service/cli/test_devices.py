from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from sensor.cameras import FINDERS
from service.__main__ import app


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensor.cameras.discovery.FINDERS", {"faulty": "tests.fakes.faulty:find"})


@pytest.mark.usefixtures("fakes")
def test_devices_lists_ready_and_missing_cameras() -> None:
    shown = CliRunner().invoke(app, ["devices"])
    assert shown.exit_code == 0
    for words in (
        "faulty: Faulty 1: a camera that ends",
        "jointwise serve --source faulty:ends",
        "its SDK is missing",
        "pip install 'jointwise[faulty]'",
        "replay:FILE",
    ):
        assert words in shown.stdout


@pytest.mark.usefixtures("fakes")
def test_devices_as_json() -> None:
    shown = CliRunner().invoke(app, ["devices", "--json"])
    ready, missing = json.loads(shown.stdout)
    assert ready["uri"] == "faulty:ends" and ready["ready"]
    assert missing["mend"] == "pip install 'jointwise[faulty]'" and not missing["ready"]


def test_no_camera_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensor.cameras.discovery.FINDERS", {})
    shown = CliRunner().invoke(app, ["devices"])
    assert shown.exit_code == 0
    assert "No camera is ready" in shown.stdout


def test_devices_searches_for_every_kind() -> None:
    """Whatever is installed here, every kind gets an answer and none crashes."""
    shown = CliRunner().invoke(app, ["devices", "--json"])
    found = json.loads(shown.stdout)
    assert not [f for f in found if "the search for it" in f["text"]]
    assert len(found) >= len(FINDERS)
    for finding in found:
        assert finding["ready"] or finding["mend"]
