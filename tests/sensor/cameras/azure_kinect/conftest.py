from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.k4abt.k4a_mkv import k4a_mkv
from tests.fakes.k4abt.recordings import TIMES


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "made.mkv"
    path.write_bytes(k4a_mkv(TIMES, without_depth=[3]))
    return path
