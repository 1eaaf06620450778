"""Helpers for tests of commands."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PIPES: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": ROOT, "text": True}


def one_line(text: str, named: str) -> None:
    """Check that a text is one line that contains `named`."""
    assert named in text and text.count("\n") == 1
