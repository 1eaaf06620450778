from __future__ import annotations

import pytest
from typer.testing import CliRunner

from tests.fakes.recognizer import FakeRecognizer


@pytest.fixture
def cli() -> CliRunner:
    return CliRunner()


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.inference.recognizer.Recognizer", lambda *_: FakeRecognizer())
    monkeypatch.setattr("models.gallery.exemplars.load_exemplars", lambda *_: None)
