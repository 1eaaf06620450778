"""A service that records a replayed stream."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor.cameras.replay import ReplaySource
from tests.fakes.house import House, running
from tests.fakes.people import recording


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    source = ReplaySource(recording(), loop=True)
    with running(source, recordings=folder, recordings_kept=3, recordings_at_once=2) as house:
        yield house
